"""Retrieve Capabilities (PS3.18 Section 8.9, Annexes G and H)."""

import gzip
import json
import re
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import get_resolver

from dicomweb import offers, transactions
from dicomweb.resource import table
from tests.storing import stored

pytestmark = pytest.mark.django_db

ROOT = "/dicom-web"
XML, JSON = "application/vnd.sun.wadl+xml", "application/json"
WADL = "{http://wadl.dev.java.net/2009/02}"

#: The grammar of WADL: for each element its attributes, and its children in their order. `+`: one at least.
GRAMMAR: dict[str, tuple[set[str], list[str]]] = {
    "application": (set(), ["doc", "grammars", "resources"]),
    "resources": ({"base"}, ["doc", "resource"]),
    "resource": ({"path", "id", "type", "queryType"}, ["doc", "param", "method resource"]),
    "method": ({"name", "id", "href"}, ["doc", "request", "response"]),
    "request": (set(), ["doc", "param", "representation"]),
    "response": ({"status"}, ["doc", "param", "representation"]),
    "representation": ({"mediaType", "element", "profile", "id", "href"}, ["doc", "param"]),
    "param": ({"name", "style", "type", "required", "default", "repeating", "fixed", "path", "id"}, ["doc", "option"]),
    "option": ({"value", "mediaType"}, ["doc"]),
    "doc": ({"title"}, []),
}
REQUIRED = {"resources": {"base"}, "method": {"name"}, "param": {"name", "style"}, "option": {"value"}}


def options(client: Client, path: str = f"{ROOT}/", accept: str = XML, **headers: str) -> HttpResponse:
    return client.options(path, headers={"accept": accept} | headers)


def resources(client: Client, path: str = f"{ROOT}/") -> ET.Element:
    """The one `resources` element of the description."""
    response = options(client, path)
    assert (response.status_code, response["Content-Type"]) == (200, XML)
    (found,) = ET.fromstring(response.content)
    return found


def methods(element: ET.Element, path: str = "") -> dict[str, set[str]]:
    """The methods of every resource by its whole path."""
    found = {}
    for resource in element.findall(f"{WADL}resource"):
        whole = f"{path}/{resource.attrib['path']}".replace("//", "/")
        if names := {method.attrib["name"] for method in resource.findall(f"{WADL}method")}:
            found[whole] = names
        found |= methods(resource, whole)
    return found


def hold_against_grammar(element: ET.Element) -> None:
    name = element.tag.removeprefix(WADL)
    attributes, order = GRAMMAR[name]
    assert REQUIRED.get(name, set()) <= set(element.attrib) <= attributes, name
    places = [
        next(n for n, kinds in enumerate(order) if child.tag.removeprefix(WADL) in kinds.split()) for child in element
    ]
    assert places == sorted(places), name
    for child in element:
        hold_against_grammar(child)


@pytest.mark.parametrize("path", [ROOT, f"{ROOT}/", f"{ROOT}/studies", f"{ROOT}/studies/1.2/series/3/instances/4"])
def test_OTH_01_the_description_is_a_wadl_document(archive, path):
    response = options(archive, path)

    document = ET.fromstring(response.content)
    hold_against_grammar(document)
    assert [child.tag for child in document] == [f"{WADL}resources"]
    assert document[0].attrib["base"] == "http://testserver/dicom-web/"


def test_OTH_01_every_resource_is_there_with_its_methods(archive):
    """It is made from the URL table: nothing in it can be older."""
    rows = {
        "/" + re.sub(r"<\w+:(\w+)>", r"{\1}", row.pattern._route): set(row.callback.cls.modules)
        for row in get_resolver("dicomweb.urls").url_patterns
    }

    described = methods(resources(archive))

    assert described == rows
    assert described["/studies"] == {"GET", "POST"}
    assert described["/studies/{study}/series/{series}/instances/{instance}/metadata"] == {"GET"}


def test_OTH_01_what_is_described_is_what_is_answered(archive):
    """No method is described that its resource does not have, and none left out."""
    file = stored()
    names = {"study": file.study, "series": file.series, "instance": file.instance}
    names |= {"workitem": "1.2", "requester": "RIS", "ae_title": "RIS"}
    for template, described in methods(resources(archive)).items():
        path = template.format(**names, frames="1", reference="7FE00010")
        allowed = archive.generic("PROPFIND", ROOT + path)["Allow"].split(", ")
        assert described == set(allowed) - {"HEAD", "OPTIONS"}, template


def test_every_transaction_of_the_table_is_described():
    modules = {module for methods in table().values() for module in methods.values()}

    assert modules == set(transactions.TRANSACTIONS)


def test_template_parameters_are_declared(archive):
    for resource in resources(archive).iter(f"{WADL}resource"):
        names = [
            param.attrib["name"] for param in resource.findall(f"{WADL}param") if param.attrib["style"] == "template"
        ]
        assert names == re.findall(r"\{(\w+)\}", resource.attrib["path"])


def method(client: Client, path: str, name: str) -> ET.Element:
    (resource,) = resources(client, path)
    (found,) = [method for method in resource.findall(f"{WADL}method") if method.attrib["name"] == name]
    return found


def parameters(element: ET.Element, style: str) -> dict[str, list[str]]:
    return {
        param.attrib["name"]: [option.attrib["value"] for option in param]
        for param in element.findall(f"{WADL}request/{WADL}param")
        if param.attrib["style"] == style
    }


def test_a_search_is_described_with_its_keys_and_parameters(archive):
    query = parameters(method(archive, f"{ROOT}/studies", "GET"), "query")

    assert {"PatientName", "00100010", "StudyDate", "limit", "offset", "includefield", "fuzzymatching"} <= set(query)
    assert not {"Modality", "SOPClassUID", "TimezoneOffsetFromUTC"} & set(query)
    instances = parameters(method(archive, f"{ROOT}/instances", "GET"), "query")
    assert {"Modality", "SOPClassUID", "RequestAttributesSequence.ScheduledProcedureStepID"} <= set(instances)


@pytest.mark.parametrize("name", ["PatientName", "ModalitiesInStudy", "StudyInstanceUID", "StudyTime"])
def test_described_keys_are_matched(archive, name):
    assert name in parameters(method(archive, f"{ROOT}/studies", "GET"), "query")

    assert "Warning" not in archive.get(f"{ROOT}/studies?{name}=1")


def test_media_types_and_character_sets_are_described(archive):
    """NEG-13: Section 8.8 asks for the character sets."""
    metadata = method(archive, f"{ROOT}/studies/1.2/metadata", "GET")

    assert parameters(metadata, "header")["Accept"][0] == "application/dicom+json"
    assert 'multipart/related; type="application/dicom+xml"' in parameters(metadata, "header")["Accept"]
    assert parameters(metadata, "query")["charset"] == ["UTF-8", "ISO-8859-1", "US-ASCII"]
    store = method(archive, f"{ROOT}/studies", "POST")
    taken = [r.attrib["mediaType"] for r in store.findall(f"{WADL}request/{WADL}representation")]
    assert 'multipart/related; type="application/dicom"' in taken


@pytest.mark.parametrize("level", ["", "/series/2", "/series/2/instances/3"])
def test_described_forms_of_instances_can_be_asked_for(archive, level):
    file = stored()
    path = f"{ROOT}/studies/{file.study}" + level.replace("/2", f"/{file.series}").replace("/3", f"/{file.instance}")

    for form in parameters(method(archive, path, "GET"), "header")["Accept"]:
        if "application/dicom" in form:
            assert archive.get(path, headers={"accept": form}).status_code == 200, form


def test_OTH_02_the_same_description_in_json(archive):
    """PS3.18 Annex G: what can be repeated is an array, attributes have an @."""
    response = options(archive, accept=JSON)

    def as_json(element: ET.Element) -> dict[str, Any]:
        written: dict[str, Any] = {f"@{name}": value for name, value in element.attrib.items()}
        if element.text and element.text.strip():
            written["value"] = element.text
        for child in element:
            name = child.tag.removeprefix(WADL)
            if name in {"resources", "request"}:
                written[name] = as_json(child)
            else:
                written.setdefault(name, []).append(as_json(child))
        return written

    assert (response.status_code, response["Content-Type"]) == (200, JSON)
    document = ET.fromstring(options(archive).content)
    assert json.loads(response.content) == {"application": as_json(document)}


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [("*/*", XML), (XML, XML), (JSON, JSON), (f"{XML};q=0.1, {JSON}", JSON), ("application/*", XML)],
)
def test_capabilities_are_negotiated(archive, accept, content_type):
    assert options(archive, accept=accept)["Content-Type"] == content_type


def test_capabilities_in_another_form_are_406(archive):
    assert options(archive, accept="application/dicom+json").status_code == 406
    assert str(offers.CAPABILITIES[0]) in options(archive, accept="image/png").json()["message"]


def test_OTH_03_a_resource_describes_itself_and_what_is_below(archive):
    described = methods(resources(archive, f"{ROOT}/studies/1.2/series/3"))

    series = "/studies/{study}/series/{series}"
    assert described[series] == {"GET", "DELETE"}
    assert f"{series}/metadata" in described
    assert all(path.startswith(series) for path in described)


@pytest.mark.parametrize("accept", [XML, JSON])
def test_OTH_04_capabilities_that_the_client_has_are_304(archive, accept):
    tag = options(archive, accept=accept)["ETag"]

    response = options(archive, accept=accept, **{"if-none-match": tag})

    assert (response.status_code, response.content, response["ETag"]) == (304, b"", tag)
    assert options(archive, accept=accept, **{"if-none-match": '"other"'}).status_code == 200
    assert options(archive, f"{ROOT}/studies", accept, **{"if-none-match": tag}).status_code == 200


@pytest.mark.parametrize("accept", [XML, JSON])
def test_OTH_09_capabilities_are_compressed_where_the_client_takes_it(archive, accept):
    plain = options(archive, accept=accept)
    compressed = options(archive, accept=accept, **{"accept-encoding": "gzip"})

    assert compressed["Content-Encoding"] == "gzip"
    assert gzip.decompress(compressed.content) == plain.content
    assert options(archive, accept=accept, **{"if-none-match": compressed["ETag"]}).status_code == 304


def test_capabilities_need_the_sign_in_that_reading_needs(member, client_of):
    assert options(Client()).status_code == 401
    assert options(client_of(member())).status_code == 403
    assert options(client_of(member("viewers"))).status_code == 200


def test_OTH_10_options_tell_the_methods_that_are_allowed(archive):
    assert set(options(archive, f"{ROOT}/studies")["Allow"].split(", ")) == {"GET", "HEAD", "POST", "OPTIONS"}
