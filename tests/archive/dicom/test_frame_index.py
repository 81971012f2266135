"""Frames of native and encapsulated pixel data, of parsed objects: PS3.5 Sections 8.1.1, 8.2 and A.4."""

from array import array
from collections.abc import Callable
from io import BytesIO
from struct import pack
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.uid import MPEG2MPML, JPEG2000Lossless, JPEGBaseline8Bit, JPEGLSLossless, RLELossless

from archive.dicom import frame_index
from archive.dicom.frame_index import EncapsulatedFrames, FrameIndex, NativeFrames, extract_bits
from archive.dicom.reading.part10 import parse
from tests.archive.dicom.raw import SEQUENCE_DELIMITATION, UNDEFINED_LENGTH, element, item, part10_file
from tests.builders import encapsulated, instance, part10

BIG_ENDIAN = "1.2.840.10008.1.2.2"
SOI = b"\xff\xd8\xff\xe0"


def frame_bytes(file: bytes, index: FrameIndex, number: int) -> bytes:
    """The frame as whoever reads an index has to put it together."""
    location = index.locate(number)
    data = b"".join(file[span.start : span.stop] for span in location.ranges)
    if location.swap > 1:
        data = b"".join(data[i : i + location.swap][::-1] for i in range(0, len(data), location.swap))
    return extract_bits(data, location.bit_offset, location.bits)


def frames(file: bytes) -> list[bytes] | None:
    index = parse(BytesIO(file)).frames
    if index is None:
        return None
    kept = frame_index.from_bytes(index.to_bytes())
    assert kept == index
    return [frame_bytes(file, kept, number) for number in range(1, kept.count + 1)]


def pixels(rows: int, columns: int, bits_allocated: int, data: bytes, count: int = 1, **elements: Any) -> bytes:
    return part10(
        instance(
            Rows=rows,
            Columns=columns,
            BitsAllocated=bits_allocated,
            NumberOfFrames=count,
            PixelData=data,
            **elements,
        )
    )


def fragmented(*fragments: bytes, count: int, table: bytes = b"", end: bytes = SEQUENCE_DELIMITATION) -> bytes:
    """A JPEG object of `count` frames in the given fragments."""
    value = item(table) + b"".join(map(item, fragments)) + end
    data_set = element(0x00280008, "IS", f"{count:02}".encode())
    return part10_file(data_set + element(0x7FE00010, "OB", value, length=UNDEFINED_LENGTH), JPEGBaseline8Bit)


def test_native_frames_follow_each_other() -> None:
    data = bytes(range(96))
    assert frames(pixels(4, 4, 16, data, count=3)) == [data[:32], data[32:64], data[64:]]


@pytest.mark.parametrize("tag", [0x7FE00008, 0x7FE00009])
def test_WADO_52_float_pixel_data_have_frames(tag: int) -> None:
    size = 4 if tag == 0x7FE00008 else 8
    data = bytes(range(2 * 4 * size))
    keyword = "FloatPixelData" if size == 4 else "DoubleFloatPixelData"
    dataset = instance(Rows=2, Columns=2, NumberOfFrames=2, PixelData=None, **{keyword: data})
    assert frames(part10(dataset)) == [data[: 4 * size], data[4 * size :]]


@pytest.mark.parametrize("count", [None, 0, -3])
def test_a_number_of_frames_that_is_no_use_is_one(count: int | None) -> None:
    assert frames(part10(instance(NumberOfFrames=count))) == [pack("<64H", *range(64))]


def test_a_number_of_frames_that_is_no_number_is_one() -> None:
    data_set = (
        element(0x00280008, "IS", b"ab")
        + element(0x00280010, "US", b"\1\0")
        + element(0x00280011, "US", b"\2\0")
        + element(0x00280100, "US", b"\x08\0")
        + element(0x7FE00010, "OB", b"xy")
    )
    assert frames(part10_file(data_set)) == [b"xy"]


@pytest.mark.parametrize(
    ("photometric_interpretation", "length"),
    [("RGB", 48), ("YBR_FULL", 48), ("YBR_FULL_422", 32), ("YBR_PARTIAL_422", 32), ("YBR_PARTIAL_420", 24)],
)
def test_subsampled_colors_have_fewer_samples(photometric_interpretation: str, length: int) -> None:
    data = bytes(range(2 * length))
    elements: dict[str, Any] = {"SamplesPerPixel": 3, "PhotometricInterpretation": photometric_interpretation}
    assert frames(pixels(4, 4, 8, data, count=2, **elements)) == [data[:length], data[length:]]


def test_colors_that_are_subsampled_in_name_alone_are_whole() -> None:
    data = bytes(range(48))
    elements: dict[str, Any] = {"SamplesPerPixel": 3, "PhotometricInterpretation": "YBR_FULL_422"}
    assert frames(pixels(4, 4, 8, data, **elements)) == [data]


def test_WADO_53_single_bit_frames_need_not_begin_at_a_byte() -> None:
    masks = [int("1010101010101010101010101", 2), int("0000000000111111111111111", 2), 1 << 24]
    value = sum(mask << 25 * number for number, mask in enumerate(masks)).to_bytes(10, "little")
    assert frames(pixels(5, 5, 1, value, count=3)) == [mask.to_bytes(4, "little") for mask in masks]


@given(
    bits=st.integers(1, 40),
    count=st.integers(1, 9),
    swap=st.sampled_from([1, 2, 4, 8]),
    start=st.integers(0, 50),
    noise=st.randoms(use_true_random=False),
)
def test_native_frames_put_together_are_the_value(bits: int, count: int, swap: int, start: int, noise: Any) -> None:
    length = -(-bits * count // (8 * swap)) * swap
    value = noise.randbytes(length)
    stored = b"".join(value[i : i + swap][::-1] for i in range(0, length, swap))
    index = NativeFrames(start, bits, count, swap)
    joined = 0
    for number in range(1, count + 1):
        frame = frame_bytes(bytes(start) + stored, index, number)
        joined |= int.from_bytes(frame, "little") << bits * (number - 1)
        assert len(frame) == -(-bits // 8)
    assert joined == int.from_bytes(value, "little") & ((1 << bits * count) - 1)


@given(st.binary(min_size=1, max_size=20), st.data())
def test_extracted_bits_are_those_bits(data: bytes, draw: st.DataObject) -> None:
    offset = draw.draw(st.integers(0, 8 * len(data) - 1))
    bits = draw.draw(st.integers(1, 8 * len(data) - offset))
    written = "".join(f"{byte:08b}"[::-1] for byte in data)[offset : offset + bits]
    extracted = "".join(f"{byte:08b}"[::-1] for byte in extract_bits(data, offset, bits))
    assert extracted.rstrip("0") == written.rstrip("0")
    assert len(extracted) == -(-bits // 8) * 8


@pytest.mark.parametrize(("bits_allocated", "unit", "vr"), [(16, 2, "OW"), (32, 4, "OW"), (8, 2, "OW"), (8, 1, "OB")])
def test_MT_04_big_endian_frames_are_swapped(bits_allocated: int, unit: int, vr: str) -> None:
    little = bytes(range(2 * 15 * bits_allocated // 8))
    stored = b"".join(little[i : i + unit][::-1] for i in range(0, len(little), unit))
    dataset = instance(Rows=3, Columns=5, BitsAllocated=bits_allocated, NumberOfFrames=2, PixelData=stored)
    dataset["PixelData"].VR = vr
    half = len(little) // 2
    assert frames(part10(dataset, BIG_ENDIAN)) == [little[:half], little[half:]]


def test_frames_that_are_not_all_there_are_not_counted() -> None:
    file = pixels(4, 4, 16, bytes(range(96)), count=3)
    assert frames(file[:-1]) == [bytes(range(32)), bytes(range(32, 64))]
    assert frames(file[:-65]) is None


def test_pixels_of_no_size_have_no_frames() -> None:
    assert frames(pixels(0, 4, 16, bytes(32))) is None
    assert frames(part10(instance(PixelData=None))) is None


@pytest.mark.parametrize("offset_table", ["basic", "extended", "none"])
def test_fragments_as_many_as_frames_are_the_frames(offset_table: str) -> None:
    images = [SOI + bytes([n]) * 2 * n for n in range(1, 6)]
    assert frames(part10(encapsulated(images, offset_table=offset_table), JPEGBaseline8Bit)) == images


def test_WADO_51_the_basic_offset_table_tells_frames_of_several_fragments() -> None:
    images = [bytes([n]) * 12 for n in range(1, 5)]
    dataset = encapsulated(images, fragments_per_frame=3, offset_table="basic")
    assert frames(part10(dataset, RLELossless)) == images


@pytest.mark.parametrize("transfer_syntax", [JPEGBaseline8Bit, JPEGLSLossless, JPEG2000Lossless])
@pytest.mark.parametrize("start", [SOI, b"\xff\x4f\xff\x51", b"\x00\x00\x00\x0cjP  "])
def test_WADO_51_codestreams_tell_frames_without_a_table(transfer_syntax: str, start: bytes) -> None:
    images = [start + bytes([n]) * (20 - len(start)) for n in range(1, 4)]
    dataset = encapsulated(images, fragments_per_frame=2, offset_table="none")
    assert frames(part10(dataset, transfer_syntax)) == images


def test_the_extended_offset_table_tells_frames_of_several_fragments() -> None:
    table = pack("<2Q", 0, 20)
    value = item(b"") + item(b"ab") + item(b"cd") + item(b"ef") + SEQUENCE_DELIMITATION
    data_set = element(0x00280008, "IS", b"2 ") + element(0x7FE00001, "OV", table)
    file = part10_file(data_set + element(0x7FE00010, "OB", value, length=UNDEFINED_LENGTH), RLELossless)
    assert frames(file) == [b"abcd", b"ef"]


def test_a_long_extended_offset_table_is_read_from_the_file() -> None:
    table = pack("<200Q", *(20 * n for n in range(200)))
    value = item(b"") + (item(b"ab") + item(b"cd")) * 200 + SEQUENCE_DELIMITATION
    data_set = element(0x00280008, "IS", b"200 ") + element(0x7FE00001, "OV", table)
    file = part10_file(data_set + element(0x7FE00010, "OB", value, length=UNDEFINED_LENGTH), RLELossless)
    assert frames(file) == [b"abcd"] * 200


@pytest.mark.parametrize("table", [pack("<2L", 0, 21), pack("<2L", 20, 0), pack("<2L", 20, 40), b"\1", pack("<L", 0)])
def test_a_table_that_is_wrong_is_ignored(table: bytes) -> None:
    fragments = [SOI + b"a ", b"b " * 3, SOI + b"c "]
    assert frames(fragmented(*fragments, count=2, table=table)) == [SOI + b"a " + b"b " * 3, SOI + b"c "]


def test_one_frame_is_all_fragments() -> None:
    assert frames(fragmented(b"ab", b"cd", b"ef", count=1)) == [b"abcdef"]


def test_fragments_that_cannot_be_told_apart_have_no_frames_but_are_read() -> None:
    file = fragmented(b"ab", b"cd", b"ef", count=2)
    assert frames(file) is None
    assert "7FE00010" in parse(BytesIO(file)).bulkdata


def test_a_video_is_one_frame_of_all_fragments() -> None:
    file = part10(encapsulated([b"ab", b"cd", b"ef"]), MPEG2MPML)
    index = parse(BytesIO(file)).frames
    assert index is not None
    assert index.video
    assert frames(file) == [b"abcdef"]


def test_fragments_without_an_end_are_read() -> None:
    assert frames(fragmented(b"ab", b"cd", count=2, end=b"")) == [b"ab", b"cd"]


def test_a_frame_that_is_cut_off_is_not_counted() -> None:
    images = [SOI + b"a ", SOI + b"b ", SOI + b"c "]
    table = pack("<3L", 0, 14, 28)
    for file in (fragmented(*images, count=3, end=b""), fragmented(*images, count=3, table=table, end=b"")):
        assert frames(file[:-1]) in (images[:1], images[:2])
    assert frames(fragmented(*images, count=3, table=table, end=b"")[:-1]) == images[:2]


def test_fragments_in_a_native_transfer_syntax_are_no_frames() -> None:
    value = item(b"") + item(b"ab") + SEQUENCE_DELIMITATION
    assert frames(part10_file(element(0x7FE00010, "OB", value, length=UNDEFINED_LENGTH))) is None


def test_a_native_value_in_an_encapsulated_transfer_syntax_is_no_frame() -> None:
    dataset = instance()
    file = part10(dataset).replace(b"1.2.840.10008.1.2.1\0", b"1.2.840.10008.1.2.5\0")
    assert parse(BytesIO(file)).transfer_syntax_uid == RLELossless
    assert frames(file) is None


INDEXES: list[Callable[[], FrameIndex]] = [
    lambda: NativeFrames(2**40, 1, 3, 2),
    lambda: EncapsulatedFrames(array("Q", [2**40, 2**40 + 20, 2**40 + 30])),
    lambda: EncapsulatedFrames(array("Q", [0, 20, 30, 50]), array("Q", [0, 2, 3])),
    lambda: EncapsulatedFrames(array("Q", [0, 20, 30]), array("Q", [0, 2]), video=True),
]


@pytest.mark.parametrize("make", INDEXES)
def test_an_index_outlives_its_bytes(make: Callable[[], FrameIndex]) -> None:
    assert frame_index.from_bytes(make().to_bytes()) == make()


@pytest.mark.parametrize("make", INDEXES)
@pytest.mark.parametrize("beyond", [-1, 0, 4])
def test_a_frame_that_is_not_there_is_an_index_error(make: Callable[[], FrameIndex], beyond: int) -> None:
    index = make()
    with pytest.raises(IndexError):
        index.locate(beyond)
    index.locate(index.count)


def test_bytes_of_another_version_are_refused() -> None:
    with pytest.raises(ValueError, match="version"):
        frame_index.from_bytes(b"\xff" + NativeFrames(0, 8, 1).to_bytes()[1:])


def test_the_form_of_the_bytes_does_not_change() -> None:
    assert NativeFrames(1, 2, 3, 4).to_bytes().hex() == "0100" + "01000000000000000200000000000000030000000000000004"
    encapsulated_frames = EncapsulatedFrames(array("Q", [1, 20]))
    assert encapsulated_frames.to_bytes().hex() == (
        "0101" + "0200000000000000000000000000000000" + "01000000000000001400000000000000"
    )


def test_a_hundred_thousand_frames_take_eight_bytes_each() -> None:
    count = 100_000
    value = item(b"") + item(b"ab") * count + SEQUENCE_DELIMITATION
    data_set = element(0x00280008, "IS", b"100000")
    file = part10_file(data_set + element(0x7FE00010, "OB", value, length=UNDEFINED_LENGTH), RLELossless)
    index = parse(BytesIO(file)).frames
    assert index is not None
    assert index.count == count
    data = index.to_bytes()
    assert len(data) <= 8 * count + 32
    assert frame_bytes(file, frame_index.from_bytes(data), count) == b"ab"
