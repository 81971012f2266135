"""Codes of PS3.16 that people choose from, and codes as items of a data set."""

from dataclasses import dataclass

from archive.dicom.dicom_json import DataSet
from archive.dicom.value_representations import first_value
from workflow.data_sets import element
from workflow.tags import CODE_MEANING, CODE_VALUE, CODING_SCHEME_DESIGNATOR, LONG_CODE_VALUE, URN_CODE_VALUE

#: PS3.5 Section 6.2: the longest SH, and the longest LO.
LONGEST_VALUE, LONGEST_MEANING = 16, 64
#: Codes of this archive: its people and AE titles (PS3.16 Section 8.2: a local scheme begins with 99).
LOCAL = "99ARCHIVE"


@dataclass(frozen=True, slots=True)
class Code:
    """PS3.3 Table 8.8-1."""

    value: str
    scheme: str
    meaning: str

    @classmethod
    def of(cls, item: DataSet) -> "Code":
        values = (first_value(item, tag) for tag in (CODE_VALUE, LONG_CODE_VALUE, URN_CODE_VALUE))
        scheme, meaning = first_value(item, CODING_SCHEME_DESIGNATOR), first_value(item, CODE_MEANING)
        return cls(str(next(filter(None, values), "")), str(scheme or ""), str(meaning or ""))

    def item(self) -> DataSet:
        short = len(self.value) <= LONGEST_VALUE
        return {
            (CODE_VALUE if short else LONG_CODE_VALUE): element("SH" if short else "UC", self.value),
            CODING_SCHEME_DESIGNATOR: element("SH", self.scheme),
            CODE_MEANING: element("LO", self.meaning[:LONGEST_MEANING]),
        }

    def __str__(self) -> str:
        """For people."""
        return self.meaning or self.value


def local(value: str, meaning: str = "") -> Code:
    """A code of this archive."""
    return Code(value, LOCAL, meaning or value)


#: PS3.16 CID 9231, in the order in which people need them.
WORKITEMS = (
    Code("110005", "DCM", "Interpretation"),
    Code("110007", "DCM", "Report Verification"),
    Code("110006", "DCM", "Transcription"),
    Code("128001", "DCM", "Add Addendum to Report"),
    Code("110002", "DCM", "Quality Control"),
    Code("110001", "DCM", "Image Processing"),
    Code("110003", "DCM", "Computer Aided Diagnosis"),
    Code("110004", "DCM", "Computer Aided Detection"),
    Code("110013", "DCM", "Media Import"),
    Code("110008", "DCM", "Print"),
)

#: Of PS3.16 CID 9300 those for which people at a desk stop.
DISCONTINUATION_REASONS = (
    Code("110513", "DCM", "Discontinued for unspecified reason"),
    Code("110514", "DCM", "Incorrect worklist entry selected"),
    Code("110510", "DCM", "Duplicate order"),
    Code("110502", "DCM", "Incorrect procedure ordered"),
    Code("110500", "DCM", "Doctor canceled procedure"),
    Code("110523", "DCM", "Object Set incomplete"),
    Code("110521", "DCM", "Objects incorrectly formatted"),
    Code("110526", "DCM", "Resource pre-empted"),
    Code("110527", "DCM", "Resource inadequate"),
    Code("110501", "DCM", "Equipment failure"),
    Code("110528", "DCM", "Discontinued Procedure Step rescheduled"),
    Code("110533", "DCM", "Workitem expired"),
)
