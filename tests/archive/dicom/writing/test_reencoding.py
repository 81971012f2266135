"""A data set rewritten says what it said before: its DICOM JSON, its bulk values and its frames are the same."""

import re
import warnings
from base64 import b64decode, b64encode
from io import BytesIO
from pathlib import Path
from struct import pack
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom import dcmread
from pydicom.data.data_manager import DATA_ROOT
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEGBaseline8Bit,
)

from archive.dicom.byte_order import byte_swapped
from archive.dicom.dicom_json import SWAPPED_UNIT
from archive.dicom.errors import MalformedDicom, NotDicom
from archive.dicom.frame_index import extract_bits
from archive.dicom.pieces import Piece, Streamed, assembled
from archive.dicom.reading.opened_file import opened
from archive.dicom.reading.part10 import ParsedInstance, parse
from archive.dicom.writing.explicit_elements import explicit_element
from archive.dicom.writing.file_meta import file_meta
from archive.dicom.writing.reencoding import reencode
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
from tests.archive.dicom.test_hostile import SMALL_FILES, small_files
from tests.builders import encapsulated, instance
from tests.builders import part10 as built

FILES = {
    path.name: path for folder in ("test_files", "charset_files") for path in (Path(DATA_ROOT) / folder).glob("*.dcm")
}


def rewritten(file: bytes, replaced: dict[int, list[Piece]] | None = None, **options: Any) -> bytes:
    """The data set of the file, rewritten; its length was known, or there was too much of it."""
    with opened(BytesIO(file)) as found:
        result = assembled(reencode(found, replaced or {}, **options))
        data_set = b"".join(result.read())
    assert result.length in {None, len(data_set)}
    return data_set


def rewritten_file(file: bytes, replaced: dict[int, list[Piece]] | None = None, **options: Any) -> bytes:
    with opened(BytesIO(file)) as found:
        uid = found.syntax.uid if found.syntax.encapsulated else ExplicitVRLittleEndian
    meta = file_meta(sop_class_uid="1.2", sop_instance_uid="1.3", transfer_syntax_uid=uid)
    return meta + rewritten(file, replaced, **options)


def bytes_of(file: bytes, parsed: ParsedInstance) -> dict[Any, bytes]:
    """Every bulk value and every frame, little endian; values of odd length with their padding."""
    if parsed.deflated_from is not None:
        with opened(BytesIO(file)) as found:
            file = found.source.file.read()
    found_bytes: dict[Any, bytes] = {}
    for path, value in parsed.bulkdata.items():
        data = file[value.range.start : value.range.stop]
        data = data if value.swap == 1 else byte_swapped(data, value.swap)
        found_bytes[path] = data + b"\0" * (len(data) % 2)
    for number in range(1, parsed.frames.count + 1 if parsed.frames else 1):
        location = parsed.frames.locate(number)
        data = b"".join(file[span.start : span.stop] for span in location.ranges)
        data = data if location.swap == 1 else byte_swapped(data, location.swap)
        found_bytes[number] = extract_bits(data, location.bit_offset, location.bits)
    return found_bytes


def says(parsed: ParsedInstance) -> Any:
    """The DICOM JSON, in which binary values of odd length have their padding."""

    def padded(match: re.Match[bytes]) -> bytes:
        value = b64decode(match[1])
        return b'"InlineBinary":"' + b64encode(value + b"\0" * (len(value) % 2)) + b'"'

    return orjson.loads(re.sub(rb'"InlineBinary":"([^"]*)"', padded, parsed.dicom_json.replace(b"\x1a", b"")))


def assert_the_same(before: bytes, after: bytes) -> None:
    old, new = parse(BytesIO(before)), parse(BytesIO(after))
    assert says(new) == says(old)
    assert bytes_of(after, new) == bytes_of(before, old)


# -- files of others ---------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(FILES))
@pytest.mark.filterwarnings("ignore")
def test_real_files_say_the_same_when_they_are_rewritten(name: str) -> None:
    file = FILES[name].read_bytes()
    try:
        parse(BytesIO(file))
    except (NotDicom, MalformedDicom):
        with pytest.raises((NotDicom, MalformedDicom)):
            rewritten(file)
    else:
        assert_the_same(file, rewritten_file(file))


@pytest.mark.filterwarnings("ignore:Expected explicit VR")
@pytest.mark.parametrize(
    "name", ["MR_small_bigendian.dcm", "MR_small_implicit.dcm", "image_dfl.dcm", "rtplan.dcm", "SC_rgb_jpeg.dcm"]
)
def test_pydicom_reads_what_is_rewritten(name: str) -> None:
    file = FILES[name].read_bytes()

    before, after = dcmread(BytesIO(file)), dcmread(BytesIO(rewritten_file(file)))

    for old in before:
        if old.tag.element == 0:
            continue
        new = after[old.tag]
        if old.VR == "OW" and not before.original_encoding[1]:
            assert new.value == byte_swapped(old.value, 2)
        else:
            assert new.value == old.value, old.tag


# -- the law, over data sets as they may be --------------------------------------------

#: Tag, VR, and length of a value: each VR of PS3.5 Section 7.3 that is byte-swapped, ambiguous ones, texts and private.
LEAVES = [
    (0x00080005, "CS", 10), (0x00080016, "UI", 20), (0x00080018, "UI", 8), (0x00089459, "FL", 4),
    (0x00091002, "UN", 6), (0x00100010, "PN", 12), (0x00189810, "US or SS", 2), (0x00186020, "SL", 4),
    (0x00280009, "AT", 8), (0x00280103, "US", 2), (0x00280106, "US or SS", 2), (0x00283002, "US or SS", 6),
    (0x00283006, "US or OW", 512), (0x00289001, "UL", 4), (0x0040A161, "FD", 16), (0x00660016, "OF", 64),
    (0x00660129, "OL", 8), (0x7FE00001, "OV", 16), (0x00420011, "OB", 2000),
]  # fmt: skip
SEQUENCES = [0x00081140, 0x00101002, 0x00400275, 0x00540016]

leaves = st.sampled_from(LEAVES).flatmap(
    lambda leaf: st.tuples(st.just(leaf), st.binary(min_size=leaf[2], max_size=leaf[2]))
)


def data_sets(children: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    sequences = st.tuples(
        st.sampled_from(SEQUENCES),
        st.lists(st.tuples(children, st.booleans()), max_size=3),
        st.booleans(),
    )
    return st.lists(leaves | sequences, max_size=6, unique_by=tag_of).map(lambda parts: sorted(parts, key=tag_of))


def tag_of(part: Any) -> int:
    return part[0][0] if isinstance(part[0], tuple) else part[0]


trees = st.recursive(data_sets(st.just([])), data_sets, max_leaves=12)


def stated_vr(vr: str) -> str:
    return vr[:2]


def encoded(tree: Any, syntax: str) -> bytes:
    return b"".join(encoded_part(part, syntax) for part in tree)


def encoded_part(part: Any, syntax: str) -> bytes:
    endian = ">" if syntax == ExplicitVRBigEndian else "<"
    if isinstance(part[0], tuple):
        (tag, vr, _), value = part
        if syntax == ImplicitVRLittleEndian:
            return implicit(tag, value)
        vr = stated_vr(vr)
        unit = SWAPPED_UNIT.get(vr, 1) if endian == ">" else 1
        return element(tag, vr, value if unit == 1 else byte_swapped(value, unit), endian=endian)
    tag, items, undefined = part
    content = b"".join(encoded_item(children, open_end, syntax, endian) for children, open_end in items)
    length = UNDEFINED_LENGTH if undefined else None
    content += delimiter(0xFFFEE0DD, endian) if undefined else b""
    if syntax == ImplicitVRLittleEndian:
        return implicit(tag, content, length=length)
    return element(tag, "SQ", content, length=length, endian=endian)


def encoded_item(children: Any, open_end: bool, syntax: str, endian: str) -> bytes:
    content = encoded(children, syntax)
    length = UNDEFINED_LENGTH if open_end else len(content)
    head = pack(endian + "HHL", 0xFFFE, 0xE000, length)
    return head + content + (delimiter(0xFFFEE00D, endian) if open_end else b"")


def delimiter(tag: int, endian: str) -> bytes:
    return pack(endian + "HHL", tag >> 16, tag & 0xFFFF, 0)


@given(trees, st.sampled_from([ExplicitVRLittleEndian, ImplicitVRLittleEndian, ExplicitVRBigEndian]))
def test_any_data_set_says_the_same_when_it_is_rewritten(tree: Any, syntax: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        file = part10_file(encoded(tree, syntax), syntax)
        assert_the_same(file, rewritten_file(file))


@given(trees)
def test_explicit_little_endian_is_copied_byte_for_byte(tree: Any) -> None:
    data_set = encoded(tree, ExplicitVRLittleEndian)

    assert rewritten(part10_file(data_set)) == data_set


@given(trees, trees, st.sampled_from([ExplicitVRLittleEndian, ImplicitVRLittleEndian, ExplicitVRBigEndian]))
def test_replacing_elements_is_replacing_them_in_the_model(tree: Any, others: Any, syntax: str) -> None:
    """Elements of `others` replace those of `tree`, or are added where they belong."""
    file = part10_file(encoded(tree, syntax), syntax)
    replaced = {tag_of(part): [encoded_part(part, ExplicitVRLittleEndian)] for part in others}
    kept = [part for part in tree if tag_of(part) not in replaced]
    expected = sorted([*kept, *others], key=tag_of)

    result = rewritten(file, replaced)

    if syntax == ExplicitVRLittleEndian:
        assert result == encoded(expected, ExplicitVRLittleEndian)
    model = says(parse(BytesIO(part10_file(result))))
    assert list(model) == [f"{tag_of(part):08X}" for part in expected]


@settings(max_examples=200)
@given(
    st.integers(0, len(SMALL_FILES) - 1),
    st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=6),
)
def test_whatever_can_be_read_can_be_rewritten(number: int, flips: list[tuple[float, int]]) -> None:
    """It says the same, but for elements of a VR that there is not: as unknown ones they get that of the dictionary."""
    file = bytearray(small_files()[number])
    for where, value in flips:
        file[132 + int(where * where * (len(file) - 132))] = value
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            before = says(parse(BytesIO(file)))
        except (NotDicom, MalformedDicom):
            return
        after = says(parse(BytesIO(rewritten_file(bytes(file)))))
    assert before.keys() == after.keys()
    assert {before[key]["vr"] for key in before if before[key] != after[key]} <= {"UN", "SQ"}


# -- what is special -----------------------------------------------------------------


def test_group_lengths_and_padding_behind_the_data_set_are_left_out() -> None:
    group_length = element(0x00080000, "UL", b"\1\0\0\0")
    modality = element(0x00080060, "CS", b"CT")

    assert rewritten(part10_file(group_length + modality + bytes(24))) == modality


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param(implicit(0x00100010, b"Doe"), element(0x00100010, "PN", b"Doe "), id="text"),
        pytest.param(implicit(0x00080018, b"1.2"), element(0x00080018, "UI", b"1.2\0"), id="uid"),
        pytest.param(implicit(0x00420011, b"abc"), element(0x00420011, "OB", b"abc\0"), id="bytes"),
    ],
)
def test_values_of_odd_length_are_made_even(value: bytes, expected: bytes) -> None:
    assert rewritten(part10_file(value, ImplicitVRLittleEndian)) == expected


def test_a_value_too_long_for_its_vr_becomes_unknown() -> None:
    """PS3.5 Section 6.2.2"""
    data_set = implicit(0x00281201, bytes(4)) + implicit(0x00283010, item(implicit(0x00283006, bytes(2))))
    long = implicit(0x00400275, item(implicit(0x00321060, b"x" * 70000)))
    file = part10_file(data_set + long, ImplicitVRLittleEndian)

    result = rewritten_file(file)

    assert b"\x32\x00\x60\x10UN\0\0" + pack("<L", 70000) in result
    assert_the_same(file, result)


UNKNOWN = element(0x00400275, "UN", item(implicit(0x00400007, b"ab")) + SEQUENCE_DELIMITATION, length=UNDEFINED_LENGTH)


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ExplicitVRBigEndian])
def test_a_sequence_that_is_unknown_stays_in_its_own_encoding(syntax: str) -> None:
    """PS3.5 Section 6.2.2: implicit VR little endian, in big endian too."""
    head = pack((">" if syntax == ExplicitVRBigEndian else "<") + "HH2sHL", 0x0040, 0x0275, b"UN", 0, UNDEFINED_LENGTH)
    file = part10_file(head + UNKNOWN[12:], syntax)

    assert rewritten(file) == UNKNOWN
    assert_the_same(file, rewritten_file(file))


def test_elements_without_a_vr_among_others_that_have_one_get_theirs() -> None:
    """Some writers change to implicit VR in the middle, or write it under the name of explicit VR."""
    file = part10_file(
        element(0x00080060, "CS", b"MR")
        + implicit(0x00100010, b"Doe^Jane")
        + element(0x00280103, "US", b"\1\0")
        + implicit(0x00280106, b"\xff\xff")
    )

    assert rewritten(file) == (
        element(0x00080060, "CS", b"MR")
        + element(0x00100010, "PN", b"Doe^Jane")
        + element(0x00280103, "US", b"\1\0")
        + element(0x00280106, "SS", b"\xff\xff")
    )


def test_private_elements_keep_their_dictionary() -> None:
    data_set = implicit(0x00290010, b"SIEMENS CSA HEADER") + implicit(0x00291008, b"IMAGE NUM 4 ")

    assert rewritten(part10_file(data_set, ImplicitVRLittleEndian)) == (
        element(0x00290010, "LO", b"SIEMENS CSA HEADER") + element(0x00291008, "CS", b"IMAGE NUM 4 ")
    )


def test_a_private_sequence_that_nobody_knows_is_rewritten_with_its_items() -> None:
    inner = item_of_undefined_length(implicit(0x00280010, b"\2\0")) + SEQUENCE_DELIMITATION
    file = part10_file(implicit(0x00290110, inner, length=UNDEFINED_LENGTH), ImplicitVRLittleEndian)

    assert rewritten(file) == element(
        0x00290110,
        "SQ",
        item(element(0x00280010, "US", b"\2\0"), length=UNDEFINED_LENGTH) + ITEM_DELIMITATION + SEQUENCE_DELIMITATION,
        length=UNDEFINED_LENGTH,
    )


@pytest.mark.parametrize("representation", [0, 1])
@pytest.mark.parametrize("syntax", [ImplicitVRLittleEndian, ExplicitVRBigEndian])
def test_the_vr_of_ambiguous_elements_is_found_before_what_it_depends_on(representation: int, syntax: str) -> None:
    """PS3.5 Section A.1: Smallest Image Pixel Value comes after Pixel Representation, Zero Velocity before it."""
    if syntax == ExplicitVRBigEndian:
        data_set = (
            pack(">HHL", 0x0018, 0x9810, 2) + b"\xff\xfe"  # no VR is stated
            + element(0x00280103, "US", pack(">H", representation), endian=">")
        )  # fmt: skip
    else:
        data_set = implicit(0x00189810, b"\xfe\xff") + implicit(0x00280103, pack("<H", representation))

    assert rewritten(part10_file(data_set, syntax)) == (
        element(0x00189810, "SS" if representation else "US", b"\xfe\xff")
        + element(0x00280103, "US", pack("<H", representation))
    )


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian, ExplicitVRBigEndian])
@pytest.mark.parametrize("missing", [1, 2, 13, 100])
def test_pixel_data_that_were_cut_off_end_where_they_end(syntax: str, missing: int) -> None:
    file = built(instance(Rows=16, NumberOfFrames=1), syntax)[:-missing]

    result = rewritten_file(file)

    assert_the_same(file, result)
    parsed = dcmread(BytesIO(result))
    assert len(parsed.PixelData) == 128 - missing + missing % 2


@pytest.mark.parametrize(("missing", "closed"), [(3, True), (8, True), (9, False), (14, False)])
def test_fragments_that_were_cut_off_stay_so(missing: int, closed: bool) -> None:
    file = built(encapsulated([b"abcd" * 4] * 3), JPEGBaseline8Bit)[:-missing]

    result = rewritten_file(file)

    assert result.endswith(SEQUENCE_DELIMITATION) == closed
    assert_the_same(file, result)


@pytest.mark.parametrize("known", [True, False], ids=["known-end", "unknown-end"])
@pytest.mark.parametrize("cut", [0, 3, 14])
def test_fragments_are_replaced_by_a_value(known: bool, cut: int) -> None:
    file = built(encapsulated([b"abcd" * 4] * 3), JPEGBaseline8Bit)
    file = file[:-cut] if cut else file + element(0xFFFCFFFC, "OB", b"padded")
    span = parse(BytesIO(file)).bulkdata["7FE00010"].range
    value = explicit_element(0x7FE00010, "OW", b"pixels")

    result = rewritten(file, {0x7FE00010: [value]}, fragments=span if known else None)

    assert result.endswith(value if cut else value + element(0xFFFCFFFC, "OB", b"padded"))


def test_what_is_replaced_by_nothing_is_gone() -> None:
    file = built(instance(), ImplicitVRLittleEndian)

    assert "00100010" not in says(parse(BytesIO(rewritten_file(file, {0x00100010: []}))))


def test_a_long_value_is_not_read_before_its_turn() -> None:
    file = built(instance(Rows=1000, Columns=1000, PixelData=bytes(range(250)) * 8000), ExplicitVRBigEndian)

    with opened(BytesIO(file)) as found:
        pieces = list(reencode(found, {}))

    (pixels,) = [piece for piece in pieces if isinstance(piece, Streamed)]
    assert pixels.length == 2_000_000
    assert max(map(len, pixels.read())) < 300_000


def test_deflated_data_sets_are_inflated() -> None:
    dataset = instance()

    assert rewritten(built(dataset, DeflatedExplicitVRLittleEndian)) == rewritten(built(dataset))


def test_pieces_whose_length_is_not_known_have_none_together() -> None:
    assert assembled(iter([b"ab", Streamed(None, lambda: iter([b"c"]))])).length is None
    assert assembled(iter([b"ab", Streamed(1, lambda: iter([b"c"]))])).length == 3
    assert assembled(iter([b"ab"] * 9), budget=10).length is None
    assert b"".join(assembled(iter([b"ab"] * 9), budget=10).read()) == b"ab" * 9
