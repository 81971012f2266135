"""Studies deleted from a page."""

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.urls import reverse

from archive.models import Study, StudyDescriptionKey, StudyVisit
from archive.storage import blobs
from tests.people import signed_in
from tests.storing import stored

pytestmark = pytest.mark.django_db

URL = "/delete"


@pytest.mark.django_db(transaction=True)
def test_studies_are_deleted_with_their_objects_once_somebody_has_confirmed_it():
    administrator = signed_in("administrator", is_superuser=True)
    files = [stored(StudyDescription="<b>Knee</b>"), stored()]
    kept = stored()
    administrator.get(reverse("archive:study", args=[files[0].study]))
    uids = [file.study for file in files]

    asked = administrator.get(URL, {"study": uids}).content.decode()

    assert "Delete 2 studies?" in asked
    assert "<b>Knee" not in asked
    assert Study.objects.count() == 3

    answer = administrator.post(URL, {"study": uids}, follow=True)

    assert "Deleted 2 studies." in answer.content.decode()
    assert list(Study.objects.values_list("study_instance_uid", flat=True)) == [kept.study]
    assert len(list(blobs().listing())) == 1
    assert not StudyVisit.objects.exists()
    assert not StudyDescriptionKey.objects.exists()


def test_who_may_delete_and_not_see_is_told_nothing():
    client = signed_in("cleaner")
    permission = Permission.objects.get(codename="delete_instance")
    get_user_model().objects.get(username="cleaner").user_permissions.add(permission)
    file = stored(PatientName="Secret^Name")

    for answer in (client.get(URL, {"study": file.study}), client.post(URL, {"study": file.study})):
        assert answer.status_code == 403
        assert b"Secret" not in answer.content
    assert Study.objects.exists()


def test_who_may_not_delete_is_refused(viewer):
    file = stored()

    assert viewer.post(URL, {"study": [file.study]}).status_code == 403
    assert Study.objects.exists()


@pytest.mark.parametrize("method", ["get", "post"])
def test_what_is_not_there_is_said(administrator, method):
    answer = getattr(administrator, method)(URL, {"study": ["1.2.3", "\0"]}, follow=True)

    assert "none of these studies" in answer.content.decode()
