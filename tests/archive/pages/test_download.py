"""Downloads over HTTP: for whom, under which name, whole or in ranges; and what there is when there is no archive."""

import io
import zipfile
from collections.abc import Callable

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.db import OperationalError
from django.test import Client
from django.urls import reverse

from archive.pages import download
from archive.selectors import zip_download
from archive.services.delete import delete
from archive.storage import blobs
from tests.storing import StoredFile, stored

pytestmark = pytest.mark.django_db


def study_url(file: StoredFile) -> str:
    return reverse("archive:study_zip", args=[file.study])


def signed_in(*permissions: str) -> Client:
    user = get_user_model().objects.create_user("somebody")
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions, content_type__app_label="archive"))
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def client(db: None) -> Client:
    return signed_in("view_instance")


@pytest.fixture
def file(db: None) -> StoredFile:
    return stored(PatientName="Zebra^Unique", PatientID="ZEBRA-1")


@pytest.fixture
def whole(client: Client, file: StoredFile) -> bytes:
    return client.get(study_url(file)).getvalue()


# -- what is given ---------------------------------------------------------------


def test_a_study_is_given_as_a_zip_archive(client, file):
    response = client.get(study_url(file))
    content = response.getvalue()
    assert response.status_code == 200
    assert response["Content-Type"] == "application/zip"
    assert response["Content-Disposition"] == f'attachment; filename="{file.study}.zip"'
    assert response["Content-Length"] == str(len(content))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.read("DICOM/ST000001/SE000001/IM000001") == file.content


def test_a_series_is_given_under_its_uid(client, file):
    response = client.get(reverse("archive:series_zip", args=[file.study, file.series]))
    assert response["Content-Disposition"] == f'attachment; filename="{file.series}.zip"'
    assert len(zipfile.ZipFile(io.BytesIO(response.getvalue())).namelist()) == 3


def test_several_studies_are_given_together(client, file):
    response = client.get(reverse("archive:studies_zip"), {"study": [file.study, stored().study]})
    assert response["Content-Disposition"] == 'attachment; filename="studies.zip"'
    assert len(zipfile.ZipFile(io.BytesIO(response.getvalue())).namelist()) == 4


def test_head_says_the_same_and_opens_nothing(client, file, monkeypatch):
    given = client.get(study_url(file))
    assert given.getvalue()
    monkeypatch.setattr(blobs(), "read", None)
    response = client.head(study_url(file))
    assert response.headers.items() == given.headers.items()
    assert response.getvalue() == b""


def test_headers_say_nothing_of_the_patient_and_nobody_keeps_it(client, file):
    response = client.head(study_url(file))
    assert "ZEBRA" not in str(response.headers.items()).upper()
    assert response["Cache-Control"] == "private, no-store"


# -- ranges ----------------------------------------------------------------------


@pytest.mark.parametrize("wanted", ["0-0", "10-19", "100-", "-50", "0-99999999"])
def test_a_range_is_given_and_said(client, file, whole, wanted):
    first, last = wanted.split("-")
    start = int(first) if first else len(whole) - int(last)
    stop = min(len(whole), int(last) + 1) if first and last else len(whole)
    response = client.get(study_url(file), headers={"range": f"bytes={wanted}"})
    assert response.status_code == 206
    assert response.getvalue() == whole[start:stop]
    assert response["Content-Range"] == f"bytes {start}-{stop - 1}/{len(whole)}"
    assert response["Content-Length"] == str(stop - start)


def test_an_interrupted_download_goes_on_where_it_ended(client, file, whole):
    tag = client.head(study_url(file))["ETag"]
    rest = client.get(study_url(file), headers={"range": "bytes=321-", "if-range": tag})
    assert whole[:321] + rest.getvalue() == whole


def test_of_a_study_that_has_changed_meanwhile_the_whole_is_given_anew(client, file, whole):
    tag = client.head(study_url(file))["ETag"]
    stored(StudyInstanceUID=file.study)
    response = client.get(study_url(file), headers={"range": "bytes=321-", "if-range": tag})
    assert response.status_code == 200
    assert len(response.getvalue()) > len(whole)


@pytest.mark.parametrize("header", ["bytes=0-1,5-6", "lines=1-2", "bytes=x"])
def test_other_ranges_are_answered_with_the_whole(client, file, whole, header):
    response = client.get(study_url(file), headers={"range": header})
    assert response.status_code == 200
    assert response.getvalue() == whole


def test_nothing_is_behind_the_end(client, file, whole):
    response = client.get(study_url(file), headers={"range": f"bytes={len(whole)}-"})
    assert response.status_code == 416
    assert response["Content-Range"] == f"bytes */{len(whole)}"


def test_who_has_it_is_not_given_it_again(client, file):
    tag = client.head(study_url(file))["ETag"]
    assert client.get(study_url(file), headers={"if-none-match": tag}).status_code == 304
    assert client.get(study_url(file), headers={"if-match": '"other"'}).status_code == 412


# -- for whom --------------------------------------------------------------------


def test_who_has_not_signed_in_is_asked_to(file, settings):
    response = Client().get(study_url(file))
    assert response.status_code == 302
    assert response["Location"].startswith(reverse(settings.LOGIN_URL))


def test_who_may_not_see_instances_is_refused(file):
    assert signed_in("add_instance").get(study_url(file)).status_code == 403


def test_other_methods_are_not_allowed(client, file):
    assert client.post(study_url(file)).status_code == 405


# -- when there is none ----------------------------------------------------------


def fail_to_connect(places: object) -> None:
    raise OperationalError("connection to server at 10.0.0.7 failed")


@pytest.mark.parametrize(
    ("url", "status"),
    [
        ("/studies/1.2.3/zip", 404),
        ("/studies/1.2.3/series/4/zip", 404),
        ("/studies/1.2%003/zip", 400),
        ("/studies/%3Cscript%3E/zip", 400),
        ("/zip", 400),
        ("/zip?study=", 400),
        ("/zip?study=1.2.3", 404),
    ],
)
def test_what_is_not_there_has_a_page_that_says_so(client, url, status):
    response = client.get(url)
    assert response.status_code == status
    assert response["Content-Type"] == "text/html; charset=utf-8"
    assert "<h1" in response.content.decode()
    assert "<script>" not in response.content.decode()


@pytest.mark.django_db(transaction=True)
def test_what_is_deleted_is_gone(client, file):
    delete(file.study)
    response = client.get(study_url(file))
    assert response.status_code == 410
    assert f"Study {file.study} has been deleted." in response.content.decode()


def test_too_many_instances_are_refused(client, file, monkeypatch):
    monkeypatch.setattr(zip_download, "MOST_INSTANCES", 0)
    assert client.get(study_url(file)).status_code == 413


@pytest.mark.parametrize("away", ["storage", "database"])
def test_while_the_storage_or_the_database_is_away_it_is_to_be_tried_again(
    client: Client, file: StoredFile, monkeypatch: pytest.MonkeyPatch, away: str, unreachable: Callable[[], None]
) -> None:
    if away == "storage":
        unreachable()
    else:
        monkeypatch.setattr(download, "zip_archive", fail_to_connect)
    response = client.get(study_url(file))
    assert response.status_code == 503
    assert "10.0.0.7" not in response.content.decode()


@pytest.fixture
def unreachable() -> Callable[[], None]:
    """Makes every blob disappear."""

    def lose() -> None:
        for blob in list(blobs().listing()):
            blobs().delete(blob.key)

    return lose
