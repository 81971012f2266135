"""The Native DICOM Model, PS3.19 Annex A.1: its rules, its form whatever the values, and that of DCMTK beside it."""

import base64
import shutil
import subprocess
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.dicom.native_xml import NAME_COMPONENTS, NAME_GROUPS, from_json, to_xml
from tests.archive.dicom.test_agreement import FILES, NOT_BY_DCMTK, READABLE, our_json

NAMESPACE = "http://dicom.nema.org/PS3.19/models/NativeDICOM"
Node = ET.Element


def parsed(document: bytes) -> Node:
    """The root, whose elements lose the namespace that all of them have to have."""
    root = ET.fromstring(document)
    for node in root.iter():
        assert node.tag.startswith(f"{{{NAMESPACE}}}"), "XML-01"
        node.tag = node.tag.removeprefix(f"{{{NAMESPACE}}}")
    return root


def attribute(tag: str, element: dict[str, Any], **others: dict[str, Any]) -> Node:
    """The attribute of one element of a data set; by `_00090010` and the like others are named."""
    data_set = {tag: element} | {name[1:]: other for name, other in others.items()}
    return list(parsed(to_xml(data_set)))[list(data_set).index(tag)]


def written(vr: str, *values: Any) -> list[tuple[str | None, str | None]]:
    """Number and text of each value of an element."""
    node = attribute("00091001", {"vr": vr, "Value": list(values)})
    assert {child.tag for child in node} == {"Value"}
    return [(child.get("number"), child.text) for child in node]


# -- the rules -------------------------------------------------------------------


def test_XML_01_the_root_has_the_namespace_and_preserves_space():
    document = to_xml({})

    assert document.startswith(b'<?xml version="1.0" encoding="UTF-8"?>')
    assert parsed(document).tag == "NativeDicomModel"
    assert parsed(document).attrib == {"{http://www.w3.org/XML/1998/namespace}space": "preserve"}


@pytest.mark.parametrize(
    ("tag", "vr", "keyword"),
    [
        ("00100010", "PN", "PatientName"),
        ("7FE00010", "OW", "PixelData"),
        ("60023000", "OW", "OverlayData"),
        ("00185555", "UN", None),
    ],
)
def test_XML_02_an_attribute_has_its_tag_vr_and_keyword(tag, vr, keyword):
    expected = {"tag": tag, "vr": vr} | ({"keyword": keyword} if keyword else {})

    assert attribute(tag, {"vr": vr}).attrib == expected


def test_XML_03_a_private_attribute_has_its_creator_instead_of_its_block():
    creators = {"_00090010": {"vr": "LO", "Value": ["One"]}, "_000900A1": {"vr": "LO", "Value": ['"A" & B']}}

    for tag, expected in {
        "00091001": {"tag": "00090001", "vr": "UN", "privateCreator": "One"},
        "0009A1FF": {"tag": "000900FF", "vr": "UN", "privateCreator": '"A" & B'},
        "00091101": {"tag": "00091101", "vr": "UN"},
        "00111001": {"tag": "00111001", "vr": "UN"},
    }.items():
        assert attribute(tag, {"vr": "UN"}, **creators).attrib == expected


def test_XML_03_creators_are_attributes_too_and_have_no_creator():
    node = attribute("00090010", {"vr": "LO", "Value": ["One"]})

    assert (node.attrib, node[0].text) == ({"tag": "00090010", "vr": "LO"}, "One")


def test_XML_03_the_creator_is_the_one_of_the_item():
    item = {"00090010": {"vr": "LO", "Value": ["Inner"]}, "00091002": {"vr": "LO"}}
    outer = {"_00090010": {"vr": "LO", "Value": ["Outer"]}}

    node = attribute("00091001", {"vr": "SQ", "Value": [item, {"00091003": {"vr": "LO"}}]}, **outer)

    assert node.get("privateCreator") == "Outer"
    assert node[0][1].attrib == {"tag": "00090002", "vr": "LO", "privateCreator": "Inner"}
    assert node[1][0].attrib == {"tag": "00091003", "vr": "LO"}


def test_XML_05_JSON_27_values_are_numbered_from_one_and_empty_ones_are_kept():
    assert written("LO", "A", None, "B", None) == [("1", "A"), ("2", None), ("3", "B"), ("4", None)]


@pytest.mark.parametrize("element", [{"vr": "LO"}, {"vr": "SQ"}, {"vr": "PN"}, {"vr": "OB"}, {"vr": "SQ", "Value": []}])
def test_XML_05_an_empty_element_has_no_children(element):
    assert len(attribute("00091001", element)) == 0


def test_XML_06_attribute_tags_and_numbers_are_text():
    assert written("AT", "00280009") == [("1", "00280009")]
    assert written("US", 7, 65535) == [("1", "7"), ("2", "65535")]
    assert written("FD", -0.5, 1e-7) == [("1", "-0.5"), ("2", "1e-07")]
    assert written("UV", "18446744073709551615") == [("1", "18446744073709551615")]


@pytest.mark.parametrize("digits", ["1.016600", "-0", "0.1234567890123456789", "1E5", "12345678901234567890"])
def test_XML_06_numbers_keep_the_digits_of_the_json(digits):
    document = from_json(b'{"00101030":{"vr":"DS","Value":[%b]}}' % digits.encode())

    assert parsed(document)[0][0].text == digits


def test_XML_07_a_name_has_groups_of_components():
    name = {"Phonetic": "やまだ^たろう", "Alphabetic": "Yamada^Tarou^^Dr.", "Ideographic": "山田"}

    first, second = attribute("00100010", {"vr": "PN", "Value": [name, None]})

    assert [(first.tag, first.get("number")), (second.tag, second.get("number"))] == [
        ("PersonName", "1"),
        ("PersonName", "2"),
    ]
    assert [(group.tag, [(component.tag, component.text) for component in group]) for group in first] == [
        ("Alphabetic", [("FamilyName", "Yamada"), ("GivenName", "Tarou"), ("NamePrefix", "Dr.")]),
        ("Ideographic", [("FamilyName", "山田")]),
        ("Phonetic", [("FamilyName", "やまだ"), ("GivenName", "たろう")]),
    ]
    assert len(second) == 0


def test_XML_07_a_name_of_empty_components_has_none():
    (name,) = attribute("00100010", {"vr": "PN", "Value": [{"Alphabetic": "^^^^"}]})

    assert (name.tag, name.attrib, len(name)) == ("PersonName", {"number": "1"}, 0)


def test_XML_07_a_name_of_too_many_components_loses_none():
    ((name,),) = attribute("00100010", {"vr": "PN", "Value": [{"Alphabetic": "1^2^3^4^5^6^7"}]})

    assert [(component.tag, component.text) for component in name] == list(
        zip(NAME_COMPONENTS, ["1", "2", "3", "4", "5^6^7"], strict=True)
    )


def test_XML_08_a_sequence_has_numbered_items():
    items = [{"00100020": {"vr": "LO", "Value": ["A"]}}, {}]

    first, second = attribute("00081140", {"vr": "SQ", "Value": items})

    assert [(item.tag, item.get("number"), len(item)) for item in (first, second)] == [
        ("Item", "1", 1),
        ("Item", "2", 0),
    ]
    assert first[0].attrib == {"tag": "00100020", "vr": "LO", "keyword": "PatientID"}


def test_XML_09_binary_values_are_base64():
    (child,) = attribute("00091001", {"vr": "OB", "InlineBinary": "AAECAw=="})

    assert (child.tag, child.attrib, child.text) == ("InlineBinary", {}, "AAECAw==")


def test_XML_10_bulk_data_is_a_uri():
    (child,) = attribute("7FE00010", {"vr": "OW", "BulkDataURI": "http://host/bulkdata/7FE00010?a=1&b=2"})

    assert (child.tag, child.attrib) == ("BulkData", {"uri": "http://host/bulkdata/7FE00010?a=1&b=2"})


def test_XML_11_the_document_is_utf_8():
    assert "Grüße 山田 𝄞".encode() in to_xml({"00104000": {"vr": "LT", "Value": ["Grüße 山田 𝄞"]}})


def test_XML_13_what_xml_cannot_carry_is_left_out_and_the_rest_arrives_as_it_was():
    assert written("LT", "a\x1b$B\x0c\x00\ufffe\ufffb\ud800z") == [("1", "a$B\ufffbz")]
    assert written("LT", ' <a href="&amp;">\\\'\r\n\tb]]> \x7f\x85\u2028') == [
        ("1", ' <a href="&amp;">\\\'\r\n\tb]]> \x7f\x85\u2028')
    ]


# -- whatever the values ---------------------------------------------------------

#: Characters that a reader of XML can be given, in one way or another.
CARRIED = st.characters(codec="utf-8").filter(lambda c: c in "\t\n\r" or (c >= " " and c not in "\ufffe\uffff"))
TEXTS = st.text(CARRIED, min_size=1)
ANY_TEXT = st.text() | st.text(st.sampled_from("&<>\"'\\^=\r\n\t\x00\x0c\x1b\ud800\uffff]\u2028"))
NAMES = st.dictionaries(st.sampled_from(NAME_GROUPS), ANY_TEXT)
TAGS = st.builds("{:04X}{:04X}".format, st.sampled_from([0x0008, 0x0009]), st.integers(1, 0x10FF))


def elements(data_sets: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    values = {
        "LT": ANY_TEXT,
        "PN": NAMES,
        "SQ": data_sets,
        "DS": st.none() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | ANY_TEXT,
    }
    return st.one_of(
        st.sampled_from(sorted(values)).map(lambda vr: {"vr": vr}),
        *(st.fixed_dictionaries({"vr": st.just(vr), "Value": st.lists(value)}) for vr, value in values.items()),
        st.fixed_dictionaries({"vr": st.just("UN"), "BulkDataURI": ANY_TEXT}),
        st.binary().map(lambda raw: {"vr": "OB", "InlineBinary": base64.b64encode(raw).decode()}),
    )


DATA_SETS = st.recursive(
    st.just({}), lambda data_sets: st.dictionaries(TAGS, elements(data_sets), max_size=4), max_leaves=8
)


def shape(node: Node) -> list[Any]:
    """How many attributes there are, and in their items."""
    return [[shape(item) for item in child if item.tag == "Item"] for child in node]


def shape_of_json(data_set: dict[str, Any]) -> list[Any]:
    return [
        [shape_of_json(item) for item in element.get("Value", [])] if element["vr"] == "SQ" else []
        for element in data_set.values()
    ]


@given(DATA_SETS)
def test_any_data_set_gives_a_well_formed_document_of_its_shape(data_set):
    root = parsed(to_xml(data_set))

    assert shape(root) == shape_of_json(data_set)
    for node in root.iter("DicomAttribute"):
        kinds = {child.tag for child in node}
        assert len(kinds) <= 1, "XML-04"
        assert kinds <= {"Value", "Item", "PersonName", "BulkData", "InlineBinary"}
        if node.get("vr") in ("SQ", "PN"):
            assert "Value" not in kinds, "XML-06"


@given(TEXTS)
def test_a_text_that_xml_can_carry_arrives_unchanged_wherever_it_stands(text):
    document = to_xml(
        {
            "00090010": {"vr": "LO", "Value": [text]},
            "00091001": {"vr": "UN", "BulkDataURI": text},
            "00100010": {"vr": "PN", "Value": [{"Alphabetic": f"a^b^c^d^{text}"}]},
        }
    )
    creator, private, name = parsed(document)

    assert [creator[0].text, private.get("privateCreator"), private[0].get("uri"), name[0][0][-1].text] == [text] * 4


# -- beside DCMTK ----------------------------------------------------------------


def differences(ours: Node, theirs: Node, path: str = "") -> Iterator[str]:
    """What the two say differently, but for what is a matter of choice; each such matter has its comment."""
    mine, others = by_tag(ours), by_tag(theirs)
    for key in sorted(mine.keys() | others.keys()):
        here = path + key
        # DCMTK adds it where it was not needed and left out.
        if key == "00080005":
            continue
        if key not in mine or key not in others:
            yield f"{here} is only in {'theirs' if key in others else 'ours'}"
        else:
            yield from attribute_differences(mine[key], others[key], here)


def by_tag(node: Node) -> dict[str, Node]:
    """Attributes by tag and private creator."""
    found = {}
    for child in node:
        tag, creator = child.attrib["tag"], child.get("privateCreator", "")
        # DCMTK removes the block from a private tag that has no creator, too.
        if int(tag[3], 16) & 1:
            tag = f"{tag[:4]}00{tag[6:]}"
        found[f"{tag}{creator}"] = child
    return found


def attribute_differences(ours: Node, theirs: Node, path: str) -> Iterator[str]:
    # What becomes bulk data is the server's choice; DCMTK leaves at UN what the file says to be UN.
    if ours.find("BulkData") is not None or theirs.get("vr") == "UN":
        return
    # DCMTK gives no keyword for what is retired.
    for name in ("vr", "keyword") if theirs.get("keyword") else ("vr",):
        if ours.get(name) != theirs.get(name):
            yield f"{path} has {name} {ours.get(name)} and {theirs.get(name)}"
    if ours.get("vr") != "SQ":
        # DCMTK writes words big endian, against PS3.19 Table A.1.5-2.
        if ours.get("vr") == "OW" and normalized(ours) == [swapped(words) for words in normalized(theirs)]:
            return
        if normalized(ours) != normalized(theirs):
            yield f"{path} is {normalized(ours)} and {normalized(theirs)}"
        return
    if [item.attrib for item in ours] != [item.attrib for item in theirs]:
        yield f"{path} has {len(ours)} and {len(theirs)} items"
    for item, other in zip(ours, theirs, strict=False):
        yield from differences(item, other, f"{path}/{item.get('number')}/")


def swapped(words: bytes) -> bytes:
    even = words + bytes(len(words) % 2)
    return bytes(even[index ^ 1] for index in range(len(even))).rstrip(b"\0")


def normalized(attribute: Node) -> list[Any]:
    """What an attribute other than a sequence holds: of each value its number and what it says."""
    vr = attribute.get("vr")
    if vr == "PN":
        names = [(name.get("number"), name_groups(name)) for name in attribute]
        # DCMTK leaves out a name of empty components.
        return [(number, groups) for number, groups in names if groups]
    if attribute.find("InlineBinary") is not None:
        # DCMTK breaks lines, and makes values of odd length even.
        return [base64.b64decode(attribute[0].text or "").rstrip(b"\0")]
    if vr in ("FL", "FD"):
        # DCMTK writes a double with 17 digits, and a float with as few as tell it from its neighbours.
        return [(child.get("number"), pytest.approx(float(child.text or "nan"), rel=1e-6)) for child in attribute]
    return [(child.get("number"), child.text) for child in attribute]


def name_groups(name: Node) -> dict[str, list[tuple[str, str | None]]]:
    groups = {group.tag: [(component.tag, component.text) for component in group] for group in name}
    # DCMTK gives the ideographic group again for a phonetic one that is empty.
    if groups.get("Phonetic") == groups.get("Ideographic"):
        groups.pop("Phonetic", None)
    return groups


@pytest.mark.parametrize("name", sorted(set(READABLE) - NOT_BY_DCMTK))
def test_the_xml_agrees_with_that_of_dcmtk(name):
    dcm2xml = shutil.which("dcm2xml")
    assert dcm2xml, "dcm2xml is not installed: this test needs the package dcmtk"
    options = ["--native-format", "--use-xml-namespace", "--convert-to-utf8", "--encode-base64", "--load-all"]
    run = subprocess.run([dcm2xml, *options, str(FILES[name])], capture_output=True, check=False)
    assert run.returncode == 0, run.stderr.decode(errors="replace")

    ours = from_json(our_json(name)[0].dicom_json.replace(b"\x1a", b""))

    assert list(differences(parsed(ours), parsed(run.stdout))) == []
