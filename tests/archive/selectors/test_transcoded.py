"""Stored instances and frames in other transfer syntaxes, and what is open meanwhile."""

import io
from pathlib import Path

import pydicom
import pytest
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEGLSLossless,
    RLELossless,
)

from archive.dicom.errors import NotTranscodable
from archive.errors import Deleted
from archive.models import Instance
from archive.selectors import locate, transcoded
from archive.selectors.locate import StoredInstance
from archive.storage import BlobMissing, blobs
from tests import builders
from tests.storing import StoredFile, stored

pytestmark = pytest.mark.django_db


def located(file: StoredFile) -> StoredInstance:
    (found,) = locate.instances(file.study, file.series, file.instance)
    return found


@pytest.mark.parametrize(
    "source", [ImplicitVRLittleEndian, ExplicitVRBigEndian, DeflatedExplicitVRLittleEndian, RLELossless]
)
@pytest.mark.parametrize("target", [ExplicitVRLittleEndian, JPEGLSLossless])
def test_an_instance_is_a_file_of_the_transfer_syntax(source, target):
    dataset = builders.compressed(RLELossless) if source == RLELossless else builders.instance()
    file = stored(dataset, transfer_syntax=source)

    result = transcoded.instance(located(file), target)
    content = b"".join(result.read())

    assert result.length == (len(content) if target == ExplicitVRLittleEndian else None)
    given = pydicom.dcmread(io.BytesIO(content))
    assert given.file_meta.TransferSyntaxUID == target
    assert given.file_meta.MediaStorageSOPClassUID == given.SOPClassUID
    assert given.file_meta.MediaStorageSOPInstanceUID == given.SOPInstanceUID == file.instance
    assert given.PatientName == "Doe^Jane"


def test_frames_are_converted_one_by_one():
    file = stored(builders.compressed(RLELossless, 3), transfer_syntax=RLELossless)
    frames = transcoded.frames(locate.frames(located(file)), ExplicitVRLittleEndian)

    assert frames.conversion.length == 128
    assert frames.frame(2) == builders.frame(2)
    whole = frames.all_native()
    assert whole.length == 3 * 128
    assert list(whole.read()) == [builders.frame(number) for number in (1, 2, 3)]


def test_a_frame_that_is_too_large_is_not_even_read(settings):
    file = stored(builders.compressed(RLELossless), transfer_syntax=RLELossless)
    settings.ARCHIVE_MAX_TRANSCODED_FRAME = 127

    with pytest.raises(NotTranscodable):
        transcoded.frames(locate.frames(located(file)), ExplicitVRLittleEndian)
    with pytest.raises(NotTranscodable):
        transcoded.instance(located(file), ExplicitVRLittleEndian)


def test_what_is_gone_is_told_before_anything_is_given():
    file = stored(transfer_syntax=ImplicitVRLittleEndian)
    found = located(file)
    blobs().delete(Instance.objects.get().blob_key)
    with pytest.raises(BlobMissing):
        transcoded.instance(found, ExplicitVRLittleEndian)

    Instance.objects.all().delete()
    with pytest.raises(Deleted):
        transcoded.instance(found, ExplicitVRLittleEndian)


def test_an_instance_that_nobody_reads_to_its_end_leaves_nothing_open(monkeypatch):
    """A deflated one goes through a temporary file when it is large."""
    monkeypatch.setattr("archive.dicom.reading.opened_file._INFLATED_IN_MEMORY", 10)
    file = stored(transfer_syntax=DeflatedExplicitVRLittleEndian)
    found = located(file)
    before = temporary_files()

    opened = [transcoded.instance(found, JPEGLSLossless) for _ in range(5)]
    assert temporary_files() == before + 5
    next(opened[0].read())
    del opened

    assert temporary_files() == before


def temporary_files() -> int:
    """How many files are open that have no name any more."""
    links = [str(descriptor.readlink()) for descriptor in Path("/proc/self/fd").iterdir() if descriptor.is_symlink()]
    return sum(link.endswith("(deleted)") for link in links)


def test_the_indexes_of_many_instances_are_read_in_batches(monkeypatch):
    monkeypatch.setattr(locate, "BATCH", 2)
    study = "1.2.3"
    files = [stored(StudyInstanceUID=study, InstanceNumber=number, PixelData=None) for number in range(3)]
    files += [stored(StudyInstanceUID=study, InstanceNumber=number) for number in range(3, 5)]
    found = locate.instances(study)

    assert {stored.instance for stored, _ in locate.with_indexes(found)} == {file.instance for file in files}
    assert {stored.instance for stored, indexes in locate.with_indexes(found) if indexes.frames} == {
        file.instance for file in files[3:]
    }
    assert locate.with_frames(found) == {
        one.pk for one in found if one.instance in {file.instance for file in files[3:]}
    }
