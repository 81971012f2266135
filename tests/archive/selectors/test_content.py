"""Stored bytes as they are read: little endian, inflated, joined from fragments and cut at bits."""

import resource
import struct
from collections.abc import Iterator
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEGBaseline8Bit,
)

from archive.dicom.byte_ranges import ByteRange
from archive.models import Instance
from archive.selectors import content, locate
from archive.selectors.content import StoredBytesDamaged
from archive.storage import BlobMissing, BlobTruncated, blobs
from tests.builders import encapsulated, instance
from tests.storing import StoredFile, stored

pytestmark = pytest.mark.django_db

NATIVE = [ExplicitVRLittleEndian, ImplicitVRLittleEndian, ExplicitVRBigEndian, DeflatedExplicitVRLittleEndian]


def located(file: StoredFile) -> locate.StoredInstance:
    return locate.instances(file.study, file.series, file.instance)[0]


def frame(file: StoredFile, number: int, byte_range: ByteRange | None = None) -> bytes:
    frames = locate.frames(located(file))
    (location,) = frames.locate([number])
    read = b"".join(content.frame(frames, location, byte_range))
    assert byte_range is not None or len(read) == content.frame_length(location)
    return read


def value(file: StoredFile, path: str, byte_range: ByteRange | None = None) -> bytes:
    return b"".join(content.value(locate.bulk_value(located(file), path), byte_range))


def words(*numbers: int, order: str = "<") -> bytes:
    return struct.pack(f"{order}{len(numbers)}H", *numbers)


def image(order: str = "<", **elements: object) -> Dataset:
    """Three frames of 2x2 16-bit pixels, each frame with numbers of its own."""
    return instance(NumberOfFrames=3, Rows=2, Columns=2, PixelData=words(*range(256, 268), order=order), **elements)


@pytest.mark.parametrize("transfer_syntax", NATIVE)
def test_MT_04_MT_05_native_frames_are_little_endian_and_inflated(transfer_syntax):
    order = ">" if transfer_syntax == ExplicitVRBigEndian else "<"
    file = stored(image(order), transfer_syntax=transfer_syntax)

    assert [frame(file, number) for number in (1, 2, 3)] == [
        words(256, 257, 258, 259),
        words(260, 261, 262, 263),
        words(264, 265, 266, 267),
    ]


@pytest.mark.parametrize("transfer_syntax", NATIVE)
def test_a_range_of_native_pixels_is_that_range_of_the_whole(transfer_syntax):
    order = ">" if transfer_syntax == ExplicitVRBigEndian else "<"
    file = stored(image(order), transfer_syntax=transfer_syntax)
    whole = words(*range(256, 268))

    assert value(file, "7FE00010") == whole
    for start in range(0, 24, 5):
        for stop in range(start, 25, 3):
            assert value(file, "7FE00010", ByteRange(start, stop)) == whole[start:stop]
    for start, stop in ((0, 8), (1, 2), (3, 8), (8, 8)):
        assert frame(file, 2, ByteRange(start, stop)) == whole[8 + start : 8 + stop]


def test_stored_bytes_are_read_as_they_were_received():
    file = stored(image(">"), transfer_syntax=ExplicitVRBigEndian)

    assert b"".join(content.whole(located(file))) == file.content
    assert b"".join(content.whole(located(file), ByteRange(100, 200))) == file.content[100:200]


@pytest.mark.parametrize("bits", [8, 32])
def test_big_endian_pixels_of_other_sizes_keep_their_meaning(bits):
    code = {8: "B", 32: "I"}[bits]
    pixels = struct.pack(f">4{code}", 1, 2, 3, 4)
    dataset = instance(Rows=2, Columns=2, BitsAllocated=bits, BitsStored=bits, HighBit=bits - 1, PixelData=pixels)
    file = stored(dataset, transfer_syntax=ExplicitVRBigEndian)

    assert frame(file, 1) == struct.pack(f"<4{code}", 1, 2, 3, 4)


@pytest.mark.parametrize("vr", ["OW", "OB"])
def test_WADO_53_frames_of_single_bits_begin_at_their_first_bit(vr):
    """P21: three 5x5 masks are 75 bits without a gap; only the first begins at a byte."""
    masks = [0b1010101010101010101010101, 0b1111100000111110000011111, 0b0000000000000000000000001]
    packed = sum(mask << (25 * position) for position, mask in enumerate(masks)).to_bytes(10, "little")
    dataset = instance(NumberOfFrames=3, Rows=5, Columns=5, BitsAllocated=1, BitsStored=1, HighBit=0, PixelData=packed)
    dataset["PixelData"].VR = vr
    file = stored(dataset)

    assert [int.from_bytes(frame(file, number), "little") for number in (1, 2, 3)] == masks
    assert [len(frame(file, number)) for number in (1, 2, 3)] == [4, 4, 4]
    assert frame(file, 2, ByteRange(1, 3)) == frame(file, 2)[1:3]


@pytest.mark.parametrize(
    ("offset_table", "fragments"), [("basic", 1), ("basic", 2), ("none", 1), ("none", 2), ("extended", 1)]
)
def test_WADO_51_a_compressed_frame_is_its_fragments_joined(offset_table, fragments):
    frames = [b"\xff\xd8\xff" + bytes([number]) * 37 for number in range(3)]
    dataset = encapsulated(frames, fragments_per_frame=fragments, offset_table=offset_table)
    file = stored(dataset, transfer_syntax=JPEGBaseline8Bit)

    for number, codestream in enumerate(frames, 1):
        assert frame(file, number).removesuffix(b"\0") == codestream.removesuffix(b"\0")
        assert frame(file, number, ByteRange(2, 6)) == codestream[2:6]


def test_a_frame_of_very_many_fragments_is_read_without_opening_them_all_at_once():
    codestream = b"\xff\xd8\xff" + bytes(4093)
    file = stored(encapsulated([codestream], fragments_per_frame=300), transfer_syntax=JPEGBaseline8Bit)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))
    try:
        assert frame(file, 1) == codestream
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.parametrize(
    ("keyword", "code", "size"),
    [pytest.param("FloatPixelData", "f", 4, id="float"), pytest.param("DoubleFloatPixelData", "d", 8, id="double")],
)
@pytest.mark.parametrize("order", ["<", ">"])
def test_WADO_52_float_pixels_are_frames_too(keyword, code, size, order):
    """P20"""
    numbers = [0.5, -1.0, 2.5, 1e30, 0.0, 1.0, 2.0, 3.0]
    dataset = instance(NumberOfFrames=2, Rows=2, Columns=2, PixelData=None, BitsAllocated=size * 8)
    setattr(dataset, keyword, struct.pack(f"{order}8{code}", *numbers))
    file = stored(dataset, transfer_syntax=ExplicitVRLittleEndian if order == "<" else ExplicitVRBigEndian)

    assert frame(file, 2) == struct.pack(f"<4{code}", *numbers[4:])


def _nested(order: str) -> Dataset:
    item, dataset = Dataset(), instance(PixelData=None)
    item.add_new(0x00281201, "OW", words(*range(1000), order=order))
    block = item.private_block(0x0009, "Vendor", create=True)
    block.add_new(0x01, "OB", bytes(range(256)) * 8)
    dataset.add_new(0x00540016, "SQ", Sequence([Dataset(), item]))
    return dataset


@pytest.mark.parametrize("transfer_syntax", NATIVE)
def test_WADO_64_bulk_values_in_sequences_and_private_ones_are_read(transfer_syntax):
    order = ">" if transfer_syntax == ExplicitVRBigEndian else "<"
    file = stored(_nested(order), transfer_syntax=transfer_syntax)

    assert value(file, "00540016/1/00281201") == words(*range(1000))
    assert value(file, "00540016/1/00281201", ByteRange(1, 1999)) == words(*range(1000))[1:1999]
    assert value(file, "00540016/1/00091001") == bytes(range(256)) * 8


# -- what goes wrong -------------------------------------------------------------


def test_bytes_that_are_gone_are_noticed_before_the_first_one_is_given():
    file = stored(image())
    found, frames = located(file), locate.frames(located(file))
    blobs().delete(Instance.objects.get().blob_key)

    with pytest.raises(BlobMissing):
        content.whole(found)
    with pytest.raises(BlobMissing):
        content.value(locate.bulk_value(found, "7FE00010"))
    with pytest.raises(BlobMissing):
        content.frame(frames, frames.locate([1])[0])


def _stored_bytes_replaced(file: StoredFile, damaged: bytes) -> locate.StoredInstance:
    """The instance with other bytes under its key."""
    found = located(file)
    blobs().delete(found.blob_key)
    blobs().put(found.blob_key, BytesIO(damaged), len(damaged))
    return found


def test_bytes_that_are_cut_short_are_an_error_and_no_shorter_answer():
    file = stored(image())
    found = _stored_bytes_replaced(file, file.content[:-10])

    with pytest.raises(BlobTruncated):
        b"".join(content.value(locate.bulk_value(found, "7FE00010")))


def test_a_deflated_object_that_inflates_to_less_is_an_error_and_no_shorter_answer():
    file = stored(image(), transfer_syntax=DeflatedExplicitVRLittleEndian)
    found = located(file)
    start = Instance.objects.get().metadata.deflated_from
    empty = b"\x03\x00"  # a deflate stream of nothing
    damaged = file.content[:start] + empty + bytes(len(file.content) - start - len(empty))
    found = _stored_bytes_replaced(file, damaged)

    with pytest.raises(StoredBytesDamaged):
        b"".join(content.value(locate.bulk_value(found, "7FE00010")))


# -- laws ------------------------------------------------------------------------


def _cut_into(data: bytes, sizes: list[int]) -> Iterator[bytes]:
    for size in sizes:
        yield data[:size]
        data = data[size:]
    yield data


pieces = st.lists(st.integers(0, 9), max_size=8)


@given(st.binary(max_size=60), pieces, st.integers(0, 60), st.integers(0, 60))
def test_a_range_of_pieces_is_the_range_of_the_whole(data, sizes, start, length):
    wanted = ByteRange(min(start, len(data)), min(start + length, len(data)))

    assert b"".join(content._cut(_cut_into(data, sizes), wanted)) == data[wanted.start : wanted.stop]
