"""The directory of instances that are put on media: records out of rows, and out of metadata where rows do not do."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import orjson
from django.db.models import Model

from archive.dicom import dicom_json
from archive.dicom.dicom_json import DataSet
from archive.dicom.value_representations import first_value
from archive.dicom.writing.dicomdir import Record, ReferencedFile
from archive.dicom.writing.directory_records import keys, record_type
from archive.errors import Deleted
from archive.models import Series, Study
from archive.queryable import QUERYABLE, Level
from archive.selectors.metadata import BATCH, stored_json
from archive.selectors.results import element

PATIENT_ID, STUDY_ID, MODALITY = "00100020", "00200010", "00080060"
SERIES_NUMBER, INSTANCE_NUMBER = "00200011", "00200013"
OTHER_MODALITY = "OT"

#: Types whose keys are all columns of an instance.
_FROM_ROWS = frozenset({"IMAGE", "STEREOMETRIC", "PLAN", "PRIVATE"})


@dataclass(slots=True)
class Entry:
    """An instance on media.

    Args:
        numbers: of its study, of its series in that, and of itself in that.
    """

    study: str
    patient_pk: int
    study_pk: int
    series_pk: int
    pk: int
    sop_instance_uid: str
    sop_class_uid: str
    transfer_syntax_uid: str
    instance_number: int | None
    has_pixels: bool
    blob_key: str
    size: int
    sha256: str
    crc32: int | None
    numbers: tuple[int, int, int] = (0, 0, 0)

    @property
    def file_id(self) -> tuple[str, ...]:
        """PS3.10 Section 8.2: it says nothing of the patient."""
        named = zip(("ST", "SE", "IM"), self.numbers, strict=True)
        return ("DICOM", *(f"{kind}{number:06}"[-8:] for kind, number in named))


def records(entries: Sequence[Entry], studies: Mapping[int, Study], series: Mapping[int, Series]) -> Iterator[Record]:
    """Patients, studies and series before what belongs to them; the entries are in such an order.

    What the objects leave out, and PS3.3 Section F.5 wants to tell records apart: a patient without Patient ID has that
    of nobody else, the UID of the study; studies, series and instances have the numbers of their folders and files.

    Raises:
        Deleted: an instance has been deleted since it was found.
    """
    patient = study = own_series = None
    for entry, data_set in _with_keys(entries):
        row = studies[entry.study_pk]
        if entry.patient_pk != patient:
            patient = entry.patient_pk
            yield _record("PATIENT", _columns(row.patient, Level.PATIENT), {PATIENT_ID: entry.study})
        if entry.study_pk != study:
            study = entry.study_pk
            yield _record("STUDY", _columns(row, Level.STUDY), {STUDY_ID: f"{entry.numbers[0]}"})
        if entry.series_pk != own_series:
            own_series = entry.series_pk
            otherwise = {SERIES_NUMBER: f"{entry.numbers[1]}", MODALITY: OTHER_MODALITY}
            yield _record("SERIES", _columns(series[own_series], Level.SERIES), otherwise)
        yield _instance(entry, data_set)


def _with_keys(entries: Sequence[Entry]) -> Iterator[tuple[Entry, DataSet]]:
    """Each entry with the data set that its keys are in."""
    for start in range(0, len(entries), BATCH):
        batch = entries[start : start + BATCH]
        wanted = [entry.pk for entry in batch if _type(entry) not in _FROM_ROWS]
        documents = stored_json(wanted) if wanted else {}
        for entry in batch:
            if _type(entry) in _FROM_ROWS:
                number = entry.instance_number
                yield entry, {} if number is None else {INSTANCE_NUMBER: element("IS", number)}
            elif entry.pk in documents:
                yield entry, orjson.loads(dicom_json.resolve(documents[entry.pk], ""))
            else:
                raise Deleted(entry.study, instance=entry.sop_instance_uid)


def _type(entry: Entry) -> str:
    return record_type(entry.sop_class_uid, has_pixels=entry.has_pixels)


def _columns(row: Model, level: Level) -> DataSet:
    """What a row has of the attributes of its level, as a data set."""
    copied = [attribute for attribute in QUERYABLE if attribute.level == level and attribute.column]
    values = {attribute: getattr(row, attribute.column) for attribute in copied}
    return {
        attribute.tag: element(attribute.vr, value) for attribute, value in values.items() if value not in {"", None}
    }


def _instance(entry: Entry, data_set: DataSet) -> Record:
    file = ReferencedFile(entry.file_id, entry.sop_class_uid, entry.sop_instance_uid, entry.transfer_syntax_uid)
    return _record(_type(entry), data_set, {INSTANCE_NUMBER: f"{entry.numbers[2]}"}, file)


def _record(kind: str, data_set: DataSet, otherwise: Mapping[str, str], file: ReferencedFile | None = None) -> Record:
    """A record, with what some of its keys are when the data set leaves them out."""
    found = keys(kind, data_set)
    for tag, text in otherwise.items():
        if tag in found and first_value(found, tag) is None:
            found[tag] = {"vr": found[tag]["vr"], "Value": [text]}
    return Record(kind, found, file)
