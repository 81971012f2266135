"""DELETE over HTTP: what it answers, what every resource answers afterwards, and who may."""

import re

import pytest
from django.test import Client

from archive.models import Instance, Study
from archive.storage import blobs
from tests.storing import StoredFile, stored, stored_file, stored_study

pytestmark = pytest.mark.django_db(transaction=True)

LEVELS = ["study_path", "series_path", "path"]


@pytest.fixture
def archive(member, client_of) -> Client:
    """A client that may delete."""
    return client_of(member("admins"))


def below(path: str, file: StoredFile) -> list[str]:
    """Every resource that gives something of this file, at this path or below it."""
    resources = [
        file.study_path,
        f"{file.study_path}/metadata",
        file.series_path,
        f"{file.series_path}/metadata",
        file.path,
        f"{file.path}/metadata",
        f"{file.path}/frames/1",
        f"{file.path}/frames/99",
        f"{file.path}/bulkdata/7FE00010",
        f"{file.path}/bulkdata/00091010",
    ]
    return [resource for resource in resources if resource.startswith(path)]


@pytest.mark.parametrize("level", LEVELS)
def test_OTH_08_WADO_19_what_was_deleted_is_410_on_every_resource_below(archive, level):
    file = stored()
    path = getattr(file, level)

    response = archive.delete(path)

    assert (response.status_code, response.content) == (204, b"")
    for resource in below(path, file):
        gone = archive.get(resource)
        assert (gone.status_code, archive.head(resource).status_code) == (410, 410), resource
        assert gone.json()["message"].endswith("has been deleted.")
    assert archive.delete(path).status_code == 410
    assert list(blobs().listing()) == []


@pytest.mark.parametrize("level", LEVELS)
def test_OTH_08_what_never_was_is_404(archive, level):
    path = getattr(StoredFile(b"", "1.2", "1.3", "1.4"), level)

    assert archive.delete(path).status_code == 404
    assert archive.get(path).status_code == 404


def test_OTH_08_what_is_no_uid_is_400(archive):
    assert archive.delete("/dicom-web/studies/nonsense!").status_code == 400


def test_the_rest_of_a_study_is_retrieved_and_searched_as_before(archive):
    (first, second) = stored_study([2, 1])

    assert archive.delete(first[0].path).status_code == 204
    assert archive.delete(second[0].series_path).status_code == 204

    for resource in below(first[1].study_path, first[1])[:7]:
        assert archive.get(resource).status_code == 200, resource
    (study,) = archive.get("/dicom-web/studies").json()
    assert (study["00201206"]["Value"], study["00201208"]["Value"]) == ([1], [1])
    (series,) = archive.get(f"{first[0].study_path}/series").json()
    assert series["00201209"]["Value"] == [1]
    (found,) = archive.get("/dicom-web/instances").json()
    assert found["00080018"]["Value"] == [first[1].instance]


def test_a_deleted_study_is_not_found_by_a_search(archive):
    file = stored()
    archive.delete(file.study_path)

    for path in ("/dicom-web/studies", "/dicom-web/instances", f"{file.study_path}/series"):
        assert archive.get(path).json() == []


def test_what_is_stored_again_is_200_again(archive):
    file = stored()
    archive.delete(file.study_path)

    stored_file(file.content)

    assert {archive.get(path).status_code for path in (file.study_path, file.series_path, file.path)} == {200}


def test_a_study_that_is_deleted_while_it_is_retrieved_breaks_the_answer_off(archive):
    """P31: never a 200 that looks whole."""
    (files,) = stored_study([12])
    response = archive.get(files[0].study_path)
    assert response.status_code == 200

    assert archive.delete(files[0].study_path).status_code == 204

    with pytest.raises(Exception, match="There is no blob"):
        response.getvalue()


# -- who may ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("groups_of_user", "status"),
    [([], 403), (["viewers"], 403), (["uploaders"], 403), (["admins"], 204)],
    ids=["none", "viewers", "uploaders", "admins"],
)
@pytest.mark.parametrize("level", LEVELS)
def test_OTH_08_only_those_who_may_delete_instances_delete(member, client_of, groups_of_user, status, level):
    file = stored()

    assert client_of(member(*groups_of_user)).delete(getattr(file, level)).status_code == status
    assert Instance.objects.count() == (0 if status == 204 else 1)


@pytest.mark.parametrize(("access", "status"), [("none", 401), ("read", 401), ("write", 204)])
def test_OTH_08_anybody_deletes_only_where_anybody_may_write(settings, access, status):
    settings.ARCHIVE_ANONYMOUS_ACCESS = access
    file = stored()

    assert Client().delete(file.study_path).status_code == status
    assert Study.objects.exists() == (status != 204)


def test_a_session_deletes_only_with_a_csrf_token(member):
    file = stored()
    client = Client(enforce_csrf_checks=True)
    client.force_login(member("admins"))

    assert client.delete(file.path).status_code == 403
    assert Instance.objects.exists()


@pytest.mark.parametrize("level", LEVELS)
def test_OTH_10_allow_lists_delete_where_it_is_answered(archive, level):
    response = archive.put(getattr(stored(), level))

    assert response.status_code == 405
    assert {"GET", "DELETE"} <= set(re.split(r",\s*", response["Allow"]))


@pytest.mark.parametrize("group", ["viewers", "admins"])
@pytest.mark.parametrize("path", ["", "/1.2/metadata", "/1.2/series", "/1.2/series/1.3/instances/1.4/frames/1"])
def test_OTH_10_delete_is_405_everywhere_else(member, client_of, group, path):
    response = client_of(member(group)).delete(f"/dicom-web/studies{path}")

    assert response.status_code == 405
    assert "DELETE" not in response["Allow"]
