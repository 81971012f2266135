"""The columns of the list of studies, in their order."""

from collections.abc import Collection
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    Args:
        name: as it is sorted by in `archive.study_list_query`.
        usual: whether it is there for people who have not chosen.
        descending_first: whether the highest comes first when somebody begins to sort by it.
        sortable: whether there is an order for it.
    """

    name: str
    label: str
    usual: bool = True
    descending_first: bool = False
    sortable: bool = True


COLUMNS = (
    Column("steps", "Worklist", sortable=False),
    Column("name", "Patient"),
    Column("id", "Patient ID"),
    Column("born", "Born"),
    Column("sex", "Sex"),
    Column("date", "Study date", descending_first=True),
    Column("modality", "Modalities"),
    Column("description", "Description"),
    Column("body", "Body part", usual=False, sortable=False),
    Column("labels", "Labels", sortable=False),
    Column("accession", "Accession"),
    Column("referrer", "Referrer", usual=False),
    Column("series", "Series", descending_first=True),
    Column("images", "Images", descending_first=True),
    Column("received", "Received", usual=False, descending_first=True),
)

#: Who a study belongs to, and when it was: they are never hidden.
ALWAYS = frozenset({"name", "date"})


def chosen(names: Collection[str]) -> list[Column]:
    """The columns of these names, or the usual ones when there are none."""
    wanted = {*names, *ALWAYS}
    return [column for column in COLUMNS if (column.name in wanted if names else column.usual)]
