"""Stored objects in other transfer syntaxes: the pixels are the same, and the attributes say what they are."""

import shutil
import subprocess
from io import BytesIO
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom import Dataset, dcmread
from pydicom.data.data_manager import DATA_ROOT
from pydicom.encaps import generate_frames
from pydicom.uid import (
    MPEG4HP41,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    HTJ2KLossless,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGLSLossless,
    RLELossless,
)

from archive.dicom.errors import MalformedDicom, MalformedPixelData, NoCodec, NotDicom, NotTranscodable
from archive.dicom.frame_index import extract_bits
from archive.dicom.images import codecs
from archive.dicom.pieces import assembled
from archive.dicom.pixel_description import PixelDescription
from archive.dicom.reading.opened_file import opened
from archive.dicom.reading.part10 import parse
from archive.dicom.transfer_syntaxes import transfer_syntax
from archive.dicom.writing import transcoding
from archive.dicom.writing.file_meta import file_meta
from archive.dicom.writing.transcoding import packed_bits, transcode
from tests.builders import encapsulated, instance
from tests.builders import part10 as built

LARGEST = 1 << 24
UIDS = {"sop_class_uid": "1.2.3", "sop_instance_uid": "1.2.3.4"}
ENCAPSULATED_UNCOMPRESSED = "1.2.840.10008.1.2.1.98"
FOLDER = Path(DATA_ROOT) / "test_files"
COMPRESSED = [RLELossless, JPEGLSLossless, JPEG2000Lossless, HTJ2KLossless]


def transcoded(file: bytes, target: str, *, largest_frame: int = LARGEST) -> bytes:
    """The file in another transfer syntax."""
    parsed = parse(BytesIO(file))
    uids = {"sop_class_uid": parsed.sop_class_uid, "sop_instance_uid": parsed.sop_instance_uid}
    with opened(BytesIO(file)) as found:
        pieces = transcode(found, transfer_syntax(target), parsed.frames, parsed.bulkdata, largest_frame=largest_frame)
        result = assembled(pieces)
        data_set = b"".join(result.read())
    assert result.length == (None if transfer_syntax(target).encapsulated else len(data_set))
    return file_meta(**uids, transfer_syntax_uid=target) + data_set


def read(file: bytes) -> Dataset:
    return dcmread(BytesIO(file))


def real(name: str) -> bytes:
    return (FOLDER / name).read_bytes()


def frames(file: bytes) -> list[bytes]:
    """The frames of the file as native pixels, each decoded where it is compressed."""
    parsed = parse(BytesIO(file))
    with opened(BytesIO(file)) as found:
        pixels = transcoding.pixel_description(found)
        data = found.source.file
        natives = []
        for number in range(1, parsed.frames.count + 1):
            location = parsed.frames.locate(number)
            data.seek(location.ranges[0].start)
            frame = b"".join(file[span.start : span.stop] for span in location.ranges)
            frame = extract_bits(frame, location.bit_offset, location.bits)
            natives.append(codecs.decode(frame, found.syntax.uid, pixels) if found.syntax.encapsulated else frame)
    return natives


#: Compressed files that come with pydicom, and what their pixels are called when they are decoded.
DECODED = {
    "693_J2KI.dcm": "MONOCHROME2",
    "GDCMJ2K_TextGBR.dcm": "RGB",
    "J2K_pixelrep_mismatch.dcm": "MONOCHROME2",
    "JPEG-lossy.dcm": "MONOCHROME2",
    "JPEG2000.dcm": "MONOCHROME2",
    "JPEGLSNearLossless_16.dcm": "MONOCHROME2",
    "JPGExtended.dcm": "MONOCHROME2",
    "MR_small_RLE.dcm": "MONOCHROME2",
    "MR_small_jp2klossless.dcm": "MONOCHROME2",
    "MR_small_jpeg_ls_lossless.dcm": "MONOCHROME2",
    "SC_rgb_dcmtk_+eb+cr.dcm": "RGB",
    "SC_rgb_jpeg.dcm": "RGB",
    "SC_rgb_dcmtk_+eb+cy+np.dcm": "RGB",
    "SC_rgb_jls_lossy_line.dcm": "RGB",
    "SC_rgb_jpeg_dcmtk.dcm": "RGB",
    "SC_rgb_jpeg_gdcm.dcm": "RGB",
    "SC_rgb_rle_16bit_2frame.dcm": "RGB",
    "SC_rgb_rle_32bit_2frame.dcm": "RGB",
    "examples_jpeg2k.dcm": "RGB",
    "examples_ybr_color.dcm": "RGB",
    "rtdose_rle.dcm": "MONOCHROME2",
}


@pytest.mark.parametrize(("name", "photometric_interpretation"), DECODED.items())
def test_WADO_05_what_is_compressed_is_given_native(name: str, photometric_interpretation: str) -> None:
    """P23: the attributes say what the bytes are."""
    file = real(name)

    result = read(transcoded(file, ExplicitVRLittleEndian))

    assert result.file_meta.TransferSyntaxUID == ExplicitVRLittleEndian
    assert result.PhotometricInterpretation == photometric_interpretation
    assert result.get("PlanarConfiguration", 0) == 0
    assert not result["PixelData"].is_undefined_length
    assert (result["PixelData"].VR == "OW") == (result.BitsAllocated > 8)
    assert result.PixelData == b"".join(frames(file))
    assert result.pixel_array.size


@pytest.mark.parametrize(
    ("compressed", "native"),
    [
        ("MR_small_RLE.dcm", "MR_small.dcm"),
        ("MR_small_jp2klossless.dcm", "MR_small.dcm"),
        ("MR_small_jpeg_ls_lossless.dcm", "MR_small.dcm"),
        ("rtdose_rle.dcm", "rtdose.dcm"),
        ("rtdose_rle_1frame.dcm", "rtdose_1frame.dcm"),
    ],
)
def test_WADO_05_the_pixels_are_those_of_the_file_before_it_was_compressed(compressed: str, native: str) -> None:
    result = read(transcoded(real(compressed), ExplicitVRLittleEndian))

    assert (result.pixel_array == read(real(native)).pixel_array).all()


@pytest.mark.parametrize("name", ["JPEG2000.dcm", "SC_rgb_jpeg_dcmtk.dcm", "MR_small_RLE.dcm"])
def test_WADO_09_everything_but_the_form_of_the_pixels_is_as_it_was(name: str) -> None:
    """LossyImageCompression and its like among it: what was lost stays lost."""
    file = real(name)
    before, after = says(file), says(transcoded(file, ExplicitVRLittleEndian))

    changed = {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}

    assert changed <= {"00280004", "00280006", "7FE00010"}


def says(file: bytes) -> Any:
    return orjson.loads(parse(BytesIO(file)).dicom_json.replace(b"\x1a", b""))


NATIVE = ["MR_small.dcm", "CT_small.dcm", "MR_small_bigendian.dcm", "MR_small_implicit.dcm", "image_dfl.dcm",
          "ExplVR_BigEnd.dcm", "SC_rgb_small_odd.dcm", "SC_rgb_small_odd_big_endian.dcm", "examples_rgb_color.dcm",
          "examples_palette.dcm", "examples_overlay.dcm"]  # fmt: skip


@pytest.mark.parametrize("target", COMPRESSED)
@pytest.mark.parametrize("name", NATIVE)
def test_WADO_09_there_and_back_again_gives_the_same_pixels(name: str, target: str) -> None:
    file = real(name)

    there = transcoded(file, target)
    back = read(transcoded(there, ExplicitVRLittleEndian))

    assert read(there).file_meta.TransferSyntaxUID == target
    assert (back.pixel_array == read(file).pixel_array).all()
    assert back.PhotometricInterpretation == read(file).PhotometricInterpretation


@pytest.mark.parametrize(
    ("target", "tool"), [(RLELossless, "dcmdrle"), (JPEGLSLossless, "dcmdjpls"), (RLELossless, "dcmdump")]
)
@pytest.mark.parametrize("name", ["MR_small.dcm", "examples_rgb_color.dcm"])
def test_WADO_09_dcmtk_reads_what_is_compressed(name: str, target: str, tool: str, tmp_path: Path) -> None:
    program = shutil.which(tool)
    assert program, f"{tool} is not installed: this test needs the package dcmtk"
    given, decoded = tmp_path / "given.dcm", tmp_path / "decoded.dcm"
    given.write_bytes(transcoded(real(name), target))

    run = subprocess.run(
        [program, str(given), *([str(decoded)] * (tool != "dcmdump"))], capture_output=True, check=False
    )

    assert (run.returncode, run.stderr) == (0, b"")
    if decoded.exists():
        assert (dcmread(decoded).pixel_array == read(real(name)).pixel_array).all()


@pytest.mark.parametrize("target", COMPRESSED)
def test_WADO_09_one_compressed_form_becomes_another(target: str) -> None:
    file = real("SC_rgb_rle_16bit_2frame.dcm")

    result = transcoded(file, target)

    assert frames(result) == frames(file)
    assert len(list(generate_frames(read(result).PixelData, number_of_frames=2))) == 2


def test_WADO_09_cells_of_32_bits_are_compressed_where_there_is_a_form_for_them() -> None:
    file = real("rtdose.dcm")

    back = read(transcoded(transcoded(file, RLELossless), ExplicitVRLittleEndian))

    assert (back.pixel_array == read(file).pixel_array).all()
    with pytest.raises(NoCodec):
        transcoded(file, JPEGLSLossless)


def test_P23_big_endian_cells_are_little_endian_afterwards() -> None:
    """MT-04"""
    assert read(transcoded(real("MR_small_bigendian.dcm"), ExplicitVRLittleEndian)).PixelData == (
        read(real("MR_small.dcm")).PixelData
    )


@pytest.mark.parametrize("offset_table", ["basic", "extended", "none"])
def test_offset_tables_of_the_old_encoding_are_gone(offset_table: str) -> None:
    pixels = [bytes([number]) * 64 for number in range(3)]
    description = PixelDescription(8, 8, 1, "MONOCHROME2", 8, 8, 7, 0)
    codestreams = [codecs.encode(frame, RLELossless, description) for frame in pixels]
    dataset = encapsulated(codestreams, offset_table=offset_table, BitsAllocated=8, BitsStored=8, HighBit=7)

    result = read(transcoded(built(dataset, RLELossless), ExplicitVRLittleEndian))

    assert result.PixelData == b"".join(pixels)
    assert not {"ExtendedOffsetTable", "ExtendedOffsetTableLengths"} & {element.keyword for element in result}


@pytest.mark.parametrize("syntax", [ImplicitVRLittleEndian, ExplicitVRBigEndian, DeflatedExplicitVRLittleEndian])
def test_WADO_07_an_object_without_pixel_data_is_only_rewritten(syntax: str) -> None:
    dataset = instance(PixelData=None, Rows=None)

    assert (
        transcoded(built(dataset, syntax), ExplicitVRLittleEndian)[-100:]
        == (built(dataset, ExplicitVRLittleEndian)[-100:])
    )


@pytest.mark.parametrize("elements", [{"PixelData": None}, {"PixelData": None, "FloatPixelData": bytes(256)}])
def test_WADO_11_an_object_without_integer_pixels_has_no_compressed_form(elements: dict[str, Any]) -> None:
    with pytest.raises(NotTranscodable):
        transcoded(built(instance(**elements)), JPEGLSLossless)


def test_frames_that_cannot_be_told_apart_are_not_decoded() -> None:
    file = built(encapsulated([b"abcd"] * 3, fragments_per_frame=2, offset_table="none"), JPEGBaseline8Bit)

    with pytest.raises(NotTranscodable):
        transcoded(file, ExplicitVRLittleEndian)


def test_a_frame_that_is_none_is_found_before_anything_is_given() -> None:
    file = built(encapsulated([b"\xff\xd8\xff" + bytes(61)]), JPEGBaseline8Bit)

    with opened(BytesIO(file)) as found:
        parsed = parse(BytesIO(file))
        with pytest.raises(MalformedPixelData):
            transcode(
                found, transfer_syntax(ExplicitVRLittleEndian), parsed.frames, parsed.bulkdata, largest_frame=LARGEST
            )


@pytest.mark.parametrize("syntax", [MPEG4HP41, "1.2.840.10008.1.2.4.59"])
def test_WADO_06_nothing_decodes_video_nor_hierarchical_jpeg(syntax: str) -> None:
    with pytest.raises(NoCodec):
        transcoded(built(encapsulated([bytes(64)]), syntax), ExplicitVRLittleEndian)


def test_frames_that_are_too_large_are_not_worked_on() -> None:
    """Neither what they decode to, nor what they are compressed to."""
    with pytest.raises(NotTranscodable):
        transcoded(real("MR_small_RLE.dcm"), ExplicitVRLittleEndian, largest_frame=64 * 64 * 2 - 1)
    padded = built(encapsulated([bytes(9000)], Rows=64, Columns=64), RLELossless)
    with pytest.raises(NotTranscodable):
        transcoded(padded, ExplicitVRLittleEndian, largest_frame=64 * 64 * 2)


def test_frames_are_decoded_where_and_as_often_as_the_caller_says() -> None:
    file, worked = real("SC_rgb_rle_2frame.dcm"), []
    parsed = parse(BytesIO(file))

    def run(function: Any, *arguments: Any) -> Any:
        worked.append(function.__name__)
        return function(*arguments)

    def keep(pixels: PixelDescription, number: int, decode: Any) -> bytes:
        return decode() if number == 1 else bytes(pixels.frame_length)

    with opened(BytesIO(file)) as found:
        arguments = found, transfer_syntax(RLELossless), parsed.frames, parsed.bulkdata
        result = assembled(transcode(*arguments, largest_frame=LARGEST, run=run, keep=keep))
        data_set = b"".join(result.read())

    first, second = frames(file_meta(**UIDS, transfer_syntax_uid=RLELossless) + data_set)
    assert first == frames(file)[0]
    assert second == bytes(len(first))
    assert worked == ["decode", "encode", "encode"]


def test_WADO_06_pixel_data_longer_than_a_value_can_be_are_not_given_native() -> None:
    """PS3.5 Section 7.1.1"""
    conversion = transcoding.FrameConversion(
        transfer_syntax(RLELossless),
        transfer_syntax(ExplicitVRLittleEndian),
        PixelDescription(1 << 13, 1 << 13, 1, "MONOCHROME2", 8, 8, 7, 0),
        largest_frame=1 << 30,
    )
    assert transcoding._native(iter(()), conversion, 63)
    with pytest.raises(NotTranscodable):
        transcoding._native(iter(()), conversion, 64)


def test_WADO_53_frames_of_single_bits_are_packed_without_gaps() -> None:
    """P21: encapsulated frames begin with a byte each, native ones where the one before ends."""
    masks = [0b1010101010101010101010101, 0b1111100000111110000011111, 0b1000000000000000000000001]
    one_bit = {"Rows": 5, "Columns": 5, "BitsAllocated": 1, "BitsStored": 1, "HighBit": 0}
    dataset = encapsulated([mask.to_bytes(4, "little") for mask in masks], **one_bit)

    result = transcoded(built(dataset, ENCAPSULATED_UNCOMPRESSED), ExplicitVRLittleEndian)

    assert read(result).PixelData == sum(mask << 25 * place for place, mask in enumerate(masks)).to_bytes(10, "little")


@given(st.integers(1, 40).flatmap(lambda bits: st.tuples(st.just(bits), st.lists(st.integers(0, (1 << bits) - 1)))))
def test_packed_bits_are_the_frames_one_after_the_other(bits_and_frames: tuple[int, list[int]]) -> None:
    bits, numbers = bits_and_frames

    packed = b"".join(packed_bits((number.to_bytes(-(-bits // 8), "little") for number in numbers), bits))

    assert len(packed) == -(-bits * len(numbers) // 8)
    assert [extract_bits(packed, bits * place, bits) for place in range(len(numbers))] == [
        number.to_bytes(-(-bits // 8), "little") for number in numbers
    ]


def test_the_description_of_the_pixels_is_that_of_the_parsed_data_set() -> None:
    for path in sorted(FOLDER.glob("*.dcm")):
        try:
            dataset = parse(BytesIO(path.read_bytes())).dataset
        except (NotDicom, MalformedDicom):
            continue
        expected = PixelDescription.of(dataset)
        assert transcoding.plain_description(dataset) == expected, path.name
        with path.open("rb") as file, opened(file) as found:
            assert transcoding.pixel_description(found) == expected, path.name
