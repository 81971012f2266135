"""Downloads without what identifies the patient over HTTP: for whom, under which name, and when there is none."""

import io
import zipfile

import pytest
from django.test import Client
from django.urls import reverse

from archive.storage import blobs
from tests.storing import StoredFile, stored, stored_study

pytestmark = pytest.mark.django_db


def study_url(file: StoredFile) -> str:
    return reverse("archive:study_deidentified_zip", args=[file.study])


def objects(response: object) -> list[str]:
    return [name for name in zipfile.ZipFile(io.BytesIO(response.getvalue())).namelist() if name.startswith("DICOM/")]


def test_a_study_is_given_and_no_header_leads_to_the_patient(viewer):
    file = stored(PatientName="Zebra^Unique", PatientID="ZEBRA-1")

    response = viewer.get(study_url(file))

    assert response.status_code == 200
    assert len(objects(response)) == 1
    assert response["Content-Disposition"] == 'attachment; filename="deidentified.zip"'
    assert response["Accept-Ranges"] == "none"
    assert response["Cache-Control"] == "private, no-store"
    assert "Content-Length" not in response
    assert file.study not in str(response.headers.items())


def test_series_and_several_studies_are_given(viewer):
    (first, *_), _ = stored_study([2, 3])
    series = reverse("archive:series_deidentified_zip", args=[first.study, first.series])

    assert len(objects(viewer.get(series))) == 2
    both = viewer.get(reverse("archive:studies_deidentified_zip"), {"study": [first.study, stored().study]})
    assert len(objects(both)) == 6


def test_a_range_is_answered_with_the_whole(viewer):
    response = viewer.get(study_url(stored()), headers={"Range": "bytes=5-10"})

    assert response.status_code == 200
    assert len(objects(response)) == 1


def test_head_says_what_it_would_be_and_makes_nothing(viewer, monkeypatch):
    file = stored()
    monkeypatch.setattr(blobs(), "read", None)

    response = viewer.head(study_url(file))

    assert response["Content-Type"] == "application/zip"
    assert response.getvalue() == b""


@pytest.mark.parametrize(
    ("url", "status"),
    [
        ("/studies/1.2.3/zip/deidentified", 404),
        ("/studies/1.2.3/series/4/zip/deidentified", 404),
        ("/studies/%3Cscript%3E/zip/deidentified", 400),
        ("/zip/deidentified", 400),
        ("/zip/deidentified?study=1.2.3", 404),
    ],
)
def test_what_is_not_there_has_a_page_that_says_so(viewer, url, status):
    response = viewer.get(url)

    assert response.status_code == status
    assert "<h1" in response.content.decode()
    assert "<script>" not in response.content.decode()


def test_what_cannot_be_deidentified_is_refused_and_said(viewer):
    response = viewer.get(study_url(stored(BurnedInAnnotation="YES")))

    assert response.status_code == 422
    assert "The pixel data identify the patient" in response.content.decode()


def test_while_the_storage_is_away_it_is_to_be_tried_again(viewer):
    file = stored()
    for blob in list(blobs().listing()):
        blobs().delete(blob.key)

    assert viewer.get(study_url(file)).status_code == 503


def test_it_is_for_who_may_see_instances(stranger):
    file = stored()

    assert Client().get(study_url(file)).status_code == 302
    assert stranger.get(study_url(file)).status_code == 403


def test_it_is_in_the_audit_trail(viewer, trail):
    file = stored()

    viewer.get(study_url(file)).getvalue()

    (event,) = trail(action="exported")
    assert (event.study_instance_uid, event.person) == (file.study, "viewer")
