"""Choosing the form of an answer for a request."""

import pytest

from tests import factories
from tests.dicomweb.answers import parts

XML = 'multipart/related; type="application/dicom+xml"'


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("query", "headers"),
    [
        ("&charset=iso-8859-1", {}),
        ("", {"accept-charset": "utf-8;q=0.1, iso-8859-1"}),
        ("", {"accept": f"{XML}; charset=iso-8859-1"}),
    ],
)
def test_NEG_13_search_results_in_xml_are_in_the_character_set_that_was_asked_for(archive, query, headers):
    factories.study(study_description="Schädel Ω")

    path = f"/dicom-web/studies?includefield=StudyDescription{query}"
    (part,) = parts(archive.get(path, headers={"accept": XML} | headers))

    assert part.content_type == "application/dicom+xml; charset=ISO-8859-1"
    assert "Schädel &#937;" in part.payload.decode("iso-8859-1")


@pytest.mark.django_db
def test_NEG_13_search_results_in_json_are_utf_8(archive):
    factories.study(study_description="Schädel")

    response = archive.get("/dicom-web/studies?charset=us-ascii&includefield=StudyDescription")

    assert response["Content-Type"] == "application/dicom+json"
    assert response.json()[0]["00081030"]["Value"] == ["Schädel"]
