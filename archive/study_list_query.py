"""What the list of studies shows, as the query of its URL says it: what to find, how to sort it, which page.

People bookmark these URLs and write them by hand: what cannot be read is left out, never refused.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from archive.list_query import ROWS, ListQuery, sorted_by
from archive.url_values import clean, number

#: More are left out.
MOST_MODALITIES = MOST_LABELS = 30
#: Pages beyond so many studies cannot be asked for: who gets there narrows the search.
MOST_LISTED = 10_000

#: What studies can be sorted by.
SORTS = frozenset(
    ["name", "id", "born", "sex", "date", "modality", "description", "accession", "referrer", "series", "images"]
) | {"received"}
NEWEST_FIRST = "-date"

#: What is looked for as it is written.
TEXTS = ("q", "name", "id", "accession", "description", "referrer", "body")
OPEN = "open"

#: Days back from today at which a preset begins and ends.
PRESETS: Mapping[str, tuple[int, int]] = {"today": (0, 0), "yesterday": (1, 1), "7": (6, 0), "30": (29, 0)}

_MODALITY = re.compile(r"[A-Z0-9_ ]{1,16}")


@dataclass(frozen=True, slots=True)
class StudyListQuery(ListQuery):
    """Each field is a parameter of the URL, which leaves out those that are as here.

    Args:
        q: what is looked for in names, Patient IDs and accession numbers.
        name, id, accession, description, referrer, body, born: what is looked for in one column.
        days: a preset; else the study's date is between `since` and `until`.
        modality: studies with a series of any of these.
        label: studies with any of the labels with these primary keys, which stay when a label is renamed.
        steps: `open` for studies that a step of the worklist that is not finished is about.
        sort: a column, with `-` in front for descending.
    """

    q: str = ""
    name: str = ""
    id: str = ""
    accession: str = ""
    description: str = ""
    referrer: str = ""
    body: str = ""
    born: str = ""
    days: str = ""
    since: str = ""
    until: str = ""
    modality: tuple[str, ...] = ()
    label: tuple[int, ...] = ()
    steps: str = ""
    sort: str = NEWEST_FIRST
    rows: int = ROWS[0]
    page: int = 1

    @classmethod
    def read(cls, parameters: Mapping[str, Sequence[str]]) -> "StudyListQuery":
        """From the values of each parameter."""
        found = {name: [clean(value) for value in values] for name, values in parameters.items()}
        first = {name: values[0] for name, values in found.items() if values}
        texts = {name: first.get(name, "") for name in TEXTS}
        days = first.get("days", "")
        days = days if days in PRESETS else ""
        rows = number(first.get("rows", ""))
        rows = rows if rows in ROWS else ROWS[0]
        return cls(
            **texts,
            born=_day(first.get("born", "")),
            days=days,
            since="" if days else _day(first.get("since", "")),
            until="" if days else _day(first.get("until", "")),
            modality=_modalities(found.get("modality", ())),
            label=_labels(found.get("label", ())),
            steps=OPEN if first.get("steps") == OPEN else "",
            sort=sorted_by(first.get("sort", ""), SORTS, NEWEST_FIRST),
            rows=rows,
            page=min(max(number(first.get("page", "")), 1), MOST_LISTED // rows),
        )

    @property
    def narrows(self) -> bool:
        """Whether there are studies that it might leave out."""
        return self.to_query(sort=NEWEST_FIRST, rows=ROWS[0]) != ""

    def period(self, today: date) -> tuple[str, str]:
        """The first and the last Study Date, as DICOM writes dates; empty where that end is open."""
        if self.days:
            first, last = PRESETS[self.days]
            return _dicom(today - timedelta(first)), _dicom(today - timedelta(last))
        return self.since.replace("-", ""), self.until.replace("-", "")


def _day(text: str) -> str:
    """`2024-01-31`, also where that was written as DICOM does; nothing when it is no day."""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return ""


def _modalities(values: Sequence[str]) -> tuple[str, ...]:
    known = sorted({value for value in values if _MODALITY.fullmatch(value)})
    return tuple(known[:MOST_MODALITIES])


def _labels(values: Sequence[str]) -> tuple[int, ...]:
    return tuple(sorted({number(value) for value in values} - {0})[:MOST_LABELS])


def _dicom(day: date) -> str:
    return day.strftime("%Y%m%d")
