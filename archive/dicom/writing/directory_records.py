"""Which record a DICOMDIR has for an instance (PS3.3 Section F.4), and the keys of each type (Section F.5)."""

from collections.abc import Mapping
from functools import cache

from pydicom.datadict import dictionary_VR, keyword_dict

from archive.dicom.dicom_json import DataSet, Element
from archive.dicom.metadata.received_values import READERS, Unfit
from archive.dicom.value_representations import first_value
from archive.dicom.writing.part10_writer import SPECIFIC_CHARACTER_SET

#: PS3.4 Table B.5-1: what the UIDs of storage SOP classes begin with.
_STORAGE = "1.2.840.10008.5.1.4.1.1."

PRIVATE = "PRIVATE"

#: SOP classes below `_STORAGE`; those that are not here, and not in a family, are images.
_TYPES: Mapping[str, str] = {
    "4.2": "SPECTROSCOPY",
    "9.100.1": "PRESENTATION",
    "9.100.2": "PRESENTATION",
    "66": "RAW DATA",
    "66.1": "REGISTRATION",
    "66.2": "FIDUCIAL",
    "66.3": "REGISTRATION",
    "66.5": "SURFACE",
    "66.6": "TRACT",
    "67": "VALUE MAP",
    "68.1": "SURFACE SCAN",
    "68.2": "SURFACE SCAN",
    "77.1.5.3": "STEREOMETRIC",
    "78.6": "SR DOCUMENT",
    "79.1": "SR DOCUMENT",
    "80.1": "MEASUREMENT",
    "88.59": "KEY OBJECT DOC",
    "90.1": "ASSESSMENT",
    "91.1": "ANNOTATION",
    "131": "PRESENTATION",
    "481.1": "IMAGE",
    "481.2": "RT DOSE",
    "481.3": "RT STRUCTURE SET",
    "481.4": "RT TREAT RECORD",
    "481.5": "RT PLAN",
    "481.6": "RT TREAT RECORD",
    "481.7": "RT TREAT RECORD",
    "481.8": "RT PLAN",
    "481.9": "RT TREAT RECORD",
    "481.23": "IMAGE",
    "481.24": "IMAGE",
}
#: Their families, by what their UIDs go on with. PS3.3 Annex F has no type for protocols and inventories.
_FAMILIES: Mapping[str, str] = {
    "9.": "WAVEFORM",
    "11.": "PRESENTATION",
    "78.": "MEASUREMENT",
    "88.": "SR DOCUMENT",
    "104.": "ENCAP DOC",
    "200.": PRIVATE,
    "201.": PRIVATE,
    "481.": "RADIOTHERAPY",
}
#: SOP classes that are defined with the worklist of radiotherapy.
_DELIVERY_INSTRUCTIONS = frozenset({"1.2.840.10008.5.1.4.34.7", "1.2.840.10008.5.1.4.34.10"})
_CONTENT = "InstanceNumber ContentDate ContentTime"
_IDENTIFIED_CONTENT = f"{_CONTENT} ContentLabel ContentDescription ContentCreatorName"

#: PS3.3 Section F.5: the keys of each type, by keyword.
KEYS: Mapping[str, str] = {
    "PATIENT": "PatientName PatientID",
    "STUDY": "StudyDate StudyTime StudyDescription StudyInstanceUID StudyID AccessionNumber",
    "SERIES": "Modality SeriesInstanceUID SeriesNumber",
    "IMAGE": "InstanceNumber",
    "RT DOSE": "InstanceNumber DoseSummationType",
    "RT STRUCTURE SET": "InstanceNumber StructureSetLabel StructureSetDate StructureSetTime",
    "RT PLAN": "InstanceNumber RTPlanLabel RTPlanDate RTPlanTime",
    "RT TREAT RECORD": "InstanceNumber TreatmentDate TreatmentTime",
    "PRESENTATION": "InstanceNumber PresentationCreationDate PresentationCreationTime ContentLabel"
    " ContentDescription ContentCreatorName ReferencedSeriesSequence BlendingSequence",
    "WAVEFORM": _CONTENT,
    "SR DOCUMENT": f"{_CONTENT} CompletionFlag VerificationFlag VerificationDateTime ConceptNameCodeSequence"
    " ContentSequence",
    "KEY OBJECT DOC": f"{_CONTENT} ConceptNameCodeSequence ContentSequence",
    "SPECTROSCOPY": f"{_CONTENT} ImageType NumberOfFrames Rows Columns DataPointRows DataPointColumns"
    " ReferencedImageEvidenceSequence",
    "RAW DATA": _CONTENT,
    "REGISTRATION": _IDENTIFIED_CONTENT,
    "FIDUCIAL": _IDENTIFIED_CONTENT,
    "ENCAP DOC": f"{_CONTENT} DocumentTitle HL7InstanceIdentifier ConceptNameCodeSequence"
    " MIMETypeOfEncapsulatedDocument",
    "VALUE MAP": _IDENTIFIED_CONTENT,
    "STEREOMETRIC": "InstanceNumber",
    "PLAN": "InstanceNumber",
    "MEASUREMENT": _IDENTIFIED_CONTENT,
    "SURFACE": _IDENTIFIED_CONTENT,
    "SURFACE SCAN": _CONTENT,
    "TRACT": _IDENTIFIED_CONTENT,
    "ASSESSMENT": "InstanceNumber InstanceCreationDate InstanceCreationTime",
    "RADIOTHERAPY": "InstanceNumber UserContentLabel UserContentLongLabel ContentDescription ContentCreatorName",
    "ANNOTATION": _IDENTIFIED_CONTENT,
    PRIVATE: "InstanceNumber",
}
#: Keys of type 1C: without a value they are left out. The others are empty then, also where PS3.3 wants a value: a date
#: or a label that nobody has given would be one that somebody believes.
_OPTIONAL = frozenset(
    {"BlendingSequence", "ContentSequence", "HL7InstanceIdentifier", "ReferencedImageEvidenceSequence"}
    | {"ReferencedSeriesSequence", "UserContentLabel", "UserContentLongLabel", "VerificationDateTime"}
)

#: PS3.3 Section F.5.25: of the content of a document, only what modifies its title is a key.
_RELATIONSHIP_TYPE, _CONTENT_SEQUENCE, _MODIFIES_CONCEPT = "0040A010", "0040A730", "HAS CONCEPT MOD"


def record_type(sop_class_uid: str, *, has_pixels: bool) -> str:
    """The type of an instance's record; of SOP classes that are not the standard's, IMAGE or PRIVATE."""
    if sop_class_uid in _DELIVERY_INSTRUCTIONS:
        return "PLAN"
    if not sop_class_uid.startswith(_STORAGE):
        return "IMAGE" if has_pixels else PRIVATE
    rest = sop_class_uid.removeprefix(_STORAGE)
    family, dot, _ = rest.partition(".")
    return _TYPES.get(rest) or _FAMILIES.get(family + dot, "IMAGE")


def keys(record: str, data_set: DataSet) -> DataSet:
    """The keys of a record, out of a data set in the DICOM JSON Model. What cannot be written counts as empty."""
    found = {}
    for tag, vr, optional in _keys(record):
        element = data_set.get(tag, {"vr": vr})
        if tag == _CONTENT_SEQUENCE:
            element = _modifiers(element)
        written = _written(element) if element["vr"] == vr else {"vr": vr}
        if "Value" in written or not optional:
            found[tag] = written
    return found


@cache
def _keys(record: str) -> tuple[tuple[str, str, bool], ...]:
    """Tag, VR, and whether a key is left out when it has no value."""
    return tuple(
        (f"{keyword_dict[keyword]:08X}", dictionary_VR(keyword), keyword in _OPTIONAL)
        for keyword in KEYS[record].split()
    )


def _written(element: Element) -> Element:
    """The same element with values as `value_fields` writes them."""
    vr, values = element["vr"], element.get("Value", [])
    if vr == "SQ":
        items = [{tag: _written(inner) for tag, inner in item.items() if _is_kept(tag, inner)} for item in values]
        return {"vr": vr, "Value": items} if items else {"vr": vr}
    try:
        read = READERS[vr]([str(value) if isinstance(value, int | float) else value for value in values])
    except Unfit:
        read = []
    return {"vr": vr, "Value": read} if any(value is not None for value in read) else {"vr": vr}


def _is_kept(tag: str, element: Element) -> bool:
    """Whether a record keeps what an item has: values, but not their character set, which is the record's."""
    return tag != SPECIFIC_CHARACTER_SET and (element["vr"] in READERS or element["vr"] == "SQ")


def _modifiers(content: Element) -> Element:
    """Content Sequence with the items alone that are keys."""
    items = [item for item in content.get("Value", []) if first_value(item, _RELATIONSHIP_TYPE) == _MODIFIES_CONCEPT]
    return {"vr": content["vr"], "Value": items}
