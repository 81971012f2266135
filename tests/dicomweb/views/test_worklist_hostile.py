"""Requests of the worklist that nobody sends by accident: a clear refusal, at once, and nothing written."""

import json
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.dicomweb.worklist_requests import GLOBAL, JSON, WORKITEMS, XML, path, send
from tests.workitems import tag, workitem
from tests.worklist import created, stored
from workflow.models import Workitem

pytestmark = pytest.mark.django_db

BOMB = b'<!DOCTYPE x [<!ENTITY a "' + b"a" * 100 + b'"><!ENTITY b "' + b"&a;" * 100 + b'">]><NativeDicomModel>&b;'
DEEP = b'{"00404018":{"vr":"SQ","Value":[' * 2_000 + b"]}}" * 2_000
XML_DEEP = b'<DicomAttribute tag="00404018" vr="SQ"><Item>' * 2_000

HOSTILE = {
    "nested-arrays": (b"[" * 4_000_000, JSON),
    "nested-objects": (b'{"a":' * 1_000_000, JSON),
    "nested-sequences": (DEEP, JSON),
    "nested-elements": (b"<NativeDicomModel>" + XML_DEEP, XML),
    "many-values": (b'{"00741204":{"vr":"LO","Value":[' + b"0," * 3_000_000 + b"0]}}", JSON),
    "many-data-sets": (b"[" + b"{}," * 2_000_000 + b"{}]", JSON),
    "a-long-number": (b'{"00741002":{"Value":[{"00741004":{"Value":[' + b"9" * 4_000_000 + b"]}}]}}", JSON),
    "a-huge-exponent": (b'{"00280010":{"vr":"US","Value":[1e999999999]}}', JSON),
    "entities": (BOMB, XML),
    "a-slow-encoding": (b'<?xml version="1.0" encoding="punycode"?>' + b"a" * 500_000 + b"-" + b"kva" * 500_000, XML),
    "many-attributes": (b"<NativeDicomModel " + b" ".join(b'a%d=""' % n for n in range(300_000)) + b">", XML),
    "boundaries": (b"--b\r\n" * 1_000_000, f'multipart/related; type="{XML}"; boundary=b'),
}


@pytest.mark.parametrize("form", HOSTILE)
@pytest.mark.parametrize("transaction", ["create", "update", "state", "cancel"])
def test_a_hostile_body_is_refused_within_seconds(worklist, form, transaction):
    uid = created()
    method, url = {
        "create": ("POST", WORKITEMS),
        "update": ("POST", path(uid)),
        "state": ("PUT", f"{path(uid)}/state"),
        "cancel": ("POST", f"{path(uid)}/cancelrequest"),
    }[transaction]
    before = stored(uid)
    started = time.monotonic()

    response = send(worklist, method, url, *HOSTILE[form])

    assert response.status_code == 400
    assert len(response.content) < 2000
    assert time.monotonic() - started < 20
    assert stored(uid) == before
    assert Workitem.objects.count() == 1


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["vr", "Value", "InlineBinary", "BulkDataURI", "Alphabetic", "00080100", "00741008"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=12,
)
TAGS = st.sampled_from([*workitem(), tag("MedicalAlerts"), "00080018", "00001000", "00091001", "FFFEE000", "x", ""])


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(TAGS, VALUES, max_size=4))
def test_whatever_is_in_a_workitem_it_is_created_or_refused(worklist, changes):
    """And what is created can be retrieved, in JSON and in XML."""
    response = send(worklist, "POST", WORKITEMS, json.dumps(workitem() | changes).encode())

    assert response.status_code in {201, 400, 409}, response.content
    if response.status_code == 201:
        url = response["Location"].removeprefix("http://testserver")
        assert worklist.get(url).status_code == 200
        assert worklist.get(url, headers={"accept": XML}).status_code == 200


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(TAGS, VALUES, max_size=3))
def test_whatever_is_in_an_update_it_is_made_or_refused(worklist, changes):
    uid = created()

    response = send(worklist, "POST", path(uid), json.dumps(changes).encode())

    assert response.status_code in {200, 400, 409}, response.content
    assert worklist.get(path(uid), headers={"accept": XML}).status_code == 200


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="#?/"), max_size=40))
def test_whatever_a_query_or_a_path_says_it_is_understood_or_refused(worklist, text):
    uid = created()
    for method, url in (
        ("POST", f"{path(uid)}?{text}"),
        ("POST", f"{WORKITEMS}?{text}"),
        ("POST", f"{GLOBAL}/subscribers/RIS?{text}"),
        ("POST", f"{GLOBAL}/?{text}"),
        ("POST", f"{GLOBAL}/subscribers/{text}"),
        ("PUT", f"{path(uid)}/state/{text}"),
        ("DELETE", f"{path(text)}/subscribers/RIS"),
        ("GET", path(text)),
    ):
        status = send(worklist, method, url, b"{}" if method != "GET" else b"").status_code
        assert status in {200, 201, 400, 404, 405, 409}, (method, url)
