"""What studies, series and instances are given as (PS3.18 Section 8.7)."""

import pytest
from pydicom.uid import (
    JPEGLSLossless,
)

from tests.dicomweb.answers import payloads
from tests.dicomweb.instances import ANY_SYNTAX, DICOM, MULTIPART, compressed, get
from tests.storing import stored

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("level", ["study_path", "series_path", "path"])
@pytest.mark.parametrize(
    "accept",
    [
        pytest.param(None, id="NEG-02-no-header"),
        pytest.param("", id="NEG-02-empty-header"),
        pytest.param("*/*", id="NEG-03"),
        pytest.param("multipart/*", id="NEG-04-P05"),
        pytest.param("multipart/related", id="no-type"),
        pytest.param('multipart/related; type="*/*"', id="any-type"),
        pytest.param('multipart/related; type="application/dicom"', id="NEG-14-P01-quoted"),
        pytest.param("multipart/related; type=application/dicom", id="NEG-14-P01-bare"),
        pytest.param('multipart/related; type="application/dicom"; transfer-syntax="1.2.840.10008.1.2.1"', id="NEG-14"),
        pytest.param('multipart/related; type="application/dicom; transfer-syntax=*"', id="P02"),
        pytest.param("text/html, multipart/related; type=application/dicom", id="NEG-06-unsupported"),
        pytest.param("nonsense,, ;q=, multipart/related; type=application/dicom", id="NEG-06-malformed"),
        pytest.param(ANY_SYNTAX, id="NEG-15"),
    ],
)
def test_the_default_is_multipart(archive, level, accept):
    """P13"""
    file = stored()

    response = get(archive, getattr(file, level), accept)

    assert response.status_code == 200
    assert payloads(response) == [file.content]


@pytest.mark.parametrize(
    ("accept", "single"),
    [
        (f"{DICOM}, {MULTIPART};q=0.9", True),
        (f"{DICOM};q=0.8, {MULTIPART};q=0.9", False),
        (f"{DICOM};q=0.1, */*;q=0", True),
        (f"{MULTIPART};q=0, */*", True),
        (f"*/*;q=0.5, {DICOM}", True),
        ("application/*", True),
    ],
)
def test_NEG_05_the_highest_quality_of_what_can_be_given_wins(archive, accept, single):
    file = stored()

    response = get(archive, file.path, accept)

    assert response["Content-Type"].startswith(DICOM if single else "multipart/related")


@pytest.mark.parametrize(
    "accept",
    ["text/plain", "image/jpeg", f"{MULTIPART};q=0", "application/dicom+json", f"{DICOM}; transfer-syntax=1.2.3"],
)
@pytest.mark.parametrize("level", ["study_path", "series_path", "path"])
def test_NEG_07_nothing_that_can_be_given_is_406_and_says_what_can(archive, accept, level):
    """P04"""
    response = get(archive, getattr(stored(), level), accept)

    assert response.status_code == 406
    assert "application/dicom" in response.content.decode()


@pytest.mark.parametrize(
    ("query", "header", "single"),
    [
        pytest.param("application/dicom", None, True, id="NEG-09"),
        pytest.param("application/dicom", "*/*", True, id="NEG-10"),
        pytest.param("application/dicom", MULTIPART, True, id="parameter-beats-header"),
        pytest.param("multipart/related;%20type=%22application/dicom%22", DICOM, False, id="NEG-09-percent-encoded"),
        pytest.param("text/plain", DICOM, True, id="NEG-12"),
        pytest.param("text/plain", None, False, id="NEG-12-default"),
    ],
)
def test_the_accept_parameter_is_considered_before_the_header(archive, query, header, single):
    response = get(archive, f"{stored().path}?accept={query}", header)

    assert response["Content-Type"].startswith(DICOM if single else "multipart/related")


@pytest.mark.parametrize(
    "query", ["?unknown=1", "?transferSyntax=1.2.3", "?limit=x", "?", "?PatientName=a&PatientName=b"]
)
def test_NEG_18_NEG_19_other_parameters_are_ignored(archive, query):
    file = stored()

    assert payloads(get(archive, file.path + query, MULTIPART)) == [file.content]


@pytest.mark.parametrize("level", ["study_path", "series_path"])
def test_NEG_21_a_study_or_series_of_one_instance_is_still_not_given_alone(archive, level):
    file = stored()

    assert get(archive, getattr(file, level), DICOM).status_code == 406
    assert payloads(get(archive, getattr(file, level), f"{DICOM}, {MULTIPART};q=0.1")) == [file.content]


def test_NEG_01_NEG_02_a_request_without_accept_is_answered_as_one_that_takes_anything(archive):
    file = compressed(JPEGLSLossless)

    without, anything = get(archive, file.path, None), get(archive, file.path, "*/*")

    assert payloads(without) == payloads(anything)
    assert without["ETag"] == anything["ETag"]


@pytest.mark.parametrize(
    ("accept", "status"),
    [
        pytest.param(f"{MULTIPART}, image/png", 400, id="NEG-08-png"),
        pytest.param("application/dicom+json, image/gif", 400, id="NEG-08-gif"),
        pytest.param(f"{MULTIPART}, image/png;q=0", 200, id="excluded"),
        pytest.param(f"{MULTIPART}, image/jpeg", 200, id="bulk-data-and-rendered"),
        pytest.param(f"{MULTIPART}, text/html", 200, id="NEG-06-unsupported"),
    ],
)
def test_media_types_of_dicom_are_not_mixed_with_rendered_ones(archive, accept, status):
    """PS3.18 Section 8.7.5. JPEG is bulk data as well, and texts are documents."""
    assert get(archive, stored().path, accept).status_code == status


@pytest.mark.parametrize("value", ["nonsense", "/", "*/xml", "%22"])
@pytest.mark.parametrize("resource", ["", "/metadata", "/frames/1", "/bulkdata", "/bulkdata/7FE00010", "/pixeldata"])
def test_NEG_20_an_accept_parameter_that_names_no_media_type_is_400(archive, resource, value):
    assert get(archive, f"{stored().path}{resource}?accept={value}", None).status_code == 400
