"""The conditions of PS3.4 Table CC.2.5-3 under which an attribute has to be there, as far as a data set tells.

What only its sender can know - whether there is a performer to name, whether a code is a URN - is not enforced.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from archive.dicom.dicom_json import DataSet
from archive.dicom.value_representations import first_value
from workflow.data_sets import is_valued
from workflow.tags import (
    CATEGORY_CODE_SEQUENCE,
    CODE_VALUE,
    CODING_SCHEME_DESIGNATOR,
    LOCAL_NAMESPACE_ENTITY_ID,
    LONG_CODE_VALUE,
    REFERENCED_SOP_CLASS_UID,
    REFERENCED_SOP_SEQUENCE,
    TYPE_OF_INSTANCES,
    UNIVERSAL_ENTITY_ID,
    URN_CODE_VALUE,
    VALUE_TYPE,
)


@dataclass(frozen=True, slots=True)
class When:
    """It has to be there when this holds of the data set or item that it belongs to, and of what is around that."""

    holds: Callable[[DataSet, DataSet], bool]


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of these attributes has to be there; the first stands for all of them."""

    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unknowable:
    """Nobody but the sender can tell."""


Condition = When | OneOf | Unknowable


def _is(tag: str, value: str) -> Condition:
    return When(lambda item, around: first_value(item, tag) == value)


def _has(*tags: str) -> Condition:
    return When(lambda item, around: any(is_valued(item, tag) for tag in tags))


#: PS3.4 Annex GG, and the protocols of PS3.4 Table B.5-1: classes whose instances belong to no study.
WITHOUT_STUDY = (
    *(f"1.2.840.10008.5.1.4.{arc}." for arc in (38, 39, 43, 44, 45)),
    *(f"1.2.840.10008.5.1.4.1.1.{arc}" for arc in ("200.1", "200.3", "200.7", "201.1")),
)


def _instances_of_studies(item: DataSet, around: DataSet) -> bool:
    """Whether an item of Input or Output Information Sequence is about instances that belong to a series of a study."""
    references = item.get(REFERENCED_SOP_SEQUENCE, {}).get("Value") or [{}]
    classes = [str(first_value(reference, REFERENCED_SOP_CLASS_UID) or "") for reference in references]
    return first_value(item, TYPE_OF_INSTANCES) == "DICOM" and not all(map(_has_no_study, classes))


def _has_no_study(sop_class: str) -> bool:
    return any(sop_class == arc or (arc.endswith(".") and sop_class.startswith(arc)) for arc in WITHOUT_STUDY)


def _is_specified_category(item: DataSet, around: DataSet) -> bool:
    """Whether the sex parameters are those that comment and reference specify: (131232, DCM)."""
    code = first_value(item, CATEGORY_CODE_SEQUENCE) or {}
    return (first_value(code, CODE_VALUE), first_value(code, CODING_SCHEME_DESIGNATOR)) == ("131232", "DCM")


_A_CODE = OneOf((CODE_VALUE, LONG_CODE_VALUE, URN_CODE_VALUE))
_A_DESIGNATOR = OneOf((LOCAL_NAMESPACE_ENTITY_ID, UNIVERSAL_ENTITY_ID))

#: The conditions of the table, by its words.
CONDITIONS: Mapping[str, Condition] = {
    # UPS Code Sequence Macro
    "when code is 16 characters or shorter and not a URN/URL": _A_CODE,
    "when CodeValue absent and code is not a URN/URL": _A_CODE,
    "when CodeValue absent and code is a URN/URL": _A_CODE,
    "when CodeValue or LongCodeValue present": _has(CODE_VALUE, LONG_CODE_VALUE),
    "when the designator alone is ambiguous; never without a designator": Unknowable(),
    # UPS Content Item Macro
    "ValueType=DATETIME": _is(VALUE_TYPE, "DATETIME"),
    "ValueType=DATE": _is(VALUE_TYPE, "DATE"),
    "ValueType=TIME": _is(VALUE_TYPE, "TIME"),
    "ValueType=PNAME": _is(VALUE_TYPE, "PNAME"),
    "ValueType=UIDREF": _is(VALUE_TYPE, "UIDREF"),
    "ValueType=TEXT": _is(VALUE_TYPE, "TEXT"),
    "ValueType=CODE": _is(VALUE_TYPE, "CODE"),
    "ValueType=NUMERIC": _is(VALUE_TYPE, "NUMERIC"),
    # HL7V2 Hierarchic Designator and Issuer of Patient ID Macros
    "when UniversalEntityID absent": _A_DESIGNATOR,
    "when LocalNamespaceEntityID absent": _A_DESIGNATOR,
    "when UniversalEntityID present with a value": _has(UNIVERSAL_ENTITY_ID),
    # Referenced Instances and Access Macro
    "TypeOfInstances=DICOM and model has a Study IE": When(_instances_of_studies),
    "TypeOfInstances=DICOM and model has a Series IE": When(_instances_of_studies),
    "TypeOfInstances=CDA": When(lambda item, around: first_value(around, TYPE_OF_INSTANCES) == "CDA"),
    "when no other retrieval sequence present": OneOf(("0040E021", "0040E022", "0040E023", "0040E024", "0040E025")),
    "multi-frame reference to some frames only": Unknowable(),
    "segmentation reference to some segments only": Unknowable(),
    # Storage Macro
    "when no other storage sequence present": OneOf(("00404071", "00404072", "00404074")),
    "when the request covers one SOP Class only": Unknowable(),
    # Modules
    "needed when any text uses more than the default repertoire": Unknowable(),  # JSON and XML are UTF-8 in any case
    "create: needed when a human performer is named": Unknowable(),
    "create: needed when output composites with a Study IE are expected": Unknowable(),
    "create: needed when the subject must be identified or outputs identify the subject": Unknowable(),
    "needed when this UPS replaces another step": Unknowable(),
    "when the category code is (131232, DCM)": When(_is_specified_category),
    # of Final State Requirements, and of Return Keys
    "final: needed when known": Unknowable(),
    "final: needed when known; returned when set": Unknowable(),
    "returned when set": Unknowable(),
    "returned when held": Unknowable(),
}
