"""Files made of a data set and its bulk data (PS3.10 Section 7): what is written is what the one parser reads."""

import re
from io import BytesIO
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom import dcmread

from archive.dicom import native_xml
from archive.dicom.byte_ranges import ByteRange
from archive.dicom.dicom_json import DataSet
from archive.dicom.errors import MalformedAttribute
from archive.dicom.frame_index import EncapsulatedFrames
from archive.dicom.metadata import json_reader, native_xml_reader, received_model
from archive.dicom.reading.part10 import ParsedInstance, parse
from archive.dicom.transfer_syntaxes import EXPLICIT_VR_LITTLE_ENDIAN, transfer_syntax
from archive.dicom.writing import part10_writer
from archive.dicom.writing.part10_writer import FilePart, write
from tests.archive.dicom.models import WORDS, data_sets
from tests.archive.dicom.test_agreement import FILES, READABLE

JPEG = "1.2.840.10008.1.2.4.50"


def part(content: bytes) -> FilePart:
    return FilePart(BytesIO(content), ByteRange(0, len(content)))


def written(
    model: DataSet, bulk: dict[str, FilePart] | None = None, *, syntax: str = EXPLICIT_VR_LITTLE_ENDIAN, **options: Any
) -> bytes:
    return b"".join(write(model, bulk or {}, transfer_syntax_uid=syntax, **options))


def parsed(*arguments: Any, **options: Any) -> ParsedInstance:
    return parse(BytesIO(written(*arguments, **options)))


def read_again(model: DataSet) -> DataSet:
    """The model of what is written, its DICOM JSON read as that of a client; long binary values as they were."""
    file = written(model)
    result = parse(BytesIO(file))
    (raw,) = json_reader.instances(b"[%b]" % result.dicom_json.replace(b"\x1a", b"URL"))
    assert not result.bulkdata
    return received_model.read(raw).data_set


# -- laws ------------------------------------------------------------------------


@given(data_sets())
def test_what_is_written_says_the_same_as_the_model(model: DataSet):
    again = read_again(model)

    again.pop("00080005", None)
    assert again == model


@given(data_sets())
def test_STOW_80_the_same_model_gives_the_same_bytes_which_are_even_and_ascend(model: DataSet):
    file = written(model)

    assert file == written(dict(reversed(model.items())))
    assert len(file) % 2 == 0
    tags = [element.tag for element in dcmread(BytesIO(file))]
    assert tags == sorted(tags)


@given(WORDS)
def test_STOW_30_text_is_utf_8_and_the_file_says_so_where_it_matters(text: str):
    model = {"00081140": {"vr": "SQ", "Value": [{"00100020": {"vr": "LO", "Value": [text]}}]}}

    dataset = dcmread(BytesIO(written(model)))

    assert dataset.ReferencedImageSequence[0].PatientID == text
    assert ("SpecificCharacterSet" in dataset) == (not text.isascii())


def taken_apart(name: str) -> tuple[ParsedInstance, DataSet, dict[str, FilePart], list[FilePart]]:
    """A file as its parse, its metadata, and its bulk data: what a client would send."""
    content = FILES[name].read_bytes()
    result = parse(BytesIO(content))
    file = BytesIO(content)
    (raw,) = json_reader.instances(b"[%b]" % result.dicom_json.replace(b"\x1a", b"http://host"))
    model = received_model.read(raw).data_set
    bulk = {f"http://host/bulkdata/{path}": FilePart(file, value.range) for path, value in result.bulkdata.items()}
    frames = []
    if isinstance(result.frames, EncapsulatedFrames):
        for number in range(1, result.frames.count + 1):
            location = result.frames.locate(number)
            frames.append(part(b"".join(content[span.start : span.stop] for span in location.ranges)))
    return result, model, bulk, frames


#: Stored as nothing else than what they are: deflated, big endian, and encapsulated without frames to tell apart.
PUT_TOGETHER = sorted(
    name
    for name in READABLE
    if (result := parse(BytesIO(FILES[name].read_bytes()))).deflated_from is None
    and all(value.swap == 1 for value in result.bulkdata.values())
    and (result.frames is not None or not any(value.encapsulated for value in result.bulkdata.values()))
    and not any(value.encapsulated for path, value in result.bulkdata.items() if path != "7FE00010")
)


def comparable(dicom_json: bytes) -> Any:
    """The JSON without what is the writer's to say: the character set, the VR of fragments, and padding."""
    data_set = orjson.loads(dicom_json.replace(b"\x1a", b""))
    data_set.pop("00080005", None)
    if "7FE00010" in data_set:
        data_set["7FE00010"]["vr"] = "OB or OW"
    # An odd value in two items of nested_priv_SQ.dcm.
    return orjson.loads(orjson.dumps(data_set).replace(b'TmVzdGVkIFNR"', b'TmVzdGVkIFNRAA=="'))


@pytest.mark.parametrize("name", PUT_TOGETHER)
def test_a_file_taken_apart_and_put_together_says_the_same(name):
    original, model, bulk, frames = taken_apart(name)
    syntax = original.transfer_syntax_uid if frames else EXPLICIT_VR_LITTLE_ENDIAN

    file = written(model, bulk, syntax=syntax, frames=frames)
    again = parse(BytesIO(file))

    assert comparable(again.dicom_json) == comparable(original.dicom_json)
    assert (again.frames and again.frames.count) == (original.frames and original.frames.count)
    for path, value in original.bulkdata.items():
        if not value.encapsulated:
            kept = file[again.bulkdata[path].range.start :][: value.range.length]
            assert kept == bulk[f"http://host/bulkdata/{path}"].read()


@pytest.mark.parametrize("name", PUT_TOGETHER)
def test_XML_and_JSON_say_the_same_of_a_real_file(name):
    original = parse(BytesIO(FILES[name].read_bytes()))
    # Components that are empty at the end of a name have no form in XML.
    json = re.sub(rb'\^+"', b'"', original.dicom_json.replace(b"\x1a", b"http://host"))
    (raw,) = json_reader.instances(b"[%b]" % json)

    assert received_model.read(native_xml_reader.instance(native_xml.from_json(json))) == received_model.read(raw)


# -- rules -----------------------------------------------------------------------


def test_STOW_31_values_of_odd_length_are_made_even_with_the_padding_of_their_vr():
    model = {
        "00080018": {"vr": "UI", "Value": ["1.2.3"]},
        "00080060": {"vr": "CS", "Value": ["CTX"]},
        "00091001": {"vr": "OB", "InlineBinary": "AAEC"},
        "00091002": {"vr": "OB", "BulkDataURI": "x"},
        "00091003": {"vr": "UT", "BulkDataURI": "x"},
    }

    file = written(model, {"x": part(b"abc")})

    for value in (b"1.2.3\0", b"CTX ", b"\0\1\2\0", b"abc\0", b"abc "):
        assert value in file


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("1.016600", "1.016600"),
        ("0.1234567890123456789", "0.12345678901235"),
        ("-123456789.123456789", "-123456789.12346"),
        ("12345678901234567890", "1.2345678901e+19"),
        ("1e-300", "1e-300"),
        ("9" * 400, "9" * 400),
        ("no number, but long", "no number, but long"),
    ],
)
def test_a_decimal_string_keeps_the_digits_that_it_has_room_for(sent, kept):
    file = written({"00101020": {"vr": "DS", "Value": [sent]}})

    assert dcmread(BytesIO(file)).get_item("PatientSize").value.rstrip() == kept.encode()


def test_a_value_too_long_for_its_vr_is_of_vr_un_and_read_as_it_was():
    values = [f"{number}.5" for number in range(12_000)]

    result = parsed({"30060050": {"vr": "DS", "Value": values}})

    assert orjson.loads(result.dicom_json)["30060050"] == {"vr": "DS", "Value": [n + 0.5 for n in range(12_000)]}


@pytest.mark.parametrize(
    ("declared", "raw"), [(None, "ü".encode()), ("ISO_IR 192", "ü".encode()), ("ISO_IR 100", b"\xfc")]
)
def test_JSON_26_text_that_comes_as_bulk_data_is_in_the_character_set_of_the_metadata(declared, raw):
    character_set = {"00080005": {"vr": "CS", "Value": [declared]}} if declared else {}
    name = {"00100010": {"vr": "PN", "Value": [{"Alphabetic": "Ü"}]}}

    result = parsed(character_set | name | {"00104000": {"vr": "LT", "BulkDataURI": "x"}}, {"x": part(raw)})

    assert result.dataset["00104000"] == {"vr": "LT", "Value": ["ü"]}
    assert result.dataset["00080005"] == {"vr": "CS", "Value": ["ISO_IR 192"]}


def test_text_that_is_too_long_to_be_converted_is_refused(monkeypatch):
    monkeypatch.setattr(part10_writer, "LONGEST_CONVERTED", 3)
    latin_1 = {"00080005": {"vr": "CS", "Value": ["ISO_IR 100"]}, "00104000": {"vr": "LT", "BulkDataURI": "x"}}

    with pytest.raises(MalformedAttribute, match="00104000"):
        written(latin_1, {"x": part(b"text")})


@pytest.mark.parametrize("vr", ["US", "FD", "OF", "OD"])
def test_bulk_data_of_a_length_that_the_vr_cannot_have_are_refused(vr):
    with pytest.raises(MalformedAttribute, match="00091001"):
        written({"00091001": {"vr": vr, "BulkDataURI": "x"}}, {"x": part(b"abc")})


@given(st.lists(st.binary(min_size=1, max_size=9), min_size=1, max_size=5))
def test_STOW_22_each_frame_is_a_fragment(frames: list[bytes]):
    model = {
        "00280008": {"vr": "IS", "Value": [str(len(frames))]},
        "7FE00010": {"vr": "OB", "BulkDataURI": "x"},
    }

    file = written(model, syntax=JPEG, frames=list(map(part, frames)))
    result = parse(BytesIO(file))

    assert result.frames is not None
    assert result.frames.count == len(frames)
    for number, frame in enumerate(frames, 1):
        (span,) = result.frames.locate(number).ranges
        assert file[span.start : span.stop] == frame + bytes(len(frame) % 2)
    if len(frames) > 1:
        assert dcmread(BytesIO(file)).PixelData[8:12] == bytes(4)


def test_STOW_23_a_video_is_one_fragment_without_offset_table():
    syntax = "1.2.840.10008.1.2.4.102"
    assert transfer_syntax(syntax).video

    file = written({"7FE00010": {"vr": "OB", "BulkDataURI": "x"}}, syntax=syntax, frames=[part(b"video")])
    result = parse(BytesIO(file))

    assert result.frames is not None
    assert (result.frames.count, result.frames.video) == (1, True)
    assert file.endswith(
        bytes.fromhex("feff00e000000000 feff00e006000000") + b"video\0" + bytes.fromhex("feffdde000000000")
    )


def test_a_value_of_more_than_four_gigabytes_is_refused():
    long = FilePart(BytesIO(), ByteRange(0, 1 << 32))

    with pytest.raises(MalformedAttribute, match="too long"):
        written({"00091001": {"vr": "OB", "BulkDataURI": "x"}}, {"x": long})
    with pytest.raises(MalformedAttribute, match="too long"):
        written({"7FE00010": {"vr": "OB", "BulkDataURI": "x"}}, syntax=JPEG, frames=[long])


def test_bulk_data_are_read_in_pieces(monkeypatch):
    monkeypatch.setattr(part10_writer, "_CHUNK", 10)
    content = bytes(range(95))

    pieces = list(FilePart(BytesIO(b"before" + content + b"after"), ByteRange(6, 101)).chunks())

    assert b"".join(pieces) == content
    assert max(map(len, pieces)) == 10
