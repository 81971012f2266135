"""The upload page, and what its script asks for: which files the archive has already."""

import hashlib
import json
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.test import Client

from archive import upload_reports
from tests.people import signed_in
from tests.storing import stored

pytestmark = pytest.mark.django_db

DIGEST = hashlib.sha256(b"").hexdigest()


@pytest.fixture
def uploader() -> Client:
    return signed_in("uploader", "uploaders")


@pytest.fixture
def gateway() -> Client:
    """May store images, and see none."""
    client = signed_in("gateway")
    permission = Permission.objects.get(codename="add_instance")
    get_user_model().objects.get(username="gateway").user_permissions.add(permission)
    return client


def ask(client: Client, files: Any) -> Any:
    return client.post("/upload/known", json.dumps({"files": files}), content_type="application/json")


def test_the_page_is_for_those_who_may_store(uploader, viewer, client):
    assert uploader.get("/upload/").status_code == 200
    assert viewer.get("/upload/").status_code == 403
    assert client.get("/upload/")["Location"] == "/login/?next=/upload/"


def test_files_are_dropped_on_the_list_of_studies_by_those_who_may_store(uploader, viewer):
    assert b"data-upload hidden" in uploader.get("/").content
    assert b"data-upload" not in viewer.get("/").content


def test_the_navigation_leads_to_the_page_by_a_key(uploader, viewer):
    assert b'href="/upload/" data-key="u"' in uploader.get("/").content
    assert b'href="/upload/"' not in viewer.get("/").content


def test_the_script_is_told_where_everything_is(uploader, settings):
    settings.ARCHIVE_MAX_INSTANCE_SIZE = 12345
    page = uploader.get("/upload/").content.decode()

    told = json.loads(page.split('id="upload-settings" type="application/json">')[1].split("</script>")[0])

    assert told["store"] == "/dicom-web/studies"
    assert told["known"] == "/upload/known"
    assert told["largest"] == 12345


def test_what_is_stored_byte_for_byte_is_known_with_its_study(uploader):
    file, other = stored(), stored()
    files = [
        {"instance": file.instance, "sha256": hashlib.sha256(file.content).hexdigest()},
        {"instance": other.instance, "sha256": hashlib.sha256(file.content).hexdigest()},
        {"instance": "1.2.3", "sha256": DIGEST},
    ]

    assert ask(uploader, files).json() == {"studies": [file.study, None, None]}


def test_what_was_changed_when_it_was_stored_is_known_by_what_was_sent(uploader, settings):
    first = stored(PatientName="Doe^Jane")
    settings.ARCHIVE_ON_CONFLICT = "coerce"
    second = stored(StudyInstanceUID=first.study, PatientName="Roe^Richard")

    answer = ask(uploader, [{"instance": second.instance, "sha256": hashlib.sha256(second.content).hexdigest()}])

    assert answer.json() == {"studies": [first.study]}


def test_who_may_not_see_images_learns_nothing_of_them(gateway):
    file = stored()

    page = gateway.get("/upload/").content.decode()
    answer = ask(gateway, [{"instance": file.instance, "sha256": hashlib.sha256(file.content).hexdigest()}])

    assert '"known": null' in page
    assert answer.status_code == 403


@pytest.mark.parametrize(
    "files",
    [
        None,
        {},
        [1],
        [{}],
        [{"instance": "1.2.3"}],
        [{"instance": "1.2.3", "sha256": "0"}],
        [{"instance": "1.2.3", "sha256": 5}],
        [{"instance": 5, "sha256": DIGEST}],
        [{"instance": "", "sha256": DIGEST}],
        [{"instance": "../..", "sha256": DIGEST}],
        [{"instance": "1.2.3", "sha256": DIGEST}] * (upload_reports.MOST + 1),
    ],
)
def test_what_cannot_be_asked_is_refused(uploader, files):
    answer = ask(uploader, files)

    assert answer.status_code == 400
    assert answer.json()["problem"]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff", b'"x"'])
def test_what_is_not_an_object_in_json_is_refused(uploader, body):
    assert uploader.post("/upload/known", body, content_type="application/json").status_code == 400


def test_who_is_not_signed_in_any_more_is_told_so_rather_than_led_away(client):
    answer = client.post("/upload/known", b"{}", content_type="application/json", headers={"HX-Request": "true"})

    assert answer.status_code == 401


def test_questions_come_from_our_own_pages(uploader):
    client = Client(enforce_csrf_checks=True)
    client.cookies = uploader.cookies

    assert ask(client, []).status_code == 403
