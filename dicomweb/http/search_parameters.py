"""The query of a search (PS3.18 Section 8.3.4), read before percent-decoding so that `,` and `%2C` can be told apart.

A comma separates the values of a key (QIDO-17, QIDO-19). An encoded one is part of a value, unless the attribute cannot
have commas in its values: there both separate, because clients encode one way or the other.
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import NoReturn

from archive.dicom.matching.attribute_paths import (
    AttributePath,
    MalformedAttribute,
    attribute_path,
    creators_of,
    name_of,
    vr_of,
    with_creators,
)
from archive.dicom.matching.query_strings import MalformedParameters, components, number

_SWITCHES = ("fuzzymatching", "emptyvaluematching", "multiplevaluematching")
#: What PS3.18 has for every resource, and others read.
_COMMON = ("accept", "charset")


@dataclass(frozen=True, slots=True)
class SearchParameters:
    """A query as it was written: which attributes exist and what their values mean, others decide.

    Args:
        matches: the values of each key; none of them is empty, and there is none in universal matching.
        include: the attributes to return besides the usual ones.
        limit: None when the client leaves it to the server.
        unknown: the names of what is neither an attribute nor a parameter of PS3.18.
    """

    matches: dict[AttributePath, tuple[str, ...]] = field(default_factory=dict)
    include: tuple[AttributePath, ...] = ()
    include_all: bool = False
    limit: int | None = None
    offset: int = 0
    fuzzymatching: bool = False
    emptyvaluematching: bool = False
    multiplevaluematching: bool = False
    unknown: tuple[str, ...] = ()


def parse(query_string: str) -> SearchParameters:
    """Read the query of a URL. What to make of parameters that PS3.18 does not know, others decide.

    Raises:
        MalformedParameters: a parameter is malformed or repeated (QIDO-15, QIDO-54, QIDO-73), or there are too many.
    """
    reader = _Reader()
    for name, values in components(query_string):
        reader.read(name, values)
    return reader.parameters()


class _Reader:
    """What the parameters read so far amount to."""

    def __init__(self) -> None:
        self._matches: dict[AttributePath, tuple[str, ...]] = {}
        self._include: list[str] = []
        self._numbers: dict[str, int] = {}
        self._switches: dict[str, bool] = {}
        self._unknown: list[str] = []

    def read(self, name: str, values: tuple[str, ...]) -> None:
        parameter = name.lower()
        if parameter == "includefield":
            self._include += (field for value in values for field in value.split(","))
        elif parameter in {"limit", "offset"}:
            self._read_number(parameter, ",".join(values))
        elif parameter in _SWITCHES:
            self._read_switch(parameter, ",".join(values))
        elif path := _path(name):
            self._read_match(path, values)
        elif parameter not in _COMMON:
            self._unknown.append(name)

    def _read_number(self, name: str, text: str) -> None:
        if name in self._numbers:
            _refuse_repeated(name)
        self._numbers[name] = number(name, text)

    def _read_switch(self, name: str, text: str) -> None:
        if name in self._switches:
            _refuse_repeated(name)
        if text not in {"true", "false"}:
            raise MalformedParameters(f"The {name} parameter is neither true nor false.")
        self._switches[name] = text == "true"

    def _read_match(self, path: AttributePath, values: tuple[str, ...]) -> None:
        if path in self._matches:
            # The 2017 edition lists UIDs by repeating the key.
            if vr_of(path[-1]) != "UI":
                _refuse_repeated(name_of(path))
            values = self._matches[path] + values
        self._matches[path] = values

    def parameters(self) -> SearchParameters:
        include = tuple(dict.fromkeys(self._included()))
        return SearchParameters(
            matches=self._without_creators(include),
            include=include,
            include_all="all" in self._include,
            limit=self._numbers.get("limit"),
            offset=self._numbers.get("offset", 0),
            unknown=tuple(dict.fromkeys(self._unknown)),
            **self._switches,
        )

    def _included(self) -> Iterator[AttributePath]:
        """The fields; a private one of which the query names no creator cannot be known (QIDO-66)."""
        for name in self._include:
            path = None if name == "all" else _path(name)
            if path is not None:
                with suppress(MalformedAttribute):
                    yield with_creators(path, self._matches)
            elif name not in {"all", ""}:
                self._unknown.append(name)

    def _without_creators(self, include: Iterable[AttributePath]) -> dict[AttributePath, tuple[str, ...]]:
        """The keys; a private creator is none, it says whose the private attributes are (QIDO-20)."""
        try:
            matches = {with_creators(path, self._matches): values for path, values in self._matches.items()}
        except MalformedAttribute as error:
            raise MalformedParameters(str(error)) from error
        creators = {creator for path in (*matches, *include) for creator in creators_of(path)}
        return {path: values for path, values in matches.items() if path not in creators}


def _path(name: str) -> AttributePath | None:
    try:
        return attribute_path(name)
    except MalformedAttribute as error:
        raise MalformedParameters(str(error)) from error


def _refuse_repeated(name: str) -> NoReturn:
    raise MalformedParameters(f"The query gives {name} more than once.")
