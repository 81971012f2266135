"""Receipts of uploads go after their time."""

from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone

from archive import tasks
from archive.models import UploadedFile, UploadReceipt
from archive.services import uploads
from archive.upload_reports import FileResult, Report

pytestmark = pytest.mark.django_db


def test_receipts_go_with_their_files_after_their_days(settings):
    settings.ARCHIVE_RECEIPT_DAYS = 3
    user = get_user_model().objects.create_user("uploader")
    old, young = uploads.begin(user), uploads.begin(user)
    for receipt in (old, young):
        uploads.add(receipt, Report([FileResult("a", 1, UploadedFile.Result.SKIPPED, "", "")], finished=True))
    UploadReceipt.objects.filter(pk=old.pk).update(started_at=timezone.now() - timedelta(days=3, seconds=1))

    tasks.prune_receipts()

    assert UploadReceipt.objects.get() == young
    assert UploadedFile.objects.get().receipt == young
