from io import BytesIO
from struct import pack
from typing import Any

import orjson
import pytest
from pydicom.uid import EncapsulatedPDFStorage, JPEGBaseline8Bit

from archive.dicom.bulkdata import BulkdataIndex, BulkValue
from archive.dicom.byte_ranges import ByteRange
from archive.dicom.reading.part10 import parse
from tests.archive.dicom.raw import (
    SEQUENCE_DELIMITATION,
    UNDEFINED_LENGTH,
    element,
    item,
    item_of_undefined_length,
    part10_file,
)
from tests.builders import encapsulated, instance, part10

BIG_ENDIAN = "1.2.840.10008.1.2.2"


def bulk_values(file: bytes) -> dict[str, bytes]:
    index = parse(BytesIO(file)).bulkdata
    return {path: file[value.range.start : value.range.stop] for path, value in index.items()}


def references(model: Any) -> list[str]:
    """Every BulkDataURI of a DICOM JSON, without the URL of the instance."""
    if isinstance(model, list):
        return [uri for each in model for uri in references(each)]
    if not isinstance(model, dict):
        return []
    own = [model["BulkDataURI"].removeprefix("URL/bulkdata/")] if "BulkDataURI" in model else []
    return own + [uri for each in model.values() for uri in references(each)]


def nested(of_undefined_length: bool) -> bytes:
    """An object with bulk values at the top, in a private sequence of public items, and two deep."""
    wrap = item_of_undefined_length if of_undefined_length else item

    def sequence(tag: int, *items: bytes) -> bytes:
        content = b"".join(map(wrap, items))
        if of_undefined_length:
            return element(tag, "SQ", content + SEQUENCE_DELIMITATION, length=UNDEFINED_LENGTH)
        return element(tag, "SQ", content)

    inner = sequence(0x00081140, element(0x00091002, "OB", b"B" * 1026))
    return part10_file(
        element(0x00091001, "OB", b"A" * 1026)
        + sequence(0x00291010, element(0x00080060, "CS", b"CT"), inner)
        + sequence(0x00880200, element(0x7FE00010, "OW", b"icon"))
        + element(0x7FE00010, "OW", b"pixels")
    )


@pytest.mark.parametrize("of_undefined_length", [False, True])
def test_the_bytes_at_a_bulk_values_range_are_the_value(of_undefined_length: bool) -> None:
    assert bulk_values(nested(of_undefined_length)) == {
        "00091001": b"A" * 1026,
        "00291010/1/00081140/0/00091002": b"B" * 1026,
        "00880200/0/7FE00010": b"icon",
        "7FE00010": b"pixels",
    }


@pytest.mark.parametrize("length", [1 << 10, 1 << 15, 1 << 17])
@pytest.mark.parametrize("of_undefined_length", [False, True])
def test_ranges_are_right_in_sequences_of_any_length(length: int, of_undefined_length: bool) -> None:
    wrap = item_of_undefined_length if of_undefined_length else item
    content = element(0x00091002, "OB", b"B" * 1026) + element(0x00091003, "UT", b"x" * length)
    content += element(0x00091004, "OB", b"C" * 1026)
    content = element(0x00081140, "SQ", wrap(content))
    file = part10_file(element(0x00081115, "SQ", wrap(content) * 2) + element(0x00091004, "OB", b"D" * 1026))
    assert bulk_values(file) == {
        "00081115/0/00081140/0/00091002": b"B" * 1026,
        "00081115/0/00081140/0/00091004": b"C" * 1026,
        "00081115/1/00081140/0/00091002": b"B" * 1026,
        "00081115/1/00081140/0/00091004": b"C" * 1026,
        "00091004": b"D" * 1026,
    }


@pytest.mark.parametrize("of_undefined_length", [False, True])
def test_META_09_every_bulk_reference_is_in_the_index(of_undefined_length: bool) -> None:
    result = parse(BytesIO(nested(of_undefined_length)))
    model = orjson.loads(result.dicom_json.replace(b"\x1a", b"URL"))
    assert sorted(references(model)) == sorted(result.bulkdata)


def test_values_too_long_for_memory_are_not_looked_into() -> None:
    values = bulk_values(part10_file(element(0x00091001, "UT", b"x" * ((1 << 20) + 2))))
    assert len(values["00091001"]) == (1 << 20) + 2


@pytest.mark.parametrize(("vr", "swap"), [("OB", 1), ("UN", 1), ("OW", 2), ("OF", 4), ("OL", 4), ("OD", 8), ("OV", 8)])
def test_MT_04_big_endian_values_say_what_to_swap(vr: str, swap: int) -> None:
    value = element(0x00091001, vr, bytes(2048), endian=">")
    assert parse(BytesIO(part10_file(value, BIG_ENDIAN))).bulkdata["00091001"].swap == swap
    value = element(0x00091001, vr, bytes(2048))
    assert parse(BytesIO(part10_file(value))).bulkdata["00091001"].swap == 1


def test_a_big_endian_value_of_broken_length_is_not_swapped() -> None:
    value = element(0x00091001, "US", b"abc", endian=">")
    assert parse(BytesIO(part10_file(value, BIG_ENDIAN))).bulkdata["00091001"].swap == 1


def test_big_endian_pixel_cells_of_32_bits_are_swapped_whole() -> None:
    file = part10(instance(BitsAllocated=32, PixelData=bytes(256)), BIG_ENDIAN)
    assert parse(BytesIO(file)).bulkdata["7FE00010"].swap == 4


@pytest.mark.parametrize(
    ("stated", "media_type"),
    [
        ("application/pdf", "application/pdf"),
        ("text/xml", "text/xml"),
        (None, "application/octet-stream"),
        ("text/html\r\nX-Evil: 1", "application/octet-stream"),
    ],
)
def test_an_encapsulated_document_is_of_its_own_media_type(stated: str | None, media_type: str) -> None:
    document = instance(
        SOPClassUID=EncapsulatedPDFStorage,
        PixelData=None,
        EncapsulatedDocument=b"%PDF-1.7",
        MIMETypeOfEncapsulatedDocument=stated,
    )
    file = part10(document)
    value = parse(BytesIO(file)).bulkdata["00420011"]
    assert value.media_type == media_type
    assert file[value.range.start : value.range.stop] == b"%PDF-1.7"


def test_encapsulated_pixel_data_run_from_the_first_item_to_the_end_of_the_last() -> None:
    file = part10(encapsulated([b"ab", b"cd"]), JPEGBaseline8Bit)
    value = parse(BytesIO(file)).bulkdata["7FE00010"]
    assert (value.encapsulated, value.vr) == (True, "OB")
    expected = item(pack("<2L", 0, 10)) + item(b"ab") + item(b"cd")
    assert file[value.range.start : value.range.stop] == expected


def test_fragments_of_a_nested_image_are_found() -> None:
    icon = element(0x7FE00010, "OB", item(b"") + item(b"ab") + SEQUENCE_DELIMITATION, length=UNDEFINED_LENGTH)
    file = part10_file(element(0x00880200, "SQ", item(icon)) + element(0x00880904, "LO", b"x "), JPEGBaseline8Bit)
    result = parse(BytesIO(file))
    assert bulk_values(file) == {"00880200/0/7FE00010": item(b"") + item(b"ab")}
    assert result.frames is None
    assert "00880904" in result.dataset


def test_an_index_outlives_its_bytes() -> None:
    index = BulkdataIndex(
        {
            "7FE00010": BulkValue(ByteRange(2**40, 2**40 + 5), "OW", 2),
            "00400275/0/00420011": BulkValue(ByteRange(1, 2), "OB", 1, "application/pdf", encapsulated=True),
        }
    )
    assert BulkdataIndex.from_bytes(index.to_bytes()) == index
    assert len(index) == 2
    assert BulkdataIndex.from_bytes(BulkdataIndex({}).to_bytes()) == {}
