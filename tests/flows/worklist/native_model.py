"""The Native DICOM Model (PS3.19 Annex A.1) as a client writes and reads it, apart from the archive's own code."""

import xml.etree.ElementTree as ET
from typing import Any

from pydicom.datadict import keyword_for_tag

from archive.dicom.dicom_json import DataSet, Element

NAMESPACE = "http://dicom.nema.org/PS3.19/models/NativeDICOM"
NUMBERS = {"US": int, "IS": int, "DS": float}


def write(found: DataSet) -> bytes:
    root = ET.Element("NativeDicomModel", {"xmlns": NAMESPACE, "xml:space": "preserve"})
    _add(root, found)
    return ET.tostring(root, encoding="utf-8", xml_declaration=True)


def _add(parent: ET.Element, found: DataSet) -> None:
    for tag, element in found.items():
        attribute = ET.SubElement(
            parent, "DicomAttribute", {"tag": tag, "vr": element["vr"], "keyword": keyword_for_tag(int(tag, 16))}
        )
        for number, value in enumerate(element.get("Value", []), 1):
            _add_value(attribute, element["vr"], str(number), value)


def _add_value(attribute: ET.Element, vr: str, number: str, value: Any) -> None:
    if vr == "SQ":
        _add(ET.SubElement(attribute, "Item", {"number": number}), value)
    elif vr == "PN":
        name = ET.SubElement(ET.SubElement(attribute, "PersonName", {"number": number}), "Alphabetic")
        family, _, given = value["Alphabetic"].partition("^")
        ET.SubElement(name, "FamilyName").text = family
        ET.SubElement(name, "GivenName").text = given
    else:
        ET.SubElement(attribute, "Value", {"number": number}).text = str(value)


def read(document: bytes) -> DataSet:
    root = ET.fromstring(document)
    for node in root.iter():
        namespace, _, node.tag = node.tag.removeprefix("{").partition("}")
        assert namespace == NAMESPACE
    assert root.tag == "NativeDicomModel"
    return _data_set(root)


def _data_set(node: ET.Element) -> DataSet:
    return {attribute.attrib["tag"]: _element(attribute) for attribute in node.findall("DicomAttribute")}


def _element(attribute: ET.Element) -> Element:
    vr = attribute.attrib["vr"]
    values = [_value(vr, child) for child in attribute]
    return {"vr": vr, "Value": values} if values else {"vr": vr}


def _value(vr: str, node: ET.Element) -> Any:
    if vr == "SQ":
        return _data_set(node)
    if vr == "PN":
        family, given = (node.findtext(f"Alphabetic/{part}") for part in ("FamilyName", "GivenName"))
        return {"Alphabetic": f"{family}^{given}"}
    return NUMBERS.get(vr, str)(node.text or "")
