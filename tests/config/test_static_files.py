"""Static files and the viewer's: what browsers are told of them, and under which URLs they are."""

import gzip

import pytest
from django.templatetags.static import static
from django.test import Client
from django.urls import set_script_prefix

from archive.viewer.install import install
from archive.viewer.installed import stamp
from tests.archive.viewer.package import FILES, viewer_package

FAVICON = "/static/archive/favicon.svg"


@pytest.fixture
def install_viewer(settings, tmp_path):
    settings.ARCHIVE_VIEWER_DIR = tmp_path / "viewer"
    return lambda: install(settings.ARCHIVE_VIEWER_DIR, viewer_package(tmp_path / "package"))[0]


@pytest.fixture
def served(install_viewer):
    install_viewer()
    return Client()


def get(served: Client, path: str, **headers: str):
    url = path if path.startswith("/") else f"/static/ohif/{stamp()}/{path}"
    response = served.get(url, headers=headers)
    response.body = response.getvalue()
    return response


@pytest.mark.parametrize(
    ("path", "content_type"),
    [
        ("app.bundle.0f6159c501addfe9.js", 'text/javascript; charset="utf-8"'),
        ("app.bundle.css", 'text/css; charset="utf-8"'),
        ("0ddf166f7a343eda.wasm", "application/wasm"),
        ("a34f9d1faa5f3315.woff2", "font/woff2"),
        ("assets/images/CT-AAA.png", "image/png"),
        ("LICENSE.txt", 'text/plain; charset="utf-8"'),
    ],
)
def test_the_viewers_files_are_served_as_what_they_are_and_kept_for_ever(served, path, content_type):
    response = get(served, path)
    assert (response.status_code, response["Content-Type"]) == (200, content_type)
    assert "immutable" in response["Cache-Control"]


def test_they_are_compressed_for_whoever_takes_it(served):
    name = "0ddf166f7a343eda.wasm"
    compressed, plain = get(served, name, accept_encoding="gzip, br"), get(served, name)
    assert (compressed["Content-Encoding"], compressed["Vary"]) == ("gzip", "Accept-Encoding")
    assert gzip.decompress(compressed.body) == plain.body == FILES[name].encode()


def test_what_a_browser_has_already_is_not_sent_again(served):
    etag = get(served, "app.bundle.css")["ETag"]
    assert get(served, "app.bundle.css", if_none_match=etag).status_code == 304


def test_a_part_of_a_file_can_be_asked_for(served):
    response = get(served, "0ddf166f7a343eda.wasm", range="bytes=2-6")
    assert (response.status_code, response["Content-Range"], response.body) == (206, "bytes 2-6/700", b"codec")


@pytest.mark.parametrize(
    "path",
    [
        "installed.json/../../lock",
        "../lock",
        "sw.js",
        "app.bundle.css.gz",
        "/static/ohif/3.13.1-0123456789ab/app.bundle.css",
    ],
)
def test_nothing_else_is_served(served, path):
    assert get(served, path).status_code == 404


def test_other_static_files_are_not_kept_for_ever(served):
    assert "immutable" not in get(served, FAVICON)["Cache-Control"]


def test_a_viewer_that_is_installed_while_the_archive_runs_is_served_from_then_on(install_viewer):
    served = Client()
    assert get(served, "app.bundle.css").status_code == 404
    install_viewer()
    assert get(served, "app.bundle.css").status_code == 200


@pytest.mark.parametrize("prefix", ["/", "/pacs/", "/imaging/"])
def test_urls_of_static_files_are_below_the_path_of_the_proxy_of_each_request(prefix):
    set_script_prefix(prefix)
    try:
        assert static("archive/favicon.svg") == f"{prefix}static/archive/favicon.svg"
    finally:
        set_script_prefix("/")
