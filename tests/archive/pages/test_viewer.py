"""The viewer's page: for whoever may see images, with nothing in it that a browser would have to trust blindly."""

import json
import re

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import set_script_prefix

from archive.pages.viewer import CONTENT_SECURITY_POLICY
from archive.viewer.install import install
from archive.viewer.installed import stamp
from tests.archive.viewer.package import viewer_package

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _installed(settings, tmp_path):
    settings.ARCHIVE_VIEWER_DIR = tmp_path / "viewer"
    install(settings.ARCHIVE_VIEWER_DIR, viewer_package(tmp_path / "package"))


def somebody(*permissions: str) -> Client:
    user = get_user_model().objects.create_user("somebody")
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client = Client()
    client.force_login(user)
    return client


def settings_of(response) -> dict:
    """What the page hands to the script that starts the viewer."""
    found = re.search(r'<script id="viewer-settings" type="application/json">(.*?)</script>', response.content.decode())
    return json.loads(found[1])


def data_source(response) -> dict:
    (source,) = settings_of(response)["config"]["dataSources"]
    return source["configuration"]


@pytest.mark.parametrize("path", ["/viewer", "/viewer/", "/viewer/viewer", "/viewer/microscopy", "/viewer/a/b"])
def test_every_path_of_the_viewer_is_the_same_page(path):
    response = somebody("view_instance").get(path, {"StudyInstanceUIDs": "1.2.3"})
    assert response.status_code == 200
    assert f'src="/static/ohif/{stamp()}/app.bundle.0f6159c501addfe9.js"' in response.content.decode()
    assert f'href="/static/ohif/{stamp()}/app.bundle.css"' in response.content.decode()


def test_who_is_not_signed_in_signs_in_first_and_comes_back():
    response = Client().get("/viewer/viewer?StudyInstanceUIDs=1.2.3")
    assert response.status_code == 302
    assert response["Location"].endswith("?next=/viewer/viewer%3FStudyInstanceUIDs%3D1.2.3")


def test_who_may_not_see_images_sees_no_viewer():
    assert somebody("add_instance").get("/viewer/").status_code == 403


def test_the_page_is_read_only():
    assert somebody("view_instance").post("/viewer/").status_code == 405


def test_scripts_come_from_this_host_and_none_is_within_the_page():
    response = somebody("view_instance").get("/viewer/")
    assert response["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
    policy = dict(directive.split(" ", 1) for directive in CONTENT_SECURITY_POLICY.split("; "))
    assert policy["default-src"] == "'self'"
    assert policy["script-src"] == "'self' 'wasm-unsafe-eval'"
    hosts = {word for sources in policy.values() for word in sources.split() if not word.startswith("'")}
    assert hosts == {"data:", "blob:"}
    scripts = re.findall(r"<script([^>]*)>", response.content.decode())
    assert [script for script in scripts if "src=" not in script and 'type="application/json"' not in script] == []
    assert re.search(r"\son\w+=", response.content.decode()) is None


def test_the_page_names_nobody_and_nothing():
    page = somebody("view_instance").get("/viewer/viewer", {"StudyInstanceUIDs": "1.2.3"}).content.decode()
    assert "<title>Viewer | Archive</title>" in page
    assert "1.2.3" not in page.replace(stamp(), "")
    assert "somebody" not in page


def test_the_page_says_that_it_is_not_for_diagnosis():
    assert "Not for diagnosis" in somebody("view_instance").get("/viewer/").content.decode()


def test_the_viewer_can_show_that_a_request_comes_from_its_page():
    response = somebody("view_instance").get("/viewer/")
    assert response.cookies[settings_of(response)["csrfCookie"]].value


def test_images_come_from_this_archive_and_from_nowhere_else():
    response = somebody("view_instance").get("/viewer/")
    config = settings_of(response)["config"]
    assert config["defaultDataSourceName"] == "archive"
    assert [source["sourceName"] for source in config["dataSources"]] == ["archive"]
    roots = {name: value for name, value in data_source(response).items() if name.endswith("Root")}
    assert roots == dict.fromkeys(["qidoRoot", "wadoRoot", "wadoUriRoot"], "/dicom-web")
    assert "dangerouslyUseDynamicConfig" not in config
    assert "customizationUrlPrefixes" not in config


def test_neither_tours_nor_dialogs_stand_before_the_images():
    config = settings_of(somebody("view_instance").get("/viewer/"))["config"]
    assert config["customizationService"] == [{"ohif.tours": {"$set": []}}]
    assert config["investigationalUseDialog"] == {"option": "never"}


@pytest.mark.parametrize(
    ("permissions", "offered"), [(["view_instance"], False), (["view_instance", "add_instance"], True)]
)
def test_upload_is_offered_to_those_who_may_store(permissions, offered):
    assert data_source(somebody(*permissions).get("/viewer/"))["dicomUploadEnabled"] is offered


def test_below_the_path_of_a_proxy_everything_is_below_it():
    client = somebody("view_instance")
    set_script_prefix("/pacs/")
    try:
        response = client.get("/viewer/")
    finally:
        set_script_prefix("/")
    page = settings_of(response)
    assert page["files"] == f"/pacs/static/ohif/{stamp()}/"
    assert page["home"] == "/pacs/"
    assert page["config"]["routerBasename"] == "/pacs/viewer"
    assert data_source(response)["wadoRoot"] == "/pacs/dicom-web"
    links = re.findall(r'(?:src|href)="([^"]+)"', response.content.decode())
    assert [link for link in links if not link.startswith("/pacs/static/")] == []


def test_where_no_viewer_is_installed_the_page_says_how_to_get_one(settings, tmp_path):
    settings.ARCHIVE_VIEWER_DIR = tmp_path / "none"
    response = somebody("view_instance").get("/viewer/viewer", {"StudyInstanceUIDs": "1.2.3"})
    assert response.status_code == 404
    assert "python manage.py fetch_viewer" in response.content.decode()
