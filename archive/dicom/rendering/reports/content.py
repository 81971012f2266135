"""The tree of content items: PS3.3 Section C.17.3."""

from collections.abc import Iterator

from archive.dicom.rendering.attributes import Attributes
from archive.dicom.rendering.codes import CONCEPT_NAME_CODE_SEQUENCE, meaning
from archive.dicom.rendering.reports.budget import DEEPEST, Budget
from archive.dicom.rendering.reports.references import Evidence
from archive.dicom.rendering.reports.report import CONTAINER, NOT_SHOWN, Item
from archive.dicom.rendering.reports.tables import table
from archive.dicom.rendering.reports.values import value_of
from archive.dicom.rendering.words import printable, words, written

CONTENT_SEQUENCE = "0040A730"
_RELATIONSHIP_TYPE, _VALUE_TYPE, _CONTINUITY_OF_CONTENT = "0040A010", "0040A040", "0040A050"
_OBSERVATION_DATE_TIME = "0040A032"
_REFERENCED_CONTENT_ITEM_IDENTIFIER = "0040DB73"

#: PS3.3 Table C.17.3-8, as people call them. What a container contains goes without saying.
_RELATIONSHIPS = {
    "": "",
    "CONTAINS": "",
    "HAS OBS CONTEXT": "Observation context",
    "HAS ACQ CONTEXT": "Acquisition context",
    "HAS CONCEPT MOD": "Modifier",
    "HAS PROPERTIES": "Property",
    "INFERRED FROM": "Inferred from",
    "SELECTED FROM": "Selected from",
}


class Content:
    """Reads content items, as long as there is room for them."""

    def __init__(self, evidence: Evidence, budget: Budget) -> None:
        self._evidence, self._budget = evidence, budget

    def root(self, attributes: Attributes) -> Item:
        """The data set itself is the root of its content."""
        return self._item(attributes, "1", 1)

    def _item(self, attributes: Attributes, position: str, depth: int) -> Item:
        text = self._budget.text
        value_type = printable(attributes.text(_VALUE_TYPE))
        references = tuple(self._evidence.references(attributes))
        return Item(
            position=position,
            value_type=value_type,
            relationship=text(_relationship(attributes)),
            name=text(meaning(attributes, CONCEPT_NAME_CODE_SEQUENCE)),
            text="" if value_type == CONTAINER else text(value_of(attributes, value_type)),
            references=references[: self._budget.items(len(references))],
            table=table(attributes, self._budget),
            target=text(".".join(map(written, attributes.values(_REFERENCED_CONTENT_ITEM_IDENTIFIER)))),
            observed=text(words(attributes, _OBSERVATION_DATE_TIME)),
            is_prose=attributes.text(_CONTINUITY_OF_CONTENT) == "CONTINUOUS",
            items=tuple(self._items(attributes, position, depth)),
        )

    def _items(self, attributes: Attributes, position: str, depth: int) -> Iterator[Item]:
        """Those of an item, up to where there is no more room."""
        for number, item in enumerate(attributes.items(CONTENT_SEQUENCE), 1):
            if depth == DEEPEST or not self._budget.items(1):
                self._budget.is_exceeded = True
                yield Item(text=NOT_SHOWN)
                return
            yield self._item(item, f"{position}.{number}", depth + 1)


def _relationship(attributes: Attributes) -> str:
    stated = printable(attributes.text(_RELATIONSHIP_TYPE))
    return _RELATIONSHIPS.get(stated, stated.capitalize())
