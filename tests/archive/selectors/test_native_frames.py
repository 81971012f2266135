"""Frames as native pixels: what they are, and that none is decoded twice."""

from collections.abc import Iterator
from typing import Any

import pytest
from pydicom.dataelem import DataElement
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    HTJ2KLossless,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGLSLossless,
    RLELossless,
)

from archive import made
from archive.dicom.errors import MalformedPixelData, NotTranscodable
from archive.dicom.images import codecs
from archive.dicom.pixel_description import PixelDescription
from archive.dicom.writing import transcoding
from archive.errors import Deleted
from archive.isolation.calls import isolated
from archive.models import DerivedBlob, DerivedKind, Instance
from archive.selectors import locate, native_frames, transcoded
from archive.selectors.inflation import Inflation
from archive.selectors.locate import StoredInstance
from archive.selectors.native_frames import NativeFrames
from archive.services import derived
from archive.services.spool import Spool
from archive.storage import BlobMissing, blobs, derived_blobs
from tests import builders
from tests.builders import frame, instance
from tests.storing import StoredFile, stored, stored_file

pytestmark = pytest.mark.django_db

ENCAPSULATED = [RLELossless, JPEGLSLossless, JPEG2000Lossless, HTJ2KLossless]
NATIVE = [ExplicitVRLittleEndian, ImplicitVRLittleEndian, DeflatedExplicitVRLittleEndian]


@pytest.fixture
def worked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the functions that are called in child processes."""
    names: list[str] = []

    def counted(function: Any, *arguments: Any) -> Any:
        names.append(function.__name__)
        return isolated(function, *arguments)

    monkeypatch.setattr(native_frames, "isolated", counted)
    monkeypatch.setattr(transcoded, "isolated", counted)
    return names


@pytest.fixture(autouse=True)
def _nothing_made() -> Iterator[None]:
    made.clear()
    yield
    made.clear()


def located(file: StoredFile) -> StoredInstance:
    return locate.instances(file.study, file.series, file.instance)[0]


def natives(file: StoredFile) -> NativeFrames:
    return native_frames.native_frames(locate.frames(located(file)))


def three_frames(transfer_syntax: str) -> StoredFile:
    if transfer_syntax in ENCAPSULATED:
        return stored(builders.compressed(transfer_syntax, 3), transfer_syntax=transfer_syntax)
    pixels = b"".join(map(frame, (1, 2, 3)))
    if transfer_syntax == ExplicitVRBigEndian:
        pixels = bytes(byte for pair in zip(pixels[1::2], pixels[::2], strict=True) for byte in pair)
    return stored(instance(NumberOfFrames=3, PixelData=pixels), transfer_syntax=transfer_syntax)


@pytest.mark.parametrize("transfer_syntax", [*ENCAPSULATED, *NATIVE, ExplicitVRBigEndian])
def test_frames_are_native_however_they_are_stored(transfer_syntax):
    found = natives(three_frames(transfer_syntax))

    assert found.pixels == builders.PIXELS
    assert [found.frame(number) for number in (3, 1, 2)] == [frame(3), frame(1), frame(2)]


@pytest.mark.parametrize("transfer_syntax", ENCAPSULATED)
def test_a_frame_is_decoded_once(worked, transfer_syntax):
    file = three_frames(transfer_syntax)

    for number in (1, 2, 1, 2):
        assert natives(file).frame(number) == frame(number)
    assert worked == ["decode"] * 2


def test_frames_of_an_object_and_of_its_copy_are_the_same_frames(worked):
    """An object and its frames, asked for in turns."""
    file = three_frames(RLELossless)
    natives(file).frame(2)
    content = b"".join(transcoded.instance(located(file), ExplicitVRLittleEndian).read())
    natives(file).frame(3)

    assert content.endswith(frame(1) + frame(2) + frame(3))
    assert worked == ["decode"] * 3


def test_frames_of_a_large_object_drive_nothing_out_of_memory(worked, monkeypatch):
    monkeypatch.setattr(made, "largest", 2 * len(frame(1)))
    file = three_frames(RLELossless)

    for _ in range(2):
        assert b"".join(transcoded.instance(located(file), ExplicitVRLittleEndian).read()).endswith(frame(3))
    assert worked == ["decode"] * 6
    for _ in range(2):
        assert natives(file).frame(3) == frame(3)
    assert worked == ["decode"] * 7


def test_native_frames_need_no_other_process(worked):
    found = natives(three_frames(ExplicitVRBigEndian))

    assert found.frame(2) == frame(2)
    assert b"".join(transcoded.instance(located(three_frames(ImplicitVRLittleEndian)), ExplicitVRLittleEndian).read())
    assert not worked


def test_a_deflated_object_is_not_inflated_again_for_a_frame_that_was_given(monkeypatch):
    file = three_frames(DeflatedExplicitVRLittleEndian)
    begun: list[None] = []
    begin = Inflation._begin
    monkeypatch.setattr(Inflation, "_begin", lambda self: begun.append(None) or begin(self))

    assert [natives(file).frame(number) for number in (2, 2, 3, 2, 3)] == [frame(n) for n in (2, 2, 3, 2, 3)]
    assert len(begun) == 2


def derive(file: StoredFile, count: int = 3) -> None:
    """Keep native frames as the background work derives them."""
    spool = Spool()
    for number in range(1, count + 1):
        spool.write(frame(number))
    stored = located(file)
    assert derived.keep(stored.pk, stored.sha256, DerivedKind.FRAMES, spool, frame_length=len(frame(1)))


@pytest.mark.parametrize("transfer_syntax", [*ENCAPSULATED, DeflatedExplicitVRLittleEndian])
def test_frames_that_have_been_derived_are_not_decoded(worked, monkeypatch, transfer_syntax):
    file = three_frames(transfer_syntax)
    derive(file)
    monkeypatch.setattr(Inflation, "_begin", None)

    assert [natives(file).frame(number) for number in (3, 1, 2)] == [frame(3), frame(1), frame(2)]
    assert not worked


def test_derived_frames_are_those_of_the_transcoded_object_too(worked):
    file = three_frames(RLELossless)
    derive(file)

    content = b"".join(transcoded.instance(located(file), ExplicitVRLittleEndian).read())
    assert content.endswith(frame(1) + frame(2) + frame(3))
    assert not worked


def test_derived_frames_that_are_lost_are_decoded_again(worked):
    file = three_frames(RLELossless)
    derive(file)
    derived_blobs().delete(DerivedBlob.objects.get().blob_key)

    assert natives(file).frame(2) == frame(2)
    assert worked == ["decode"]


@pytest.mark.parametrize("transfer_syntax", [ExplicitVRLittleEndian, RLELossless])
def test_frames_of_single_bits_begin_with_a_byte(transfer_syntax):
    masks = [0b1010101010101010101010101, 0b1111100000111110000011111, 0b1000000000000000000000001]
    one_bit = {"NumberOfFrames": 3, "Rows": 5, "Columns": 5, "BitsAllocated": 1, "BitsStored": 1, "HighBit": 0}
    if transfer_syntax == RLELossless:
        pixels = PixelDescription(5, 5, 1, "MONOCHROME2", 1, 1, 0, 0)
        frames = [codecs.encode(mask.to_bytes(4, "little"), RLELossless, pixels) for mask in masks]
        del one_bit["NumberOfFrames"]
        file = stored(builders.encapsulated(frames, **one_bit), transfer_syntax=RLELossless)
    else:
        packed = sum(mask << 25 * place for place, mask in enumerate(masks)).to_bytes(10, "little")
        file = stored(instance(**one_bit, PixelData=packed))

    for _ in range(2):
        found = natives(file)
        assert [int.from_bytes(found.frame(number), "little") for number in (1, 2, 3)] == masks


def test_what_frames_are_is_known_without_opening_the_object():
    file = three_frames(JPEGLSLossless)
    blobs().delete(Instance.objects.get().blob_key)

    found = natives(file)

    assert found.pixels == builders.PIXELS
    with pytest.raises(BlobMissing):
        found.frame(1)


@pytest.mark.parametrize(
    "elements",
    [
        pytest.param({"Rows": ("SS", -8)}, id="signed"),
        pytest.param({"Rows": ("UL", 8)}, id="long"),
        pytest.param({"Columns": ("OB", b"\x08\x00")}, id="binary"),
        pytest.param({"BitsStored": ("IS", "12")}, id="text"),
        pytest.param({"Rows": ("US", [8, 9])}, id="two-values"),
        pytest.param({"PhotometricInterpretation": ("LO", "MONOCHROME1")}, id="long-string"),
        pytest.param({"PhotometricInterpretation": ("CS", "M" * 80)}, id="too-long"),
        pytest.param({"PhotometricInterpretation": ("CS", "MONOCHROME1\\RGB")}, id="two-colors"),
        pytest.param({"BitsStored": ("US", None), "HighBit": ("US", None)}, id="empty"),
        pytest.param({"SamplesPerPixel": ("US", 3), "PlanarConfiguration": ("US", 1)}, id="color"),
    ],
)
@pytest.mark.filterwarnings("ignore")
def test_what_odd_data_sets_say_is_what_the_object_says(elements):
    dataset = instance(BitsStored=None, HighBit=None, SamplesPerPixel=None, PhotometricInterpretation=None)
    for keyword, (vr, value) in elements.items():
        dataset.add(DataElement(keyword, vr, value))
    content = builders.part10(dataset)

    assert_described_as_read(content)
    assert_described_as_read(content.replace(b"\x28\x00\x11\x00OB", b"\x28\x00\x11\x00UN"))


def assert_described_as_read(content: bytes) -> None:
    file = located(stored_file(content))
    with native_frames.opened(file) as opened:
        expected = transcoding.pixel_description(opened)
    assert native_frames.conversion(file, ExplicitVRLittleEndian).stored == expected
    Instance.objects.all().delete()


def test_a_damaged_frame_is_the_only_one_that_fails(worked):
    frames = [codecs.encode(frame(number), RLELossless, builders.PIXELS) for number in (1, 2, 3)]
    frames[1] = frames[1][:70]
    file = stored(builders.encapsulated(frames), transfer_syntax=RLELossless)

    for _ in range(2):
        with pytest.raises(MalformedPixelData):
            natives(file).frame(2)
        assert [natives(file).frame(number) for number in (1, 3)] == [frame(1), frame(3)]
    assert worked == ["decode"] * 4


def test_frames_that_are_too_large_are_not_decoded(settings, worked):
    settings.ARCHIVE_MAX_TRANSCODED_FRAME = 127

    with pytest.raises(NotTranscodable):
        natives(three_frames(RLELossless))
    assert not worked


def test_frames_of_an_instance_that_has_been_deleted_are_gone():
    found = locate.frames(located(three_frames(RLELossless)))
    Instance.objects.all().delete()

    with pytest.raises(Deleted):
        native_frames.native_frames(found)
