"""Whatever the bytes, the parser gives a parsed instance or one of its two errors, in bounded time and memory."""

import tracemalloc
import warnings
from functools import cache
from io import BytesIO
from pathlib import Path

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom.data.data_manager import DATA_ROOT
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEGBaseline8Bit,
)

from archive.dicom.errors import MalformedDicom, NotDicom
from archive.dicom.reading.data_set import DEEPEST_NESTING, MOST_BULK_VALUES, MOST_ELEMENTS
from archive.dicom.reading.part10 import ParsedInstance, parse
from tests.archive.dicom.raw import (
    ITEM_DELIMITATION,
    SEQUENCE_DELIMITATION,
    UNDEFINED_LENGTH,
    element,
    implicit,
    item,
    item_of_undefined_length,
    part10_file,
)
from tests.builders import encapsulated, instance, part10

SMALL_FILES = sorted(
    path
    for folder in ("test_files", "charset_files")
    for path in (Path(DATA_ROOT) / folder).glob("*.dcm")
    if path.stat().st_size < 12_000
)


def attempt(data: bytes) -> ParsedInstance | None:
    """Parse, and look at all that came of it; any error that is not the parser's own comes through."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            result = parse(BytesIO(data), max_inflated=1 << 20)
        except (NotDicom, MalformedDicom):
            return None
    orjson.loads(result.dicom_json.replace(b"\x1a", b""))
    if result.deflated_from is None:
        assert all(value.range.stop <= len(data) for value in result.bulkdata.values())
        if result.frames is not None:
            for number in (1, result.frames.count):
                assert all(span.stop <= len(data) for span in result.frames.locate(number).ranges)
    return result


@cache
def small_files() -> tuple[bytes, ...]:
    return tuple(path.read_bytes() for path in SMALL_FILES)


def nested_object(transfer_syntax: str) -> bytes:
    return part10(instance(ReferencedImageSequence=[instance(PixelData=None)], Rows=2, Columns=2), transfer_syntax)


@pytest.mark.parametrize(
    "file",
    [
        pytest.param(nested_object(ImplicitVRLittleEndian), id="implicit"),
        pytest.param(nested_object(ExplicitVRLittleEndian), id="explicit"),
        pytest.param(nested_object(ExplicitVRBigEndian), id="big-endian"),
        pytest.param(nested_object(DeflatedExplicitVRLittleEndian), id="deflated"),
        pytest.param(part10(encapsulated([b"abcd"] * 3), JPEGBaseline8Bit), id="encapsulated"),
    ],
)
def test_a_file_cut_at_any_byte_is_read_or_refused(file: bytes) -> None:
    for length in range(len(file)):
        attempt(file[:length])


def test_a_data_set_is_whole_only_when_cut_between_elements_or_in_pixel_data() -> None:
    elements = [
        element(0x00080060, "CS", b"CT"),
        element(0x00081140, "SQ", item(element(0x00080060, "CS", b"MR"))),
        element(
            0x00081150,
            "SQ",
            item_of_undefined_length(element(0x00080060, "CS", b"MR")) + SEQUENCE_DELIMITATION,
            length=UNDEFINED_LENGTH,
        ),
        element(0x00100020, "LO", b"ID"),
    ]
    data_set = b"".join(elements)
    ends = {sum(map(len, elements[:count])) for count in range(len(elements) + 1)}
    readable = {length for length in range(len(data_set) + 1) if attempt(part10_file(data_set[:length]))}
    assert readable == ends

    pixels = element(0x7FE00010, "OW", b"pixels")
    for length in range(12, len(pixels)):
        assert attempt(part10_file(data_set + pixels[:length]))
    for length in range(1, 12):
        assert not attempt(part10_file(data_set + pixels[:length]))


@settings(max_examples=300, deadline=None)
@given(
    file=st.integers(0, len(SMALL_FILES) - 1),
    flips=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=8),
    kept=st.floats(0.5, 1),
)
def test_bytes_changed_at_random_are_read_or_refused(file: int, flips: list[tuple[float, int]], kept: float) -> None:
    data = bytearray(small_files()[file])
    for where, value in flips:
        # Most of what matters is at the beginning.
        data[132 + int(where * where * (len(data) - 132))] = value
    attempt(bytes(data[: int(len(data) * kept)]))


@settings(max_examples=300, deadline=None)
@given(
    st.binary(max_size=200),
    st.sampled_from([ImplicitVRLittleEndian, ExplicitVRLittleEndian, ExplicitVRBigEndian, JPEGBaseline8Bit, "1.2.3"]),
)
def test_any_bytes_for_a_data_set_are_read_or_refused(data_set: bytes, transfer_syntax: str) -> None:
    attempt(part10_file(data_set, transfer_syntax))


TOKENS = [
    element(0x00080005, "CS", b"ISO 2022 IR 87"),
    element(0x00080060, "CS", b"CT"),
    element(0x00081140, "SQ", length=UNDEFINED_LENGTH),
    element(0x00081140, "SQ", length=40),
    element(0x00091001, "UN", length=UNDEFINED_LENGTH),
    element(0x00091001, "OB", length=UNDEFINED_LENGTH),
    element(0x00091001, "OB", length=0xFFFFFFF0),
    element(0x7FE00010, "OB", length=UNDEFINED_LENGTH),
    element(0x7FE00010, "OW", b"ab"),
    implicit(0x00081140, length=UNDEFINED_LENGTH),
    item(b""),
    item(b"ab"),
    item(b"", length=UNDEFINED_LENGTH),
    item(b"", length=60),
    ITEM_DELIMITATION,
    SEQUENCE_DELIMITATION,
    b"\0",
]


@settings(max_examples=500, deadline=None)
@given(st.lists(st.sampled_from(TOKENS), max_size=12), st.sampled_from([ExplicitVRLittleEndian, JPEGBaseline8Bit]))
def test_any_order_of_headers_is_read_or_refused(tokens: list[bytes], transfer_syntax: str) -> None:
    attempt(part10_file(b"".join(tokens), transfer_syntax))


@pytest.mark.parametrize("length", [0xFFFFFFF0, 0x7FFFFFFF, 0xFFFFFFFE])
@pytest.mark.parametrize("vr", ["OB", "UT", "SQ", "UN"])
@pytest.mark.parametrize("tag", [0x00080005, 0x00091001, 0x00420011, 0x7FE00001, 0x7FE00010])
def test_a_length_beyond_the_file_takes_no_memory(length: int, vr: str, tag: int) -> None:
    file = part10_file(element(tag, vr, b"abcd", length=length))
    tracemalloc.start()
    try:
        result = attempt(file)
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
    finally:
        tracemalloc.stop()
    assert (result is not None) == (tag == 0x7FE00010)


def nest(depth: int, of_undefined_length: bool) -> bytes:
    data_set = element(0x00080060, "CS", b"CT")
    for _ in range(depth):
        if of_undefined_length:
            items = item_of_undefined_length(data_set) + SEQUENCE_DELIMITATION
            data_set = element(0x00081140, "SQ", items, length=UNDEFINED_LENGTH)
        else:
            data_set = element(0x00081140, "SQ", item(data_set))
    return part10_file(data_set)


@pytest.mark.parametrize("of_undefined_length", [False, True])
def test_sequences_nest_only_so_deep(of_undefined_length: bool) -> None:
    assert attempt(nest(DEEPEST_NESTING, of_undefined_length))
    for depth in (DEEPEST_NESTING + 1, 5000):
        with pytest.raises(MalformedDicom, match="deep"):
            parse(BytesIO(nest(depth, of_undefined_length)))


@pytest.mark.parametrize(
    "data_set",
    [
        pytest.param(item(b"ab"), id="an item outside a sequence"),
        pytest.param(SEQUENCE_DELIMITATION, id="the end of no sequence"),
        pytest.param(ITEM_DELIMITATION + element(0x00080060, "CS", b"CT"), id="the end of no item"),
        pytest.param(element(0x00081140, "SQ", element(0x00080060, "CS", b"CT")), id="a sequence without items"),
        pytest.param(element(0x00081140, "SQ", item(b"", length=100)), id="an item longer than its sequence"),
        pytest.param(element(0x00081140, "SQ", item(b"", length=UNDEFINED_LENGTH)), id="an item without end"),
        pytest.param(element(0x00081140, "SQ", item(b""), length=UNDEFINED_LENGTH), id="a sequence without end"),
        pytest.param(
            element(0x00081140, "SQ", item(element(0x00091001, "LO", b"abcd", length=100))),
            id="an element longer than its item",
        ),
        pytest.param(
            element(0x00081140, "SQ", item(element(0x7FE00010, "OW", b"ab", length=100))),
            id="nested pixel data longer than their item",
        ),
        pytest.param(
            element(0x00091001, "OB", item(b"") + item(b"ab"), length=UNDEFINED_LENGTH), id="fragments without end"
        ),
        pytest.param(
            element(0x7FE00010, "OB", item(b"") + element(0x00080060, "CS", b"CT"), length=UNDEFINED_LENGTH),
            id="an element among fragments",
        ),
    ],
)
def test_a_broken_structure_is_malformed(data_set: bytes) -> None:
    with pytest.raises(MalformedDicom):
        parse(BytesIO(part10_file(data_set)))


def test_messages_hold_no_values() -> None:
    data_set = element(0x00100010, "PN", b"Secret^Name ") + element(0x00100020, "LO", b"Secret", length=100)
    with pytest.raises(MalformedDicom) as error:
        parse(BytesIO(part10_file(data_set)))
    assert "Secret" not in str(error.value)
    assert "(0010,0020)" in str(error.value)


def test_memory_stays_near_the_json_of_a_long_functional_groups_sequence() -> None:
    content = b"".join(element(0x00091000 + n, "DS", b"1.5\\2.5\\3.5 ") for n in range(20))
    file = part10_file(element(0x52009230, "SQ", item(content) * 400))
    data = BytesIO(file)
    tracemalloc.start()
    try:
        result = parse(data)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert len(result.dicom_json) > 300_000
    assert peak < (1 << 20) + 4 * len(result.dicom_json)


def test_elements_without_end_are_refused_soon() -> None:
    """A deflated object can bring billions of them in a few megabytes."""
    zeros = bytes(8 * (MOST_ELEMENTS + 1))
    repeated = element(0x00091001, "CS", b"") * (MOST_ELEMENTS + 1)
    for content in (zeros + element(0x00100010, "PN", b"A^B "), repeated):
        with pytest.raises(MalformedDicom, match="others in one data set"):
            parse(BytesIO(part10_file(content)))


def test_an_object_has_only_so_many_bulk_values() -> None:
    """Of twenty bytes each: what JSON cannot say is one."""
    not_a_number = element(0x00189087, "FD", b"\xff" * 8)
    for count, whole in ((MOST_BULK_VALUES, True), (MOST_BULK_VALUES + 1, False)):
        items = item(not_a_number) * count
        assert bool(attempt(part10_file(element(0x00189117, "SQ", items)))) == whole
