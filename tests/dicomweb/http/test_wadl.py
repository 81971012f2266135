"""WADL as XML, and as JSON by PS3.18 Annex G."""

import json
from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from dicomweb.http.wadl import NAMESPACE, Element, doc, to_json, to_xml

DESCRIPTION = Element(
    "application",
    children=[
        Element(
            "resources",
            {"base": "https://images.example.org/"},
            [
                Element("resource", {"path": "studies"}, [Element("method", {"name": "GET"}, [Element("request")])]),
                Element("resource", {"path": "series"}, [doc("All series")]),
            ],
        )
    ],
)
TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn")), min_size=1)


def test_OTH_02_what_can_be_repeated_is_an_array_and_attributes_have_an_at_sign():
    """PS3.18 Sections G.2.1 to G.2.3."""
    assert to_json(DESCRIPTION) == {
        "application": {
            "resources": {
                "@base": "https://images.example.org/",
                "resource": [
                    {"@path": "studies", "method": [{"@name": "GET", "request": {}}]},
                    {"@path": "series", "doc": [{"value": "All series"}]},
                ],
            }
        }
    }


def test_OTH_01_elements_are_in_the_namespace_of_wadl():
    assert {element.tag.partition("}")[0] for element in ET.fromstring(to_xml(DESCRIPTION)).iter()} == {"{" + NAMESPACE}


@given(TEXT, TEXT)
def test_any_text_arrives_as_it_was(attribute, text):
    element = Element("application", children=[Element("resources", {"base": attribute}, [doc(text)])])

    (resources,) = ET.fromstring(to_xml(element))

    assert (resources.attrib["base"], resources[0].text) == (attribute, text)
    written = json.loads(json.dumps(to_json(element)))["application"]["resources"]
    assert written == {"@base": attribute, "doc": [{"value": text}]}
