"""What the worklist shows, as the query of its URL says it: which steps, how to sort them, which page.

People bookmark these URLs and write them by hand: what cannot be read is left out, never refused.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from archive.list_query import ROWS, ListQuery, sorted_by
from archive.url_values import clean, number
from workflow.states import CANCELED, COMPLETED, IN_PROGRESS, SCHEDULED, STATES

#: The states that a choice stands for. Without one it is what there is to be done.
CHOICES: Mapping[str, tuple[str, ...]] = {
    "": (SCHEDULED, IN_PROGRESS),
    "scheduled": (SCHEDULED,),
    "in-progress": (IN_PROGRESS,),
    "completed": (COMPLETED,),
    "canceled": (CANCELED,),
    "all": STATES,
}
#: PS3.3 Section C.30.2, the highest first.
PRIORITIES = ("HIGH", "MEDIUM", "LOW")
DUE = ("overdue", "today", "7")

SORTS = frozenset({"due", "start", "state", "priority", "label", "patient", "worklist"})
NEXT_FIRST = "due"


@dataclass(frozen=True, slots=True)
class WorklistQuery(ListQuery):
    """Each field is a parameter of the URL, which leaves out those that are as here.

    Args:
        q: what is looked for in names, Patient IDs, accession numbers, and UIDs of steps and studies.
        label, station: what is looked for in the Procedure Step Label, and in the codes of stations.
        worklist: a Worklist Label.
        state: of `CHOICES`.
        due: of `DUE`.
        mine: `yes` for the steps that somebody has claimed themselves.
        sort: a column, with `-` in front for descending.
    """

    q: str = ""
    label: str = ""
    station: str = ""
    worklist: str = ""
    state: str = ""
    priority: tuple[str, ...] = ()
    due: str = ""
    mine: str = ""
    sort: str = NEXT_FIRST
    rows: int = ROWS[0]
    page: int = 1

    @classmethod
    def read(cls, parameters: Mapping[str, Sequence[str]]) -> "WorklistQuery":
        """From the values of each parameter."""
        first = {name: clean(values[0]) for name, values in parameters.items() if values}
        texts = {name: first.get(name, "") for name in ("q", "label", "station", "worklist")}
        priority = tuple(one for one in PRIORITIES if one in parameters.get("priority", ()))
        return cls(
            **texts,
            state=_one_of(CHOICES, first.get("state")),
            priority=priority if len(priority) < len(PRIORITIES) else (),
            due=_one_of(DUE, first.get("due")),
            mine=_one_of(("yes",), first.get("mine")),
            sort=sorted_by(first.get("sort", ""), SORTS, NEXT_FIRST),
            rows=rows if (rows := number(first.get("rows", ""))) in ROWS else ROWS[0],
            page=max(number(first.get("page", "")), 1),
        )

    @property
    def narrows(self) -> bool:
        """Whether there may be open steps that it leaves out."""
        return self.to_query(sort=NEXT_FIRST, rows=ROWS[0], state="") != ""


def _one_of(known: Mapping[str, object] | Sequence[str], text: str | None) -> str:
    return text if text and text in known else ""
