"""Chromium, an archive with the viewer, and somebody who is signed in."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import requests
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.watched import Watched
from tests.live_archive import LiveArchive, live_archive

CHROMIUM = "/usr/bin/chromium"

#: WebGL without a graphics card; and no sandbox, because tests may run as root.
FLAGS = ["--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist", "--no-sandbox"]

PASSWORD = "for-this-test-run-only"


@pytest.fixture(scope="session")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveArchive]:
    """One archive for all tests of a worker, with the viewer, which is fetched if need be."""
    with live_archive(tmp_path_factory.mktemp("browser"), DJANGO_SUPERUSER_PASSWORD=PASSWORD) as archive:
        archive.manage("fetch_viewer")
        archive.manage("createsuperuser", "--noinput", "--username=reader", "--email=reader@example.org")
        yield archive


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser for the tests of a module: while it is open, Playwright's event loop keeps others from running."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


def new_session(archive: LiveArchive) -> str:
    """The session of somebody who may do everything."""
    with requests.Session() as client:
        client.trust_env = False
        page = f"{archive.root}/admin/login/"
        client.get(page)
        form = {"username": "reader", "password": PASSWORD, "csrfmiddlewaretoken": client.cookies["csrftoken"]}
        client.post(page, data=form, headers={"Referer": page}, allow_redirects=False).raise_for_status()
        return client.cookies["sessionid"]


@pytest.fixture(scope="session")
def signed_in(archive: LiveArchive) -> str:
    return new_session(archive)


@contextmanager
def window(browser: Browser, archive: LiveArchive, session: str) -> Iterator[Page]:
    """A window of a browser that is signed in, and has nothing else from before."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.set_default_timeout(60_000)
    context.add_cookies([{"name": "sessionid", "value": session, "url": archive.root}])
    yield context.new_page()
    context.close()


@pytest.fixture
def page(browser: Browser, archive: LiveArchive, signed_in: str) -> Iterator[Page]:
    with window(browser, archive, signed_in) as page:
        yield page


@pytest.fixture
def watched(page: Page, archive: LiveArchive) -> Watched:
    return Watched(page, archive.root)
