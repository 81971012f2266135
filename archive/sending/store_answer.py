"""What a destination says became of each instance: the Store Instances Response Module (PS3.18 Table I.1-1).

It was written by others: whatever is not as it should be counts as not said.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

FAILED_SOP_SEQUENCE, REFERENCED_SOP_SEQUENCE = "00081198", "00081199"
REFERENCED_SOP_INSTANCE_UID, FAILURE_REASON = "00081155", "00081197"


@dataclass(frozen=True, slots=True)
class StoreAnswer:
    """By SOP Instance UID what was stored, and what was not, with the reason's code where one is given."""

    stored: frozenset[str] = frozenset()
    failed: Mapping[str, int | None] = field(default_factory=dict)


def read(body: bytes) -> StoreAnswer:
    """What a body in the DICOM JSON Model says; nothing, when it is none."""
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        return StoreAnswer()
    data_set = document[0] if isinstance(document, list) and document else document
    stored = (_value(item, REFERENCED_SOP_INSTANCE_UID) for item in _values(data_set, REFERENCED_SOP_SEQUENCE))
    failed = {
        uid: code if isinstance(code := _value(item, FAILURE_REASON), int) else None
        for item in _values(data_set, FAILED_SOP_SEQUENCE)
        if isinstance(uid := _value(item, REFERENCED_SOP_INSTANCE_UID), str)
    }
    return StoreAnswer(frozenset(uid for uid in stored if isinstance(uid, str)) - failed.keys(), failed)


def _value(item: Any, tag: str) -> Any:
    return next(iter(_values(item, tag)), None)


def _values(data_set: Any, tag: str) -> list[Any]:
    element = data_set.get(tag) if isinstance(data_set, dict) else None
    values = element.get("Value") if isinstance(element, dict) else None
    return values if isinstance(values, list) else []
