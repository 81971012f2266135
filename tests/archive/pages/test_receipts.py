"""Receipts of uploads: what browsers report, and what people read of it."""

import csv
import json
from io import StringIO
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.test import Client

from archive.models import Study, UploadedFile, UploadReceipt
from archive.services import uploads
from tests.people import signed_in
from tests.storing import stored

pytestmark = pytest.mark.django_db


@pytest.fixture
def uploader() -> Client:
    return signed_in("uploader", "uploaders")


@pytest.fixture
def receipt(uploader) -> str:
    """The URL of a receipt that has just been begun."""
    return uploader.post("/upload/receipts").json()["receipt"]


def file(path: str = "a.dcm", result: str = "skipped", *, instance: str = "", **more: Any) -> dict[str, Any]:
    return {"path": path, "size": 10, "result": result, "reason": "", "instance": instance} | more


def report(client: Client, receipt: str, *files: Any, finished: bool = False) -> Any:
    body = json.dumps({"files": files, "finished": finished})
    return client.post(receipt, body, content_type="application/json")


def results() -> dict[str, str]:
    return dict(UploadedFile.objects.values_list("path", "result"))


def table(client: Client, receipt: str) -> list[list[str]]:
    text = b"".join(client.get(f"{receipt}.csv").streaming_content).decode("utf-8-sig")
    return list(csv.reader(StringIO(text)))


def test_what_became_of_files_is_reported_in_parts_and_read_as_one(uploader, receipt):
    image = stored(PatientName="Doe^Jane")
    assert report(uploader, receipt, file("cd/DICOMDIR", reason="It is a DICOMDIR.")).status_code == 204
    report(uploader, receipt, file("cd/1", "stored", instance=image.instance), finished=True)

    page = uploader.get(receipt).content.decode()

    assert "cd/DICOMDIR" in page
    assert "It is a DICOMDIR." in page
    assert f"/studies/{image.study}" in page
    assert "Doe" in page
    assert UploadReceipt.objects.get().finished_at
    assert receipt in uploader.get("/upload/").content.decode()


def test_a_file_that_is_said_to_be_stored_is_looked_for(uploader, receipt):
    report(uploader, receipt, file("a", "stored", instance="1.2.3"), file("b", "known", instance="1.2.4"))

    assert results() == {"a": "failed", "b": "failed"}
    assert uploads.NOT_THERE in uploader.get(receipt).content.decode()


def test_a_file_has_the_result_that_was_reported_last(uploader, receipt):
    image = stored()
    report(uploader, receipt, file("a", "failed"), file("b", "refused"))
    report(uploader, receipt, file("a", "stored", instance=image.instance), file("b", "skipped"), file("b", "failed"))

    assert results() == {"a": "stored", "b": "failed"}


def test_what_an_upload_has_stored_itself_stays_so_when_it_is_gone_on_with(uploader, receipt):
    image = stored()
    report(uploader, receipt, file("a", "stored", instance=image.instance))
    report(uploader, receipt, file("a", "known", instance=image.instance), file("b", "known", instance=image.instance))

    assert results() == {"a": "stored", "b": "known"}


def test_a_receipt_is_seen_and_filled_by_its_owner_alone(uploader, receipt):
    colleague = signed_in("colleague", "uploaders")

    assert colleague.get(receipt).status_code == 404
    assert colleague.get(f"{receipt}.csv").status_code == 404
    assert report(colleague, receipt, file()).status_code == 404
    assert uploader.get(f"/upload/receipts/{uuid4()}").status_code == 404
    assert not UploadedFile.objects.exists()
    assert receipt not in colleague.get("/upload/").content.decode()


def test_who_may_not_see_images_learns_nothing_of_studies():
    client = signed_in("gateway")
    permission = Permission.objects.get(codename="add_instance")
    get_user_model().objects.get(username="gateway").user_permissions.add(permission)
    image = stored()
    receipt = client.post("/upload/receipts").json()["receipt"]

    report(client, receipt, file("a", "known", instance=image.instance))

    assert image.study not in client.get(receipt).content.decode()
    assert image.study not in client.get(receipt, headers={"HX-Request": "true"}).content.decode()
    assert image.study not in str(table(client, receipt))


def test_that_studies_are_shown_is_in_the_trail(uploader, receipt, trail):
    """Anybody who knows the UID of an instance can have its study on a receipt."""
    image = stored()
    report(uploader, receipt, file("a", "known", instance=image.instance))

    uploader.get(receipt)

    assert [event.study_instance_uid for event in trail(action="accessed")] == [image.study]


def test_the_script_gets_the_studies_as_a_part_of_its_page(uploader, receipt):
    image = stored()
    report(uploader, receipt, file("a", "stored", instance=image.instance))

    part = uploader.get(receipt, headers={"HX-Request": "true"}).content.decode()

    assert f'href="/studies/{image.study}"' in part
    assert "<html" not in part


def test_a_study_that_was_deleted_since_is_said_to_be(uploader, receipt):
    image = stored()
    report(uploader, receipt, file("a", "stored", instance=image.instance))
    Study.objects.get().delete()

    page = uploader.get(receipt).content.decode()

    assert "deleted since" in page
    assert f'href="/studies/{image.study}"' not in page


def test_files_of_one_result_are_shown(uploader, receipt):
    report(uploader, receipt, file("good", "skipped"), file("bad", "refused"))

    page = uploader.get(f"{receipt}?result=refused").content.decode()

    assert "bad</bdi>" in page
    assert "good</bdi>" not in page
    assert "There are none" in uploader.get(f"{receipt}?result=nonsense").content.decode()


def test_the_table_has_every_file_and_runs_nothing_when_it_is_opened(uploader, receipt):
    image = stored()
    report(
        uploader,
        receipt,
        file('a "quoted", name', "stored", instance=image.instance),
        file("=HYPERLINK(1)", "refused", reason="+1"),
    )

    head, *lines = table(uploader, receipt)

    assert head[:4] == ["File", "Bytes", "Result", "Reason"]
    assert sorted(lines) == [
        ["'=HYPERLINK(1)", "10", "Refused", "'+1", "", ""],
        ['a "quoted", name', "10", "Stored", "", image.study, image.instance],
    ]


@pytest.mark.parametrize(
    "wrong",
    [
        {"path": 5},
        {"size": -1},
        {"size": True},
        {"size": 1.5},
        {"size": 1 << 62},
        {"result": "perfect"},
        {"result": []},
        {"reason": None},
        {"instance": "not a uid"},
        {"instance": 5},
    ],
)
def test_a_report_that_nobody_can_use_is_refused_whole(uploader, receipt, wrong):
    assert report(uploader, receipt, file("fine"), file() | wrong).status_code == 400
    assert not UploadedFile.objects.exists()


def test_paths_are_kept_as_far_as_a_database_takes_them(uploader, receipt):
    report(uploader, receipt, file("x" * 600 + "/end"), file("a\0b\nc\u202e", reason="r" * 1000))

    long, odd = sorted(results(), key=len, reverse=True)

    assert len(long) == UploadedFile.LONGEST_PATH
    assert long.endswith("/end")
    assert odd == "a\ufffdb\ufffdc\ufffd"


def test_an_upload_has_so_many_files(uploader, receipt, monkeypatch):
    monkeypatch.setattr(uploads, "MOST_FILES", 2)
    report(uploader, receipt, file("a"), file("b"))

    assert report(uploader, receipt, file("b"), file("c")).status_code == 413
    assert report(uploader, receipt, file("b", "failed")).status_code == 204
    assert results() == {"a": "skipped", "b": "failed"}


def test_a_name_is_text_wherever_it_is_shown(uploader, receipt):
    report(uploader, receipt, file("<script>alert(1)</script>", reason="<b>"))

    page = uploader.get(receipt).content.decode()

    assert "<script>alert" not in page
    assert "<b>" not in page
