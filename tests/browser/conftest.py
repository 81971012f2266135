"""Chromium, an archive with the viewer, and somebody who is signed in."""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
import requests
from playwright.sync_api import Browser, Page, expect, sync_playwright

from archive.dicom.demo.catalogue import catalogue
from tests.browser.watched import Watched
from tests.live_archive import LiveArchive, live_archive

CHROMIUM = "/usr/bin/chromium"

#: Software draws, and WebGL too: there is no graphics card; and no sandbox, because tests may run as root.
FLAGS = ["--disable-gpu", "--enable-unsafe-swiftshader", "--no-sandbox"]

PASSWORD = "for-this-test-run-only"

# Tests share few cores: what comes at all comes within this time.
expect.set_options(timeout=20_000)

#: Images of the demo have so many times fewer rows.
COARSENESS = 8

#: The viewer, the demo, somebody who may do everything and somebody who may do nothing: a command for each would take
#: seconds to start.
PREPARE = f"""
from django.contrib.auth.models import User
from django.core.management import call_command
call_command("fetch_viewer")
call_command("seed_demo", "--coarse={COARSENESS}", "--no-progress")
User.objects.create_superuser("reader", password="{PASSWORD}")
User.objects.create_user("stranger", password="{PASSWORD}")
"""


@pytest.fixture(scope="session")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveArchive]:
    """One archive for all tests of a worker, with the viewer, which is fetched if need be, and the demo."""
    with live_archive(tmp_path_factory.mktemp("browser")) as archive:
        archive.manage("shell", "--no-imports", "-c", PREPARE)
        yield archive


@pytest.fixture(scope="session")
def demo() -> dict[str, str]:
    """The UIDs of the studies of the demo, by their names."""
    return {one.name: one.study.uid for one in catalogue(date.today(), coarseness=COARSENESS)}  # noqa: DTZ011


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser for the tests of a module: while it is open, Playwright's event loop keeps others from running."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def signed_in(archive: LiveArchive) -> str:
    """The session of somebody who may do everything."""
    return new_session(archive)


@pytest.fixture(scope="session")
def stranger(archive: LiveArchive) -> str:
    """The session of somebody who may do nothing."""
    return new_session(archive, "stranger")


def new_session(archive: LiveArchive, username: str = "reader") -> str:
    """A session of this person, who has just signed in."""
    with requests.Session() as client:
        client.trust_env = False
        page = f"{archive.root}/login/"
        client.get(page)
        form = {"username": username, "password": PASSWORD, "csrfmiddlewaretoken": client.cookies["csrftoken"]}
        client.post(page, data=form, headers={"Referer": page}, allow_redirects=False).raise_for_status()
        return client.cookies["sessionid"]


@pytest.fixture
def watched(archive: LiveArchive) -> Iterator[Watched]:
    """What all pages of the test complain of; at its end, that was nothing but what the test expects."""
    watched = Watched(archive.root)
    yield watched
    assert watched.surprises() == []


@pytest.fixture
def new_window(
    browser: Browser, archive: LiveArchive, signed_in: str, watched: Watched
) -> Iterator[Callable[..., Page]]:
    """Opens windows, each of a browser that has nothing from before, and is signed in unless told otherwise."""
    contexts = []

    def opened(*, user: str | None = signed_in, **options: Any) -> Page:
        context = browser.new_context(
            **{"viewport": {"width": 1280, "height": 800}, "base_url": archive.root} | options
        )
        contexts.append(context)
        context.set_default_timeout(60_000)
        watched.watch(context)
        if user:
            context.add_cookies([{"name": "sessionid", "value": user, "url": archive.root}])
        return context.new_page()

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture
def page(new_window: Callable[..., Page]) -> Page:
    return new_window()
