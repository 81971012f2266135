"""PS3.10 Section 7: what a DICOM file is, and what one parse of it yields."""

import tracemalloc
import zlib
from io import BytesIO, RawIOBase
from pathlib import Path
from typing import BinaryIO, cast

import pytest
from pydicom.data.data_manager import DATA_ROOT
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEGBaseline8Bit,
)

from archive.dicom.errors import MalformedDicom, NotDicom
from archive.dicom.reading.part10 import parse
from tests.archive.dicom.raw import UNDEFINED_LENGTH, element, implicit, item, part10_file
from tests.builders import encapsulated, instance, part10

TEST_FILES = Path(DATA_ROOT) / "test_files"


@pytest.mark.parametrize(
    "transfer_syntax",
    [ImplicitVRLittleEndian, ExplicitVRLittleEndian, ExplicitVRBigEndian, DeflatedExplicitVRLittleEndian],
)
def test_STOW_33_every_encoding_yields_the_same_data_set(transfer_syntax: str) -> None:
    dataset = instance(ReferencedImageSequence=[instance(PixelData=None)])
    result = parse(BytesIO(part10(dataset, transfer_syntax)))
    assert result.transfer_syntax_uid == transfer_syntax
    assert result.study_instance_uid == dataset.StudyInstanceUID
    assert result.series_instance_uid == dataset.SeriesInstanceUID
    assert result.sop_instance_uid == dataset.SOPInstanceUID
    assert result.sop_class_uid == dataset.SOPClassUID
    assert result.dataset["00100010"] == {"vr": "PN", "Value": [{"Alphabetic": "Doe^Jane"}]}
    assert result.dataset["00280010"] == {"vr": "US", "Value": [8]}
    assert len(result.dataset["00081140"]["Value"]) == 1
    assert result.frames is not None
    assert "00020010" not in result.dataset
    assert result.dicom_json == parse(BytesIO(part10(dataset))).dicom_json


def test_the_uids_are_those_of_the_data_set_without_padding() -> None:
    data_set = element(0x00080018, "UI", b"1.2.3\0") + element(0x0020000D, "UI", b"1.2 ")
    result = parse(BytesIO(part10_file(data_set)))
    assert (result.sop_instance_uid, result.study_instance_uid) == ("1.2.3", "1.2")


@pytest.mark.parametrize("uid", [b"", b"../../etc", b"1" * 66, b"1.2/3 "])
def test_uids_that_are_absent_or_no_use_are_empty(uid: bytes) -> None:
    result = parse(BytesIO(part10_file(element(0x00080018, "UI", uid))))
    assert result.sop_instance_uid == result.study_instance_uid == result.sop_class_uid == ""


@pytest.mark.parametrize("data", [b"", b"DICM", bytes(132), b"\x89PNG" + bytes(200), bytes(128) + b"DICN"])
def test_STOW_46_what_has_no_prefix_is_not_dicom(data: bytes) -> None:
    with pytest.raises(NotDicom):
        parse(BytesIO(data))


@pytest.mark.parametrize(
    "rest",
    [
        b"",
        element(0x00080060, "CS", b"CT"),
        element(0x00020010, "UI", b""),
        element(0x00020010, "UI", b"1.2.840.10008.1.2.1\0", length=30000),
        element(0x00020010, "UI", b"a/b "),
        element(0x00020001, "OB", b"\0\1", length=UNDEFINED_LENGTH),
        element(0x00020001, "OB")[:9],
    ],
)
def test_a_file_that_names_no_transfer_syntax_is_malformed(rest: bytes) -> None:
    with pytest.raises(MalformedDicom):
        parse(BytesIO(bytes(128) + b"DICM" + rest))


def test_file_meta_information_needs_no_group_length() -> None:
    assert parse(BytesIO(part10_file(element(0x00080060, "CS", b"CT")))).dataset["00080060"]["Value"] == ["CT"]


def test_the_file_may_stand_anywhere_before() -> None:
    file = BytesIO(part10(instance()))
    file.seek(100)
    assert parse(file).sop_instance_uid


def test_a_data_set_of_nothing_is_empty() -> None:
    result = parse(BytesIO(part10_file(b"")))
    assert (result.dataset, result.dicom_json, result.frames, dict(result.bulkdata)) == ({}, b"{}", None, {})


def test_elements_after_pixel_data_are_read() -> None:
    for file in (
        part10_file(element(0x7FE00010, "OW", b"ab") + element(0xFFFCFFFC, "OB", bytes(2))),
        part10(encapsulated([b"ab"], DataSetTrailingPadding=bytes(2)), JPEGBaseline8Bit),
    ):
        assert parse(BytesIO(file)).dataset["FFFCFFFC"] == {"vr": "OB", "InlineBinary": "AAA="}


@pytest.mark.parametrize("length", [1, 7, 8, 9, 100])
def test_a_file_may_be_padded_with_zeros(length: int) -> None:
    data_set = element(0x00080060, "CS", b"CT") + bytes(length)
    assert list(parse(BytesIO(part10_file(data_set))).dataset) == ["00080060"]


def test_implicit_vr_within_explicit_vr_is_read() -> None:
    data_set = element(0x00080060, "CS", b"CT") + implicit(0x00100020, b"ID") + element(0x00200010, "SH", b"1 ")
    dataset = parse(BytesIO(part10_file(data_set))).dataset
    assert [each["Value"] for each in dataset.values()] == [["CT"], ["ID"], ["1"]]


# -- deflated, PS3.5 Section A.5 -----------------------------------------------------


def deflated(data_set: bytes) -> bytes:
    stream = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return part10_file(stream.compress(data_set) + stream.flush(), DeflatedExplicitVRLittleEndian)


def test_offsets_of_a_deflated_data_set_count_in_what_it_inflates_to() -> None:
    data_set = element(0x00091001, "OB", b"A" * 2000) + element(0x7FE00010, "OW", b"pixels")
    file = deflated(data_set)
    result = parse(BytesIO(file))
    assert result.deflated_from is not None
    inflated = zlib.decompress(file[result.deflated_from :], wbits=-zlib.MAX_WBITS)
    assert inflated == data_set
    pixels = result.bulkdata["7FE00010"].range
    assert inflated[pixels.start : pixels.stop] == b"pixels"


def test_only_deflated_data_sets_have_a_deflate_stream() -> None:
    assert parse(BytesIO(part10(instance()))).deflated_from is None


def test_a_deflated_data_set_may_be_padded() -> None:
    assert parse(BytesIO(deflated(element(0x00080060, "CS", b"CT")) + b"\0")).dataset["00080060"]["Value"] == ["CT"]


def test_a_deflated_data_set_inflates_to_no_more_than_the_limit() -> None:
    data_set = element(0x00091001, "OB", bytes(1 << 20))
    parse(BytesIO(deflated(data_set)), max_inflated=len(data_set))
    with pytest.raises(MalformedDicom, match="more than"):
        parse(BytesIO(deflated(data_set)), max_inflated=len(data_set) - 1)


def test_a_bomb_is_not_inflated_beyond_the_limit() -> None:
    stream = zlib.compressobj(9, wbits=-zlib.MAX_WBITS)
    bomb = b"".join(stream.compress(bytes(1 << 20)) for _ in range(64)) + stream.flush()
    file = BytesIO(part10_file(bomb, DeflatedExplicitVRLittleEndian))
    tracemalloc.start()
    try:
        with pytest.raises(MalformedDicom, match="more than"):
            parse(file, max_inflated=1 << 20)
        assert tracemalloc.get_traced_memory()[1] < 8 << 20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("kept", [0, 1, -1])
def test_a_deflate_stream_that_is_cut_off_is_malformed(kept: int) -> None:
    file = deflated(element(0x00080060, "CS", b"CT") + element(0x00100020, "LO", b"ID" * 20))
    start = len(part10_file(b"", DeflatedExplicitVRLittleEndian))
    with pytest.raises(MalformedDicom):
        parse(BytesIO(file[: start + kept] if kept >= 0 else file[:kept]))


def test_what_is_no_deflate_stream_is_malformed() -> None:
    with pytest.raises(MalformedDicom):
        parse(BytesIO(part10_file(b"\xff" * 100, DeflatedExplicitVRLittleEndian)))


# -- how much is read ----------------------------------------------------------------


class CountingFile(RawIOBase):
    """A file of `head`, then `hole` zero bytes that take no memory, then `tail`, which counts what is read of it."""

    def __init__(self, head: bytes, hole: int = 0, tail: bytes = b"") -> None:
        self.head, self.tail = head, tail
        self.tail_start = len(head) + hole
        self.size = self.tail_start + len(tail)
        self.position = self.bytes_read = 0

    def seek(self, offset: int, whence: int = 0) -> int:
        self.position = offset + (0, self.position, self.size)[whence]
        return self.position

    def tell(self) -> int:
        return self.position

    def read(self, size: int = -1) -> bytes:
        start, stop = self.position, min(self.size, self.position + size) if size >= 0 else self.size
        hole = bytes(max(0, min(stop, self.tail_start) - max(start, len(self.head))))
        shift = self.tail_start
        data = self.head[start:stop] + hole + self.tail[max(0, start - shift) : max(0, stop - shift)]
        self.position += len(data)
        self.bytes_read += len(data)
        return data


@pytest.mark.parametrize("length", [200 << 20, 3 << 30])
def test_native_pixel_data_are_not_read(length: int) -> None:
    head = part10(instance(PixelData=None)) + element(0x7FE00010, "OW", length=length)
    file = CountingFile(head, length, element(0xFFFCFFFC, "OB", bytes(2)))
    result = parse(cast(BinaryIO, file))
    assert result.bulkdata["7FE00010"].range.length == length
    assert "FFFCFFFC" in result.dataset
    assert file.bytes_read < 4096


def test_only_the_headers_of_fragments_are_read() -> None:
    head = part10(instance(PixelData=None), JPEGBaseline8Bit) + element(0x7FE00010, "OB", length=UNDEFINED_LENGTH)
    head += item(b"") + item(b"", length=200 << 20)
    file = CountingFile(head, 200 << 20, bytes.fromhex("feffdde000000000"))
    result = parse(cast(BinaryIO, file))
    assert result.frames is not None
    assert result.frames.locate(1).ranges[0].length == 200 << 20
    assert file.bytes_read < 4096


def test_long_private_values_are_not_read() -> None:
    file = CountingFile(part10_file(element(0x00091001, "OB", length=200 << 20)), 200 << 20)
    parse(cast(BinaryIO, file))
    assert file.bytes_read < 4096


@pytest.mark.parametrize("name", ["MR_truncated.dcm", "image_dfl.dcm", "no_meta_group_length.dcm", "UN_sequence.dcm"])
def test_odd_files_that_exist_are_read(name: str) -> None:
    with (TEST_FILES / name).open("rb") as file:
        assert parse(file).dataset


def test_a_sequence_that_is_cut_off_is_malformed() -> None:
    with (TEST_FILES / "rtplan_truncated.dcm").open("rb") as file, pytest.raises(MalformedDicom):
        parse(file)
