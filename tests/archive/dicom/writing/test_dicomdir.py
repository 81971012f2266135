"""The DICOMDIR as pydicom reads it: each record where the others say it is."""

import io
from typing import Any

import pydicom
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.dataset import Dataset, FileDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, MediaStorageDirectoryStorage

from archive.dicom.writing.dicomdir import PRIVATE_RECORD, Record, ReferencedFile, dicomdir

FILE = ReferencedFile(("DICOM", "ST000001", "SE000001", "IM000001"), CTImageStorage, "1.2.3", ExplicitVRLittleEndian)
LEVELS = ("PATIENT", "STUDY", "SERIES", "IMAGE")
#: A tree: of each record at a level, those below it.
trees = st.lists(st.lists(st.lists(st.lists(st.none(), max_size=3), max_size=3), max_size=3), max_size=3)


def record(kind: str, number: int = 0) -> Record:
    file = FILE if kind not in LEVELS[:3] else None
    return Record(kind, {"00200013": {"vr": "IS", "Value": [str(number)]}}, file)


def written(*records: Record) -> FileDataset:
    found = pydicom.dcmread(io.BytesIO(dicomdir(records, file_set_id="TEST")))
    for element in found.iterall():
        assert element is not None
    return found


def flat(branches: list[Any], level: int = 0) -> list[str]:
    return [kind for branch in branches for kind in (LEVELS[level], *(flat(branch, level + 1) if branch else ()))]


def walked(directory: Dataset, offset: int) -> list[Any]:
    """The tree of records from the one at an offset on, by their offsets alone."""
    by_offset = {item.seq_item_tell: item for item in directory.DirectoryRecordSequence}
    branches = []
    while offset:
        found = by_offset[offset]
        below = walked(directory, found.OffsetOfReferencedLowerLevelDirectoryEntity)
        branches.append((found.DirectoryRecordType, int(found.InstanceNumber), below))
        offset = found.OffsetOfTheNextDirectoryRecord
    return branches


def in_order(branches: list[Any], level: int = 0) -> list[tuple[str, int]]:
    found = []
    for kind, number, below in branches:
        assert kind == LEVELS[level]
        found += [(kind, number), *in_order(below, level + 1)]
    return found


@given(trees)
def test_who_follows_the_offsets_meets_every_record_where_it_belongs(tree):
    kinds = flat(tree)
    directory = written(*(record(kind, number) for number, kind in enumerate(kinds)))

    first = directory.OffsetOfTheFirstDirectoryRecordOfTheRootDirectoryEntity
    assert in_order(walked(directory, first)) == [(kind, number) for number, kind in enumerate(kinds)]
    roots = [item.seq_item_tell for item in directory.DirectoryRecordSequence if item.DirectoryRecordType == "PATIENT"]
    assert directory.OffsetOfTheLastDirectoryRecordOfTheRootDirectoryEntity == (roots or [0])[-1]


def test_it_is_a_basic_directory_in_explicit_vr_little_endian():
    directory = written(record("PATIENT"))
    assert directory.file_meta.MediaStorageSOPClassUID == MediaStorageDirectoryStorage
    assert directory.file_meta.TransferSyntaxUID == ExplicitVRLittleEndian
    assert (directory.FileSetID, directory.FileSetConsistencyFlag) == ("TEST", 0)


def test_a_record_says_which_file_it_is_of():
    found = written(*map(record, LEVELS)).DirectoryRecordSequence[-1]
    assert found.RecordInUseFlag == 0xFFFF
    assert list(found.ReferencedFileID) == list(FILE.file_id)
    assert found.ReferencedSOPClassUIDInFile == CTImageStorage
    assert found.ReferencedSOPInstanceUIDInFile == "1.2.3"
    assert found.ReferencedTransferSyntaxUIDInFile == ExplicitVRLittleEndian


@pytest.mark.parametrize("name", ["Doe^Jane", "Müller^Jörg", "Yamada^Tarou=山田^太郎=やまだ^たろう", "Иванов^Иван"])
def test_text_is_utf_8_where_it_is_not_ascii(name):
    groups = dict(zip(("Alphabetic", "Ideographic", "Phonetic"), name.split("="), strict=False))
    found = written(Record("PATIENT", {"00100010": {"vr": "PN", "Value": [groups]}})).DirectoryRecordSequence[0]
    assert found.PatientName == name
    assert found.get("SpecificCharacterSet") == (None if name.isascii() else "ISO_IR 192")


def test_keys_may_be_sequences():
    inner = {"00080104": {"vr": "LO", "Value": ["Of Interest"]}}
    found = written(Record("KEY OBJECT DOC", {"0040A043": {"vr": "SQ", "Value": [inner, {}]}}, FILE))
    title = found.DirectoryRecordSequence[0].ConceptNameCodeSequence
    assert [len(item) for item in title] == [1, 0]
    assert title[0].CodeMeaning == "Of Interest"


def test_private_records_say_so():
    assert written(record("PRIVATE")).DirectoryRecordSequence[0].PrivateRecordUID == PRIVATE_RECORD


def test_the_same_records_give_the_same_bytes_and_others_another_uid():
    same, other = [record("PATIENT", 1)], [record("PATIENT", 2)]
    assert dicomdir(same, file_set_id="TEST") == dicomdir(same, file_set_id="TEST")
    assert written(*same).file_meta.MediaStorageSOPInstanceUID != written(*other).file_meta.MediaStorageSOPInstanceUID
