"""The end of a session in a browser: it is said before, can be put off, and leaves no patient on any screen."""

import re
import sqlite3
import time
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect
from pydicom.uid import generate_uid

from tests.browser.axe import BEST_PRACTICE, WCAG, violations
from tests.browser.conftest import PASSWORD
from tests.builders import instance, part10

WHOLE = 12 * 60 * 60

#: Where a page leads whose session is over, by itself or because the archive says so.
SIGN_IN = re.compile(r"/login/\?next=")


@pytest.fixture(scope="module")
def study(archive) -> str:
    uid = generate_uid()
    dataset = instance(StudyInstanceUID=uid, PatientName="Session^Patient", PatientID="SESSION")
    assert archive.store(part10(dataset)).status_code == 200
    return uid


@pytest.fixture
def own(browser, archive, page: Page) -> BrowserContext:
    """A browser with a session of its own, which can end without an end for other tests."""
    page.context.clear_cookies()
    page.goto(f"{archive.root}/login/")
    sign_in(page)
    return page.context


def sign_in(page: Page) -> None:
    page.get_by_label("Username").fill("reader")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: "/login/" not in url)


def session_of(context: BrowserContext) -> str:
    return next(cookie["value"] for cookie in context.cookies() if cookie["name"] == "sessionid")


def leave(archive, context: BrowserContext, seconds: int) -> None:
    """So long is left of the session. Behind the archive's back, which has it in SQLite."""
    ends_at = (datetime.now(UTC) + timedelta(seconds=seconds)).strftime("%Y-%m-%d %H:%M:%S.%f")
    with sqlite3.connect(archive.folder / "data" / "archive.sqlite3", timeout=30) as database:
        database.execute(
            "UPDATE django_session SET expire_date = ? WHERE session_key = ?", [ends_at, session_of(context)]
        )
    database.close()


def seconds_left(archive, context: BrowserContext) -> int:
    return context.request.get(f"{archive.root}/session").json()["left"]


def look(page: Page) -> None:
    """What a window does when it is seen again."""
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def test_the_end_is_said_before_and_can_be_put_off_by_keyboard(archive, own, page, study):
    page.goto(f"{archive.root}/studies/{study}")
    dialog = page.get_by_role("dialog", name="Are you still there?")
    expect(dialog).to_be_hidden()
    leave(archive, own, 90)
    look(page)

    expect(dialog).to_be_visible()
    expect(dialog).to_contain_text("1:2")
    expect(page.get_by_role("button", name="Stay signed in")).to_be_focused()
    expect(page.locator(".session-said")).to_contain_text("seconds are left")
    assert violations(page, *WCAG, BEST_PRACTICE) == []
    page.mouse.move(200, 200)
    page.wait_for_timeout(1500)
    assert seconds_left(archive, own) < 90
    page.keyboard.press("Enter")

    expect(dialog).to_be_hidden()
    assert seconds_left(archive, own) > WHOLE - 60


def test_every_window_leaves_its_page_and_comes_back_to_it(archive, own, page, watched, study):
    watched.tolerates("401", "request failed", ".bundle.")
    address = f"{archive.root}/studies/{study}"
    page.goto(address)
    other = own.new_page()
    other.goto(f"{archive.root}/viewer/viewer?StudyInstanceUIDs={study}")
    expect(page.get_by_text("Session, Patient")).to_be_visible()
    leave(archive, own, 110)
    for window in (page, other):
        look(window)
        expect(window.get_by_role("dialog", name="Are you still there?")).to_be_visible(timeout=60_000)

    leave(archive, own, 5)
    for window in (page, other):
        look(window)

    for window in (page, other):
        window.wait_for_url(SIGN_IN)
        expect(window.get_by_text("Session, Patient")).to_have_count(0)
    sign_in(page)

    assert page.url == address
    expect(page.get_by_text("Session, Patient")).to_be_visible()


def test_who_stays_in_one_window_stays_in_all(archive, own, page, study):
    page.goto(f"{archive.root}/studies/{study}")
    other = own.new_page()
    other.goto(f"{archive.root}/")
    leave(archive, own, 60)
    for window in (page, other):
        look(window)
        expect(window.get_by_role("dialog", name="Are you still there?")).to_be_visible()

    other.get_by_role("button", name="Stay signed in").click()

    for window in (page, other):
        expect(window.get_by_role("dialog", name="Are you still there?")).to_be_hidden()


def test_signing_out_in_one_window_is_the_end_in_all(archive, own, page, watched, study):
    watched.tolerates("401")
    page.goto(f"{archive.root}/studies/{study}")
    other = own.new_page()
    other.goto(f"{archive.root}/")

    other.get_by_role("button", name="reader").click()
    other.get_by_role("button", name="Sign out").click()

    page.wait_for_url(SIGN_IN)
    expect(page.get_by_text("Session, Patient")).to_have_count(0)


def test_who_moves_is_there_without_any_other_request(archive, own, page, study):
    page.clock.install()
    page.goto(f"{archive.root}/studies/{study}")
    leave(archive, own, 1000)
    page.mouse.move(100, 100)
    page.mouse.move(200, 200)
    page.clock.run_for(62_000)

    deadline = time.monotonic() + 10
    while seconds_left(archive, own) < WHOLE - 60 and time.monotonic() < deadline:
        page.wait_for_timeout(100)
    assert seconds_left(archive, own) > WHOLE - 60


def test_a_page_that_was_asleep_shows_nothing_before_it_knows(archive, own, page, watched, study):
    watched.tolerates("401", "403", "ERR_FAILED")
    page.clock.install()
    page.goto(f"{archive.root}/studies/{study}")
    expect(page.get_by_text("Session, Patient").first).to_be_visible()
    leave(archive, own, -1)
    held: list[Route] = []
    page.route("**/session", lambda route: held.append(route))  # noqa: PLW0108  Playwright marks what it is given
    page.route("**/growth?*", lambda route: route.abort())  # which would say the same
    page.clock.fast_forward(1000 * (WHOLE + 10))

    expect(page.locator("html")).to_be_hidden()
    held[0].continue_()

    page.wait_for_url(SIGN_IN)
