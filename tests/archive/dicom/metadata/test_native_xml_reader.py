"""Metadata in the Native DICOM Model (PS3.19 Annex A.1) as clients send them."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.dicom.dicom_json import DataSet
from archive.dicom.errors import MalformedAttribute, MalformedMetadata
from archive.dicom.metadata import native_xml_reader, received_model
from archive.dicom.native_xml import to_xml
from archive.dicom.reading.data_set import DEEPEST_NESTING
from tests.archive.dicom.models import data_sets

NAMESPACE = "http://dicom.nema.org/PS3.19/models/NativeDICOM"


def read(content: str) -> DataSet:
    document = f'<NativeDicomModel xmlns="{NAMESPACE}">{content}</NativeDicomModel>'
    return received_model.read(native_xml_reader.instance(document.encode())).data_set


def attribute(content: str = "", *, tag: str = "00091001", vr: str = "LO", more: str = "") -> str:
    return f'<DicomAttribute tag="{tag}" vr="{vr}" {more}>{content}</DicomAttribute>'


@given(data_sets())
def test_what_is_written_as_xml_is_read_as_the_same(model: DataSet):
    assert received_model.read(native_xml_reader.instance(to_xml(model))) == received_model.Received(model)


# -- what is understood ----------------------------------------------------------


WRITTEN = {
    "no-namespace": "<M><DicomAttribute tag='00100020' vr='LO'><Value number='1'>A</Value></DicomAttribute></M>",
    "prefix": "<d:M xmlns:d='N'><d:DicomAttribute tag='00100020' vr='LO'><d:Value>A</d:Value></d:DicomAttribute></d:M>",
    "indented": """<?xml version="1.0"?>
        <!-- comment -->
        <M xmlns="N" xml:space="default">
            <DicomAttribute keyword="PatientID" tag="00100020" vr="LO">
                <Value>A</Value>
            </DicomAttribute>
        </M>
    """.strip(),
    "XML-14-case": "<M><DicomAttribute Tag='00100020' VR='LO'><Value Number='1'>A</Value></DicomAttribute></M>",
    "character-data": "<M><DicomAttribute tag='00100020' vr='LO'><Value><![CDATA[A]]></Value></DicomAttribute></M>",
}


@pytest.mark.parametrize("name", WRITTEN)
def test_a_document_is_understood_however_it_is_written(name):
    document = WRITTEN[name].replace("M>", "NativeDicomModel>").replace("M xmlns", "NativeDicomModel xmlns")
    raw = native_xml_reader.instance(document.replace("'N'", f"'{NAMESPACE}'").encode())

    assert received_model.read(raw).data_set == {"00100020": {"vr": "LO", "Value": ["A"]}}


@pytest.mark.parametrize(
    "encoding", ["UTF-8", "utf-8", "UTF-16", "ISO-8859-1", "iso-8859-15", "windows-1252", "GB18030", "shift_jis"]
)
def test_XML_11_the_document_is_in_the_encoding_that_it_declares(encoding):
    text = "Ü€山" if encoding.startswith(("UTF", "utf", "GB")) else "山" if encoding == "shift_jis" else "Ü"
    document = f'<?xml version="1.0" encoding="{encoding}"?><NativeDicomModel>{attribute(f"<Value>{text}</Value>")}'

    raw = native_xml_reader.instance((document + "</NativeDicomModel>").encode(encoding))

    assert received_model.read(raw).data_set["00091001"]["Value"] == [text]


def test_XML_05_values_are_in_the_order_of_their_numbers():
    content = '<Value number="3">C</Value><Value number="1">A</Value><Value number="2"/>'

    assert read(attribute(content)) == {"00091001": {"vr": "LO", "Value": ["A", None, "C"]}}


@pytest.mark.parametrize("content", ["", " \n ", "<Value/>", '<Value number="1"></Value>'])
def test_XML_05_an_attribute_without_values_is_empty(content):
    assert read(attribute(content)) == {"00091001": {"vr": "LO"}}


@pytest.mark.parametrize("group", ["Alphabetic", "SingleByte"])
def test_XML_07_a_name_may_be_of_the_first_schema(group):
    name = f"<{group}><GivenName>B</GivenName><FamilyName>A</FamilyName><NameSuffix>E</NameSuffix></{group}>"
    content = f'<PersonName number="1">{name}<Phonetic><FamilyName>P</FamilyName></Phonetic></PersonName>'

    assert read(attribute(content, vr="PN"))["00091001"]["Value"] == [{"Alphabetic": "A^B^^^E", "Phonetic": "P"}]


def test_XML_08_items_are_data_sets_in_the_order_of_their_numbers():
    items = f'<Item number="2">{attribute(tag="00100020")}</Item><Item number="1"/>'

    assert read(attribute(items, vr="SQ"))["00091001"]["Value"] == [{}, {"00100020": {"vr": "LO"}}]


def test_XML_09_XML_10_binary_values_and_bulk_data_are_understood():
    assert read(attribute("<InlineBinary>\n AAEC\n</InlineBinary>", vr="OB"))["00091001"]["InlineBinary"] == "AAEC"
    assert read(attribute('<BulkData uri="a?b=1&amp;c=2"/>', vr="OW"))["00091001"]["BulkDataURI"] == "a?b=1&c=2"


def test_a_vr_that_is_missing_is_that_of_the_dictionary():
    assert read('<DicomAttribute tag="00280010"><Value>7</Value></DicomAttribute>') == {
        "00280010": {"vr": "US", "Value": [7]}
    }


def test_XML_12_STOW_28_neither_group_2_nor_group_lengths_are_taken():
    assert read(attribute(tag="00020010", vr="UI") + attribute(tag="00080000", vr="UL")) == {}


def test_XML_03_JSON_28_private_blocks_are_numbered_anew():
    one, two = 'privateCreator="One"', 'privateCreator="Two"'

    model = read(
        attribute("<Value>a</Value>", tag="00090001", more=one)
        + attribute("<Value>b</Value>", tag="00090001", more=two)
        + attribute("<Value>c</Value>", tag="00091102", more=one)
        + attribute("<Value>d</Value>", tag="00110001", more=two)
    )

    assert {tag: element["Value"] for tag, element in model.items()} == {
        "00090010": ["One"],
        "00090011": ["Two"],
        "00091001": ["a"],
        "00091002": ["c"],
        "00091101": ["b"],
        "00110010": ["Two"],
        "00111001": ["d"],
    }


def test_XML_03_a_private_block_is_that_of_its_creator_where_there_is_one():
    model = read(
        attribute("<Value>a</Value>", tag="00090001", more='privateCreator="One"')
        + attribute("<Value>b</Value>", tag="00090001", more='privateCreator="Other"')
        + attribute("<Value>c</Value>", tag="00091007")
        + attribute("<Value>One</Value>", tag="00090012")
    )

    assert {tag: element["Value"] for tag, element in model.items()} == {
        "00090011": ["Other"],
        "00090012": ["One"],
        "00091007": ["c"],
        "00091101": ["b"],
        "00091201": ["a"],
    }


def test_private_creators_are_those_of_their_item():
    inner = attribute("<Value>b</Value>", tag="00090001", more='privateCreator="Inner"')
    model = read(
        attribute("<Value>a</Value>", tag="00090001", more='privateCreator="Outer"')
        + attribute(f'<Item number="1">{inner}</Item>', tag="00081140", vr="SQ")
    )

    (item,) = model["00081140"]["Value"]
    assert (model["00090010"]["Value"], item["00090010"]["Value"]) == (["Outer"], ["Inner"])


# -- what is refused -------------------------------------------------------------

BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">' + "".join(
    f'<!ENTITY {name} "{f"&{inner};" * 10}">' for inner, name in zip("abcdefg", "bcdefgh", strict=True)
)


@pytest.mark.parametrize(
    "document",
    [
        pytest.param("", id="nothing"),
        pytest.param("text", id="no-xml"),
        pytest.param("<NativeDicomModel>", id="not-closed"),
        pytest.param("<NativeDicomModel></Other>", id="not-matched"),
        pytest.param("<NativeDicomModel/><NativeDicomModel/>", id="two-roots"),
        pytest.param("<Other/>", id="another-root"),
        pytest.param("<NativeDicomModel>&unknown;</NativeDicomModel>", id="an-entity"),
        pytest.param(f"{BOMB}]><NativeDicomModel>&h;</NativeDicomModel>", id="entities-of-entities"),
        pytest.param(
            '<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><NativeDicomModel>&f;</NativeDicomModel>',
            id="a-file",
        ),
        pytest.param('<!DOCTYPE x SYSTEM "http://host/x.dtd"><NativeDicomModel/>', id="a-dtd"),
        pytest.param('<?xml version="1.0" encoding="klingon"?><NativeDicomModel/>', id="an-unknown-encoding"),
        pytest.param('<?xml version="1.0" encoding="rot13"?><NativeDicomModel/>', id="no-encoding-of-text"),
        pytest.param('<?xml version="1.0" encoding="shift_jis"?><NativeDicomModel>\x80</NativeDicomModel>', id="lies"),
        pytest.param(f"<NativeDicomModel>{attribute('<Value/><Item/>')}</NativeDicomModel>", id="XML-04"),
        pytest.param(f"<NativeDicomModel>{attribute('<BulkData/>' * 2)}</NativeDicomModel>", id="XML-04-twice"),
        pytest.param(f"<NativeDicomModel>{attribute('<Other/>')}</NativeDicomModel>", id="out-of-place"),
        pytest.param(f"<NativeDicomModel>{attribute(tag='0010')}</NativeDicomModel>", id="no-tag"),
        pytest.param("<NativeDicomModel><DicomAttribute vr='LO'/></NativeDicomModel>", id="tag-missing"),
        pytest.param(f"<NativeDicomModel>{attribute() * 2}</NativeDicomModel>", id="one-tag-twice"),
        pytest.param(
            f"<NativeDicomModel>{attribute(more='privateCreator=' + repr('A')) * 2}</NativeDicomModel>",
            id="one-private-attribute-twice",
        ),
        pytest.param("<NativeDicomModel>" + "<DicomAttribute tag='00081140'><Item>" * 5000, id="nested-without-end"),
    ],
)
def test_STOW_44_what_is_no_native_dicom_model_is_malformed(document):
    with pytest.raises(MalformedMetadata):
        native_xml_reader.instance(document.encode("latin-1"))


@pytest.mark.parametrize("numbers", [(0, 1), (1, 1), (1, 3), (2, 3), ("x", 1), (1, 10**12), (1, "²"), ("-1", 1)])
def test_XML_05_numbers_that_do_not_count_from_one_are_refused(numbers):
    content = "".join(f'<Value number="{number}">A</Value>' for number in numbers)

    with pytest.raises(MalformedMetadata, match="numbered"):
        read(attribute(content))


def test_more_creators_than_a_group_has_blocks_are_refused():
    attributes = [attribute(tag="00090001", more=f'privateCreator="{number}"') for number in range(0xF1)]

    assert len(read("".join(attributes[:-1]))) == 2 * 0xF0
    with pytest.raises(MalformedMetadata, match="blocks"):
        read("".join(attributes))


def nested(depth: int) -> str:
    opening = '<DicomAttribute tag="00081140" vr="SQ"><Item number="1">'
    return opening * depth + "</Item></DicomAttribute>" * depth


def test_sequences_nest_only_so_deep():
    assert read(nested(DEEPEST_NESTING))
    with pytest.raises(MalformedAttribute, match="deep"):
        read(nested(DEEPEST_NESTING + 1))


def test_messages_hold_no_values():
    for content in ("<Value>Secret</Value><Item/>", "<Value>Secret</Value></Other>"):
        with pytest.raises(MalformedMetadata) as error:
            read(attribute(content))
        assert "Secret" not in str(error.value)


TOKENS = [
    "<DicomAttribute tag='00081140' vr='SQ'>", "</DicomAttribute>", "<DicomAttribute tag='00100020'/>",
    "<Item>", "<Item number='1'>", "</Item>", "<Value>", "<Value number='2'/>", "</Value>", "<PersonName>",
    "</PersonName>", "<Alphabetic>",
    "</Alphabetic>", "<FamilyName>", "</FamilyName>", "<BulkData uri='a'/>", "<InlineBinary>AA==",
    "</InlineBinary>", "text", "&amp;", "&x;", "<!--", "-->", "<![CDATA[", "]]>",
]  # fmt: skip


@given(st.lists(st.sampled_from(TOKENS), max_size=12).map("".join) | st.text())
def test_anything_is_read_or_refused(content: str):
    document: Any = f"<NativeDicomModel>{content}</NativeDicomModel>".encode("utf-8", "surrogatepass")
    try:
        received_model.read(native_xml_reader.instance(document))
    except (MalformedMetadata, MalformedAttribute):
        return


# -- what the media type says of the encoding ------------------------------------


TEXT = "\u00c4\u20ac"
NAMED = f"<NativeDicomModel>{attribute(f'<Value>{TEXT}</Value>', tag='00100020')}</NativeDicomModel>"
DECLARED = f'<?xml version="1.0" encoding="iso-8859-1"?>{NAMED}'


@pytest.mark.parametrize("text", [NAMED, DECLARED])
@pytest.mark.parametrize("charset", ["utf-8", "UTF-8", "utf-16-le", "cp1252", "gb18030", "iso-8859-15"])
def test_the_charset_of_the_media_type_goes_before_what_the_document_declares(text, charset):
    raw = native_xml_reader.instance(text.encode(charset), charset)

    assert raw["00100020"]["Value"] == [TEXT]


def test_a_byte_order_mark_goes_before_both():
    assert native_xml_reader.instance(NAMED.encode("utf-8-sig"), "iso-8859-1")["00100020"]["Value"] == [TEXT]
    assert native_xml_reader.instance(NAMED.encode("utf-16"), "iso-8859-1")["00100020"]["Value"] == [TEXT]


@pytest.mark.parametrize("charset", ["nonsense", "hex", "us-ascii", "utf-16", "punycode", "unicode_escape", "idna"])
def test_a_document_in_another_charset_than_it_is_said_to_be_in_is_malformed(charset):
    with pytest.raises(MalformedMetadata):
        native_xml_reader.instance(NAMED.encode(), charset)


def test_no_encoding_takes_time_with_the_square_of_the_length():
    document = b'<?xml version="1.0" encoding="punycode"?>' + b"a" * 300_000 + b"-" + b"kva" * 300_000

    with pytest.raises(MalformedMetadata):
        native_xml_reader.instance(document)
