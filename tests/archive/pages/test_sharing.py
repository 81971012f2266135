"""Share links: made by who may, opened by who has one, and good for one study alone."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone

from archive.models import ShareLink
from archive.share_access import KEPT_FOR
from archive.share_tokens import digest
from tests.people import signed_in
from tests.storing import StoredFile, stored

pytestmark = pytest.mark.django_db

ROOT = "/dicom-web"


@pytest.fixture(autouse=True)
def _links_are_on(settings) -> None:
    settings.ARCHIVE_SHARE_LINKS = True


@pytest.fixture
def file() -> StoredFile:
    return stored(
        PatientName="Doe^Jane", Rows=4, Columns=4, BitsAllocated=8, BitsStored=8, HighBit=7, PixelData=bytes(16)
    )


def shared(client: Client, file: StoredFile, **form: str) -> str:
    """The token of a new link to the study."""
    page = client.post(f"/studies/{file.study}/share", {"days": "7"} | form).content.decode()
    address = re.search(r"http://testserver/shared/#([\w-]+)", page)
    assert address, page
    return address[1]


def opened(token: str) -> Client:
    """The browser of somebody who has opened a link."""
    client = Client()
    answer = client.post("/shared/", {"token": token})
    assert answer.status_code == 302, answer.content
    assert client.get(answer["Location"]).status_code == 200
    return client


def pictures(file: StoredFile) -> list[str]:
    study = f"{ROOT}/studies/{file.study}"
    instance = f"{study}/series/{file.series}/instances/{file.instance}"
    uids = f"studyUID={file.study}&seriesUID={file.series}&objectUID={file.instance}"
    return [
        *(f"{study}/thumbnail", f"{study}/series/{file.series}/thumbnail"),
        *(f"{instance}/thumbnail", f"{instance}/rendered", f"{instance}/frames/1/rendered?viewport=2,2"),
        f"{ROOT}/wado?requestType=WADO&contentType=image/jpeg&{uids}",
    ]


def everything_else(file: StoredFile) -> list[str]:
    study = f"{ROOT}/studies/{file.study}"
    instance = f"{study}/series/{file.series}/instances/{file.instance}"
    uids = f"studyUID={file.study}&seriesUID={file.series}&objectUID={file.instance}"
    return [
        *(study, f"{study}/metadata", f"{study}/series", f"{study}/bulkdata", f"{study}/pixeldata"),
        *(instance, f"{instance}/metadata", f"{instance}/frames/1", f"{ROOT}/studies", f"{ROOT}/workitems"),
        f"{ROOT}/wado?requestType=WADO&{uids}",
        f"{ROOT}/wado?requestType=WADO&contentType=application/dicom&{uids}",
        f"{ROOT}/wado?requestType=WADO&contentType=image/jpeg&contentType=application/dicom&{uids}",
    ]


# -- making them -----------------------------------------------------------------


def test_a_link_is_shown_once_and_only_its_digest_is_kept(administrator, file):
    token = shared(administrator, file, note="  For\0 Dr. Who ", days="1")

    link = ShareLink.objects.get()
    assert len(token) >= 43
    assert link.token_sha256 == digest(token)
    assert (link.note, link.may_download, link.uses) == ("For Dr. Who", False, 0)
    assert timedelta(hours=23) < link.expires_at - timezone.now() <= timedelta(days=1)
    again = administrator.get(f"/studies/{file.study}/share").content.decode()
    assert token not in again
    assert "For Dr. Who" in again


def test_the_last_day_of_a_link_ends_where_the_browser_is(administrator, file):
    administrator.cookies["timezone"] = "Asia/Tokyo"
    last = timezone.now().date() + timedelta(days=10)

    shared(administrator, file, days="", until=last.isoformat())

    assert ShareLink.objects.get().expires_at == datetime(last.year, last.month, last.day, 15, tzinfo=UTC)


@pytest.mark.parametrize("until", ["", "tomorrow", "2001-01-01", "9999-12-31", "2026-02-30"])
def test_a_link_has_an_end_within_a_year(administrator, file, until):
    answer = administrator.post(f"/studies/{file.study}/share", {"days": "", "until": until})

    assert 'role="alert"' in answer.content.decode()
    assert not ShareLink.objects.exists()


def test_who_may_not_share_makes_and_revokes_none(viewer, administrator, file):
    shared(administrator, file)

    assert viewer.post(f"/studies/{file.study}/share", {"days": "7"}).status_code == 403
    assert viewer.get(f"/studies/{file.study}/share").status_code == 403
    assert viewer.post(f"/share-links/{ShareLink.objects.get().pk}/revoke").status_code == 403
    assert "Share by a link" not in viewer.get(f"/studies/{file.study}").content.decode()
    assert "Share by a link" in administrator.get(f"/studies/{file.study}").content.decode()


def test_the_address_is_the_public_one(administrator, file, settings):
    settings.ARCHIVE_PUBLIC_URL = "https://images.example.org"

    page = administrator.post(f"/studies/{file.study}/share", {"days": "7"}).content.decode()

    assert "https://images.example.org/shared/#" in page


# -- opening them ----------------------------------------------------------------


def test_who_has_the_link_sees_the_study_and_its_pictures(administrator, file):
    visitor = opened(shared(administrator, file))
    look = f"/shared/{file.study}/series/{file.series}/look"

    page = visitor.get(f"/shared/{file.study}").content.decode()
    assert "Doe, Jane" in page
    assert look in page
    assert "/zip" not in page
    quick_look = visitor.get(look).content.decode()
    assert f"/shared/{file.study}/series/{file.series}/look/windows" in quick_look
    assert "/viewer/" not in quick_look
    assert f'href="/studies/{file.study}"' not in quick_look
    assert visitor.get(f"{look}/windows?instance={file.instance}&frame=1").status_code == 200
    for path in pictures(file):
        assert visitor.get(path).status_code == 200, path


def test_the_link_is_good_for_nothing_else(administrator, file):
    other = stored()
    visitor = opened(shared(administrator, file))

    for path in (*everything_else(file), *pictures(other), *everything_else(other)):
        assert visitor.get(path).status_code in {401, 400}, path
    for path in ("/", f"/studies/{file.study}", f"/studies/{file.study}/tags", f"/studies/{file.study}/zip"):
        assert visitor.get(path).status_code == 302, path
    for path in (f"/shared/{other.study}", f"/shared/{other.study}/series/{other.series}/look", "/shared/%00"):
        assert visitor.get(path).status_code == 404, path
    assert visitor.get(f"/shared/{file.study}/zip").status_code == 403
    assert visitor.delete(f"{ROOT}/studies/{file.study}").status_code == 401
    assert visitor.get(f"{ROOT}/studies/%00/thumbnail").status_code in {400, 401}


def test_the_study_is_downloaded_where_that_is_allowed(administrator, file):
    visitor = opened(shared(administrator, file, download="on"))

    answer = visitor.get(f"/shared/{file.study}/zip")

    assert answer["Content-Type"] == "application/zip"
    assert b"".join(answer.streaming_content).startswith(b"PK")


def test_several_links_are_open_in_one_browser(administrator, file):
    other = stored()
    visitor = opened(shared(administrator, file))
    visitor.post("/shared/", {"token": shared(administrator, other)})

    for one in (file, other):
        assert visitor.get(f"/shared/{one.study}").status_code == 200


def test_who_has_signed_in_and_may_see_nothing_sees_what_was_shared(administrator, stranger, file, trail):
    stranger.post("/shared/", {"token": shared(administrator, file)})

    assert stranger.get(pictures(file)[0]).status_code == 200
    assert stranger.get(everything_else(file)[0]).status_code == 403


def test_what_is_shared_is_not_kept_nor_indexed_nor_told(administrator, file):
    token = shared(administrator, file)
    entrance = Client().get("/shared/")
    visitor = Client()
    admitted = visitor.post("/shared/", {"token": token})

    assert "noindex" in entrance["X-Robots-Tag"]
    for answer in (
        admitted,
        visitor.get(admitted["Location"]),
        visitor.get(f"/shared/{file.study}/series/{file.series}/look"),
        Client().get(f"/shared/{file.study}"),
    ):
        assert answer["Referrer-Policy"] == "no-referrer"
        assert "noindex" in answer["X-Robots-Tag"]
        assert answer["Cache-Control"] == "private, no-store"
        assert b'content="same-origin"' not in answer.content
    assert token not in admitted["Location"]


def test_the_cookies_are_for_their_parts_of_the_archive_and_not_for_scripts(administrator, file, settings):
    settings.SESSION_COOKIE_SECURE = True

    cookies = Client().post("/shared/", {"token": shared(administrator, file)}).cookies

    assert sorted(cookie["path"] for cookie in cookies.values()) == ["/dicom-web", "/shared/"]
    for cookie in cookies.values():
        assert cookie["httponly"]
        assert cookie["secure"]
        assert cookie["samesite"] == "Lax"
        assert cookie["max-age"] == KEPT_FOR.total_seconds()


def test_uses_are_counted_and_are_in_the_trail(administrator, file, trail):
    token = shared(administrator, file)
    visitor = opened(token)
    visitor.get(pictures(file)[0])
    opened(token)

    link = ShareLink.objects.get()
    assert link.uses == 2
    assert link.used_at is not None
    assert [
        (event.action, event.person, event.credential, event.study_instance_uid, event.times)
        for event in trail(way="share link")
    ] == [("accessed", "", f"share link {link.pk}", file.study, 3)]
    assert [(event.person, event.subject) for event in trail(action="study shared")] == [
        ("administrator", f"share link {link.pk}: made")
    ]


# -- their end -------------------------------------------------------------------


def closed(visitor: Client, file: StoredFile, token: str) -> bool:
    """Whether neither the cookies nor the link let anybody in any more."""
    statuses = {visitor.get(path).status_code for path in (*pictures(file), f"/shared/{file.study}")}
    return statuses <= {401, 404} and Client().post("/shared/", {"token": token}).status_code == 404


def test_a_link_ends_when_its_time_is_over(administrator, file):
    token = shared(administrator, file)
    visitor = opened(token)
    assert not closed(visitor, file, token)

    ShareLink.objects.update(expires_at=timezone.now())

    assert closed(visitor, file, token)


def test_a_link_ends_when_it_is_revoked(administrator, file, trail):
    token = shared(administrator, file)
    visitor = opened(token)
    link = ShareLink.objects.get()

    page = administrator.post(f"/share-links/{link.pk}/revoke").content.decode()

    assert "Revoked" in page
    assert closed(visitor, file, token)
    assert f"{link}: revoked" in {event.subject for event in trail(action="study shared")}


@pytest.mark.parametrize("loss", ["account", "share", "see"])
def test_a_link_ends_when_who_has_made_it_may_not_share_any_more(file, loss):
    client = signed_in("referrer", "viewers")
    user = get_user_model().objects.get(username="referrer")
    user.user_permissions.add(Permission.objects.get(codename="share_study"))
    token = shared(client, file)
    visitor = opened(token)

    match loss:
        case "account":
            get_user_model().objects.update(is_active=False)
        case "share":
            user.user_permissions.clear()
        case "see":
            user.groups.clear()

    assert closed(visitor, file, token)


@pytest.mark.django_db(transaction=True)
def test_a_link_ends_with_its_study_also_when_that_is_stored_again():
    administrator, file = signed_in("administrator", is_superuser=True), stored()
    token = shared(administrator, file)
    visitor = opened(token)

    administrator.post("/delete", {"study": file.study})
    stored(StudyInstanceUID=file.study)

    assert closed(visitor, file, token)


def test_links_end_when_they_are_turned_off(administrator, file, settings):
    token = shared(administrator, file)
    visitor = opened(token)

    settings.ARCHIVE_SHARE_LINKS = False

    assert closed(visitor, file, token)
    assert Client().get("/shared/").status_code == 404
    assert administrator.get(f"/studies/{file.study}/share").status_code == 404
    assert "Share by a link" not in administrator.get(f"/studies/{file.study}").content.decode()


def test_cookies_have_to_be_the_archives_own_and_not_too_old(administrator, file, monkeypatch):
    token = shared(administrator, file)
    visitor = opened(token)
    forger = Client()
    for name, cookie in visitor.cookies.items():
        forger.cookies[name] = cookie.value.partition(":")[0] + ":" + "A" * 50
    assert closed(forger, file, "guess")

    monkeypatch.setattr("archive.share_access.KEPT_FOR", timedelta(seconds=-1))

    assert {visitor.get(path).status_code for path in pictures(file)} == {401}


@pytest.mark.parametrize("token", ["", "guess", "%00", "%C3%BC" * 100_000, "%ED%A0%80"])
def test_what_is_no_token_opens_nothing(token):
    answer = Client().post("/shared/", f"token={token}", content_type="application/x-www-form-urlencoded")

    assert answer.status_code == 404
    assert b"This link is not open" in answer.content


def test_an_administrator_sees_links_and_revokes_them(file):
    client = signed_in("administrator", is_staff=True, is_superuser=True)
    token = shared(client, file, note="For the referrer")
    visitor = opened(token)

    listing = client.get(f"/admin/archive/sharelink/?q={file.study}").content.decode()
    form = {"action": "revoke", "_selected_action": [ShareLink.objects.get().pk]}
    client.post("/admin/archive/sharelink/", form)

    assert "For the referrer" in listing
    assert digest(token) not in listing
    assert closed(visitor, file, token)
