"""Who may do what: anonymous people, groups, and the ways to say who one is."""

import base64
import re
from collections.abc import Callable

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractUser
from django.core.cache import cache
from django.test import Client
from knox.models import AuthToken

from archive.models import Instance
from tests.builders import instance, part10
from tests.storing import stored

pytestmark = pytest.mark.django_db

STUDIES = "/dicom-web/studies"
PASSWORD = "correct horse"


@pytest.fixture(autouse=True)
def _nothing_is_cached() -> None:
    cache.clear()


def post(client: Client, **headers: str) -> int:
    return client.post(STUDIES, part10(instance()), content_type="application/dicom", headers=headers).status_code


def basic(user: AbstractUser, password: str = PASSWORD) -> dict[str, str]:
    pair = base64.b64encode(f"{user.get_username()}:{password}".encode()).decode()
    return {"authorization": f"Basic {pair}"}


def anonymous() -> Client:
    return Client(raise_request_exception=False)


@pytest.fixture
def uploader(member: Callable[..., AbstractUser]) -> AbstractUser:
    user = member("uploaders")
    user.set_password(PASSWORD)
    user.save()
    return user


def every_path() -> list[str]:
    """One path of every resource that can be got."""
    file = stored()
    levels = (file.study_path, file.series_path, file.path)
    wado = (
        f"requestType=WADO&studyUID={file.study}&seriesUID={file.series}&objectUID={file.instance}"
        "&contentType=application/dicom"
    )
    return [
        STUDIES,
        "/dicom-web/series",
        "/dicom-web/instances",
        file.study_path,
        f"{file.study_path}/series",
        f"{file.study_path}/instances",
        f"{file.study_path}/metadata",
        file.series_path,
        f"{file.series_path}/instances",
        f"{file.series_path}/metadata",
        file.path,
        f"{file.path}/metadata",
        f"{file.path}/frames/1",
        f"{file.path}/bulkdata/7FE00010",
        *(f"{path}/{values}" for path in levels for values in ("bulkdata", "pixeldata")),
        f"/dicom-web/wado?{wado}",
        f"/dicom-web?{wado}&anonymize=yes",
        f"/dicom-web/wado?{wado.replace('application/dicom', 'image/png')}",
        *(f"{path}/{picture}" for path in (*levels, f"{file.path}/frames/1") for picture in ("rendered", "thumbnail")),
    ]


# -- anonymous -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("access", "get", "store"),
    [pytest.param("none", 401, 401, id="none"), pytest.param("read", 200, 401, id="read"),
     pytest.param("write", 200, 200, id="write")],
)  # fmt: skip
def test_anybody_may_do_what_the_setting_says_and_by_default_nothing(settings, access, get, store):
    assert settings.ARCHIVE_ANONYMOUS_ACCESS == "none"
    settings.ARCHIVE_ANONYMOUS_ACCESS = access

    for path in every_path():
        assert anonymous().get(path).status_code == get, path
        assert anonymous().head(path).status_code == get, path
    assert post(anonymous()) == store


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"])
@pytest.mark.parametrize("path", [STUDIES, f"{STUDIES}/1.2.3", f"{STUDIES}/1/series/2/instances/3/frames/1"])
def test_OTH_10_STOW_49_nobody_learns_anything_without_a_sign_in(method, path):
    """401 always has WWW-Authenticate; what exists and what does not look the same."""
    response = anonymous().generic(method, path)

    assert response.status_code == 401
    assert response["WWW-Authenticate"] == 'Basic realm="archive"'


def test_a_body_is_not_read_from_people_who_may_not_store():
    class Untouched:
        def read(self, *arguments: object) -> bytes:
            raise AssertionError("the body was read")

        read1 = readline = read

    response = anonymous().generic(
        "POST", STUDIES, **{"wsgi.input": Untouched(), "CONTENT_TYPE": "application/dicom", "CONTENT_LENGTH": "10"}
    )

    assert response.status_code == 401


def test_open_reading_does_not_open_the_admin(settings):
    settings.ARCHIVE_ANONYMOUS_ACCESS = "write"

    assert anonymous().get("/admin/archive/study/").status_code == 302


# -- groups ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("groups", "get", "store"),
    [
        pytest.param([], 403, 403, id="WADO-23-STOW-50-none"),
        pytest.param(["viewers"], 200, 403, id="STOW-50-viewers"),
        pytest.param(["uploaders"], 200, 200, id="uploaders"),
        pytest.param(["admins"], 200, 200, id="admins"),
    ],
)
def test_people_may_do_what_their_group_may(member, client_of, groups, get, store):
    client = client_of(member(*groups))

    for path in every_path():
        assert client.get(path).status_code == get, path
    assert post(client) == store


def test_STOW_50_what_was_forbidden_leaves_nothing(member, client_of):
    assert post(client_of(member("viewers"))) == 403
    assert Instance.objects.count() == 0


def test_an_administrator_may_do_everything(client_of):
    client = client_of(get_user_model().objects.create_superuser("root"))

    assert (client.get(STUDIES).status_code, post(client)) == (200, 200)


def test_403_explains_itself_and_401_too(member, client_of):
    """OTH-11, OTH-17"""
    file = stored(PatientName="Doe^Jane", PatientID="ID-77")

    for client in (client_of(member()), anonymous()):
        response = client.get(file.path)
        assert response.json()["message"]
        assert "Doe" not in response.content.decode()
        assert "ID-77" not in response.content.decode()


# -- ways to sign in -------------------------------------------------------------


def test_a_token_says_who_one_is(uploader):
    _, token = AuthToken.objects.create(uploader)

    assert post(anonymous(), authorization=f"Token {token}") == 200


@pytest.mark.parametrize(
    "header", ["Token", "Token nonsense", "Token a b", "Bearer {token}", "Token {token}x", "token", "x" * 5000]
)
def test_STOW_49_a_wrong_token_is_401(uploader, header):
    _, token = AuthToken.objects.create(uploader)

    response = anonymous().get(STUDIES, headers={"authorization": header.format(token=token)})

    assert response.status_code == 401
    assert response.has_header("WWW-Authenticate")


def test_a_token_that_was_taken_back_is_401(uploader, client_of):
    client = client_of(uploader)
    assert client.get(STUDIES).status_code == 200

    AuthToken.objects.all().delete()

    assert client.get(STUDIES).status_code == 401


def test_basic_authentication_says_who_one_is(uploader):
    assert anonymous().get(STUDIES, headers=basic(uploader)).status_code == 200
    assert post(anonymous(), **basic(uploader)) == 200


@pytest.mark.parametrize("password", ["", "wrong", PASSWORD + " ", PASSWORD.upper()])
@pytest.mark.parametrize("remembered", [False, True], ids=["first", "after-a-right-one"])
def test_STOW_49_a_wrong_password_is_401(uploader, password, remembered):
    if remembered:
        anonymous().get(STUDIES, headers=basic(uploader))

    assert anonymous().get(STUDIES, headers=basic(uploader, password)).status_code == 401


@pytest.mark.parametrize(
    "header", ["Basic", "Basic !", "Basic bm8gY29sb24=", "Basic Og==", "Basic \u00fc", "Basic /w=="]
)
def test_malformed_credentials_are_401(header):
    response = anonymous().get(STUDIES, headers={"authorization": header})

    assert response.status_code == 401


@pytest.mark.parametrize("token", ["\xff\xfe", "a\0b", "ab" * 4000, "é"])
def test_a_token_that_can_be_none_is_401(token):
    assert anonymous().get(STUDIES, headers={"authorization": f"Token {token}"}).status_code == 401


@pytest.mark.parametrize("credentials", [b"a\0b:x", b"a:x\0", b"\0:\0", b"\xed\xa0\x80:x", b"\xff:x"])
def test_a_name_that_can_be_none_is_401(credentials):
    """PostgreSQL cannot be asked for a NUL."""
    header = f"Basic {base64.b64encode(credentials).decode()}"

    assert anonymous().get(STUDIES, headers={"authorization": header}).status_code == 401


@pytest.mark.parametrize("cookie", ['"aaaaaaaaaa\\000b"', "a" * 100_000, '"aaaaaaaaaa\\377"', "aaaaaaaaaa%00"])
def test_a_session_that_can_be_none_is_401(cookie):
    browser = Client(headers={"cookie": f"sessionid={cookie}"}, raise_request_exception=False)
    assert browser.get(STUDIES).status_code == 401


def test_a_name_that_nobody_has_is_401():
    nobody = get_user_model()(username="nobody")

    assert anonymous().get(STUDIES, headers=basic(nobody)).status_code == 401


@pytest.mark.parametrize("way", ["basic", "token", "session"])
def test_people_who_left_are_401_however_they_signed_in(uploader, client_of, way):
    client = client_of(uploader) if way == "token" else anonymous()
    headers = basic(uploader) if way == "basic" else {}
    if way == "session":
        client.force_login(uploader)
    assert client.get(STUDIES, headers=headers).status_code == 200

    uploader.is_active = False
    uploader.save()

    assert client.get(STUDIES, headers=headers).status_code == 401


def test_a_changed_password_ends_what_was_remembered_of_the_old_one(uploader):
    assert anonymous().get(STUDIES, headers=basic(uploader)).status_code == 200

    uploader.set_password("another")
    uploader.save()

    assert anonymous().get(STUDIES, headers=basic(uploader)).status_code == 401
    assert anonymous().get(STUDIES, headers=basic(uploader, "another")).status_code == 200


def test_a_password_is_hashed_once_for_many_requests(uploader, monkeypatch):
    """Hashing is slow on purpose; a gateway sends its password with every request."""
    hashed = []
    check = type(uploader).check_password

    def counted(user: AbstractUser, password: str) -> bool:
        hashed.append(password)
        return check(user, password)

    monkeypatch.setattr(type(uploader), "check_password", counted)
    for _ in range(3):
        assert anonymous().get(STUDIES, headers=basic(uploader)).status_code == 200

    assert len(hashed) == 1


def test_a_session_of_the_admin_says_who_one_is(uploader):
    client = anonymous()
    client.force_login(uploader)

    assert client.get(STUDIES).status_code == 200


def test_a_session_stores_only_with_a_csrf_token(uploader):
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    client.force_login(uploader)
    assert post(client) == 403
    assert Instance.objects.count() == 0

    page = client.get("/admin/login/").content.decode()
    match = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    token = match[1] if match else client.cookies["csrftoken"].value

    assert post(client, **{"x-csrftoken": token}) == 200


def test_tokens_and_passwords_need_no_csrf_token(uploader):
    _, token = AuthToken.objects.create(uploader)
    client = Client(enforce_csrf_checks=True)

    assert post(client, authorization=f"Token {token}") == 200
    assert post(client, **basic(uploader)) == 200


def test_a_script_of_a_page_is_not_answered_with_the_browsers_own_dialog():
    """Whoever is signed out meanwhile is asked by the page, which the dialog would keep waiting."""
    response = anonymous().get(STUDIES, headers={"Sec-Fetch-Dest": "empty"})
    assert (response.status_code, response["WWW-Authenticate"]) == (401, "Token")
