"""PS3.4 Table CC.2.5-3: what is asked of each attribute of a workitem when it is created, updated, finished and found.

The table is `attribute_table.csv`, with the macros written out wherever the table includes them. It is read and checked
once: what is built on it need not doubt it.
"""

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from archive.dicom.matching.attribute_paths import AttributePath, attribute_path, vr_of
from workflow.attribute_conditions import CONDITIONS
from workflow.iod_modules import OTHER_ATTRIBUTES

#: Presence of an attribute in a request that must not have it is an error.
FORBIDDEN = "NA"
#: Nothing is asked of the client; the archive sets the attribute.
BY_ARCHIVE = "-"
#: The attribute of a row that stands for all others of its module.
ANY = "*"


@dataclass(frozen=True, slots=True)
class Usage:
    """What is asked of the client and of the archive: `1C/2` (PS3.4 Section CC.2.5.1.1)."""

    client: str
    archive: str


@dataclass(frozen=True, slots=True)
class Row:
    """An attribute at its place.

    Args:
        path: its tags, from the data set down.
        keywords: the same with keywords and dots.
        final: R, RC, P, X or O (PS3.4 Section CC.2.5.1.1); empty where a macro leaves it open.
        match: U, R, O, or - for no key; empty where the table leaves it open.
        returned: Return Key Type; - for none.
        enumeration: all the values that it may have; empty for any.
        create_rule: EMPTY, SERVER=..., SERVER_DEFAULT, VALUE=...
    """

    path: tuple[str, ...]
    keywords: str
    vr: str
    create: Usage
    set: Usage
    get: Usage
    final: str
    match: str
    returned: str
    vm: str
    module: str
    macro: str
    enumeration: frozenset[str]
    create_rule: str
    set_rule: str
    match_type: str
    condition: str
    edition: str

    @property
    def tag(self) -> str:
        return self.path[-1]


class MalformedTable(Exception):
    """The table does not hold together."""


# -- reading ---------------------------------------------------------------------

Cells = Mapping[str, str]


def read(lines: Iterable[str]) -> tuple[Row, ...]:
    """The rows of the table, those of other attributes among them.

    Raises:
        MalformedTable: an attribute is not that of PS3.6, a code is none, or a row is there twice or in no sequence.
    """
    rows = tuple(_row(cells) for cells in csv.DictReader(lines))
    for path, count in Counter(row.path for row in rows if row.path != (ANY,)).items():
        if count > 1:
            raise MalformedTable(f"{path} is there {count} times.")
    sequences = {row.path for row in rows if row.vr == "SQ"}
    for row in rows:
        if len(row.path) > 1 and row.path[:-1] not in sequences:
            raise MalformedTable(f"{row.keywords} is in no sequence.")
    return rows


def _row(cells: Cells) -> Row:
    _check(cells)
    return Row(
        path=tuple(cells["tag"].split(".")),
        keywords=cells["path"],
        vr=cells["vr"],
        create=_usage(cells["create"]),
        set=_usage(cells["set"]),
        get=_usage(cells["get"]),
        final=cells["final"],
        match=cells["match"],
        returned=cells["return"],
        vm=cells["vm"],
        module=cells["module"],
        macro=cells["macro"],
        enumeration=frozenset(filter(None, cells["enum"].split("|"))),
        create_rule=cells["create_rule"],
        set_rule=cells["set_rule"],
        match_type=cells["match_type"],
        condition=cells["condition"],
        edition=cells["edition"],
    )


def _usage(code: str) -> Usage:
    """SERVER, and LOCK, which is for the update and not for the data set, leave nothing for the client to do."""
    if "/" not in code:
        code = {"SERVER": f"{BY_ARCHIVE}/1", "LOCK": f"{FORBIDDEN}/{FORBIDDEN}"}.get(code, f"{code}/{code}")
    client, _, archive = code.partition("/")
    return Usage(client, archive)


_TYPE = "[123]|[12]C"
_CODES: Mapping[str, re.Pattern[str]] = {
    "create": re.compile(rf"({_TYPE}|-)/({_TYPE})|NA|SERVER"),
    "set": re.compile(rf"({_TYPE}|-)/({_TYPE})|NA|LOCK"),
    "get": re.compile(rf"({_TYPE}|-)/({_TYPE})|NA"),
    "final": re.compile("R|RC|P|X|O|"),
    "match": re.compile("U|R|O|-|"),
    "return": re.compile(f"{_TYPE}|-|"),
    "vm": re.compile("1|1-n|"),
    "create_rule": re.compile("EMPTY|SERVER=.+|SERVER_DEFAULT|VALUE=.+|"),
    "set_rule": re.compile("LOCK|SERVER=now|STATE_TRANSACTION_ONLY|"),
    "match_type": re.compile(r"single|single\|range|sequence|per VR|"),
}


def _check(cells: Cells) -> None:
    path = cells["path"]
    for column, code in _CODES.items():
        if not code.fullmatch(cells[column]):
            raise MalformedTable(f"{path} has a {column} that is none.")
    if cells["condition"] and cells["condition"] not in CONDITIONS:
        raise MalformedTable(f"{path} has a condition that nobody knows.")
    if path == ANY:
        return
    tags = tuple(cells["tag"].split("."))
    if attribute_path(path) != tags:
        raise MalformedTable(f"{path} has another tag in PS3.6.")
    if vr_of(tags[-1]) != cells["vr"]:
        raise MalformedTable(f"{path} has another VR in PS3.6.")


with Path(__file__).with_suffix(".csv").open(encoding="utf-8", newline="") as _file:
    _ROWS = read(_file)

# -- looking up ------------------------------------------------------------------

#: Path -> row.
ROWS: Mapping[tuple[str, ...], Row] = {row.path: row for row in _ROWS if row.path != (ANY,)}


def row(path: AttributePath) -> Row | None:
    """The row of an attribute; of the data set also that of other attributes of its module."""
    return ROWS.get(tuple(map(str, path))) or (OTHERS.get(str(path[0])) if len(path) == 1 else None)


def _by_sequence() -> Mapping[tuple[str, ...], Mapping[str, Row]]:
    found: dict[tuple[str, ...], dict[str, Row]] = {}
    for path, row in ROWS.items():
        found.setdefault(path[:-1], {})[row.tag] = row
    return found


_WITHIN = _by_sequence()


def rows_within(path: tuple[str, ...]) -> Mapping[str, Row]:
    """The attributes of the items of a sequence, by their tags; of the data set for no path."""
    return _WITHIN.get(path, {})


def _others() -> Iterator[tuple[str, Row]]:
    for row in _ROWS:
        if row.path == (ANY,):
            for keyword in OTHER_ATTRIBUTES.get(row.module, ()):
                for tag in attribute_path(keyword) or ():
                    yield str(tag), row


#: Tag -> the row of other attributes that an attribute of the data set falls under.
OTHERS: Mapping[str, Row] = dict(_others())

# -- search ----------------------------------------------------------------------

#: What every result of a search has, even empty (PS3.4 Section CC.2.8.1.3.2), and what it has if the workitem has it.
RETURNED = tuple(sorted(tag for tag, row in rows_within(()).items() if row.returned in {"1", "2"}))
RETURNED_IF_HELD = tuple(sorted(tag for tag, row in rows_within(()).items() if row.returned in {"1C", "2C"}))


def is_key(path: AttributePath) -> bool:
    """Whether a search can be for the attribute: it is a unique, required or optional key of the table."""
    found = row(path)
    return found is not None and found.match in {"U", "R", "O"}
