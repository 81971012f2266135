"""The document, by drf-spectacular, which walks the URL table; what it finds there is described by `operations`."""

from collections.abc import Sequence
from functools import cache
from typing import Any

import orjson
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema

from dicomweb.openapi.operations import COMPONENTS, operation

#: Path, path as a pattern, method and view.
Endpoint = tuple[str, str, str, Any]


class TableSchema(AutoSchema):
    """Serializers would say what is taken and given; here the table of transactions does."""

    def get_operation(
        self, path: str, path_regex: str, path_prefix: str, method: str, registry: Any
    ) -> dict[str, Any] | None:
        view: Any = self.view
        return operation(method, view.route, view.modules[method])


def one_spelling(endpoints: Sequence[Endpoint]) -> list[Endpoint]:
    """Paths that end with a slash are the same without it."""
    return [endpoint for endpoint in endpoints if not endpoint[0].endswith("/")]


@cache
def document(prefix: str) -> bytes:
    """The document, in JSON.

    Args:
        prefix: the path that a proxy puts before those of the archive, with a slash at its end.
    """
    generator: Any = SchemaGenerator
    described = generator().get_schema(public=True)
    described |= {
        "servers": [{"url": prefix.rstrip("/") or "/"}],
        "security": [{name: []} for name in COMPONENTS["securitySchemes"]],
        "components": COMPONENTS,
    }
    return orjson.dumps(described)
