"""Who has uploaded what, in the admin."""

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from archive.models import UploadedFile
from archive.services import uploads
from archive.upload_reports import FileResult, Report

pytestmark = pytest.mark.django_db


def test_an_administrator_follows_a_receipt_to_its_files():
    user = get_user_model().objects.create_user("uploader")
    receipts = [uploads.begin(user), uploads.begin(user)]
    for number, receipt in enumerate(receipts):
        file = FileResult(f"image-{number}.dcm", 1, UploadedFile.Result.SKIPPED, "It is not DICOM.", "")
        uploads.add(receipt, Report([file], finished=True))
    client = Client()
    client.force_login(get_user_model().objects.create_superuser("admin"))

    overview = client.get("/admin/archive/uploadreceipt/").content.decode()
    link = f"/admin/archive/uploadedfile/?receipt={receipts[0].pk}"
    files = client.get(link).content.decode()

    assert link in overview
    assert "image-0.dcm" in files
    assert "image-1.dcm" not in files
