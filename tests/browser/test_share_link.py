"""A share link, made on the page of a study and opened in a browser that nobody has signed in."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from pydicom.uid import generate_uid

from tests.browser.axe import BEST_PRACTICE, WCAG, violations
from tests.browser.conftest import PASSWORD
from tests.browser.watched import Watched
from tests.builders import instance, part10
from tests.live_archive import LiveArchive, live_archive

SIDE = 64


@pytest.fixture(scope="module")
def sharing(tmp_path_factory) -> Iterator[LiveArchive]:
    """An archive in which studies can be shared."""
    settings = {"ARCHIVE_SHARE_LINKS": "true", "DJANGO_SUPERUSER_PASSWORD": PASSWORD}
    with live_archive(tmp_path_factory.mktemp("sharing"), **settings) as archive:
        archive.manage("createsuperuser", "--noinput", "--username=reader", "--email=reader@example.org")
        yield archive


@pytest.fixture(scope="module")
def study(sharing) -> str:
    place = {"StudyInstanceUID": generate_uid(), "SeriesInstanceUID": generate_uid()}
    slices = [
        instance(
            **place, InstanceNumber=number, PatientName="Shared^Patient", Rows=SIDE, Columns=SIDE, PixelData=pixels
        )
        for number, pixels in enumerate((bytes(2 * SIDE * SIDE), b"\xff\x0f" * SIDE * SIDE), 1)
    ]
    assert sharing.store(*map(part10, slices)).status_code == 200
    return place["StudyInstanceUID"]


@pytest.fixture
def ours(browser: Browser, sharing, study) -> Iterator[Page]:
    """The study, for somebody who may share it."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.set_default_timeout(60_000)
    page = context.new_page()
    page.goto(f"{sharing.root}/login/?next=/studies/{study}")
    page.get_by_label("Username").fill("reader")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    yield page
    context.close()


@pytest.fixture
def visitor(browser: Browser) -> Iterator[Page]:
    """Somebody else, at a telephone."""
    context = browser.new_context(viewport={"width": 360, "height": 740})
    context.set_default_timeout(60_000)
    yield context.new_page()
    context.close()


def test_a_link_is_made_opened_elsewhere_and_revoked(sharing, study, ours, visitor):
    watched = Watched(sharing.root)
    watched.watch(visitor.context)
    requests: list[str] = []
    visitor.on("request", lambda request: requests.append(f"{request.url} {request.headers.get('referer', '')}"))
    ours.get_by_label("Note, for whoever shares this study").fill("For the referrer")
    ours.get_by_role("button", name="Make a link").click()
    link = ours.locator(".share-address code").inner_text()
    token = link.partition("#")[2]

    visitor.goto(link)

    visitor.wait_for_url(f"{sharing.root}/shared/{study}")
    expect(visitor.get_by_label("Patient", exact=True)).to_contain_text("Shared, Patient")
    assert visitor.evaluate("document.querySelector('img.thumbnail').decode().then(() => true)")
    assert visitor.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert violations(visitor, *WCAG, BEST_PRACTICE) == []
    visitor.get_by_role("link", name="Look at series", exact=False).first.click()
    expect(visitor.locator("#stage[aria-busy=false]")).to_be_visible()
    visitor.locator("#do-invert").click()
    visitor.get_by_role("button", name="Next image").click()
    expect(visitor.locator("#count")).to_have_text("Image 2 of 2")
    expect(visitor.locator("#problem")).to_be_hidden()
    visitor.get_by_role("link", name="Back to the study").click()
    visitor.wait_for_url(f"{sharing.root}/shared/{study}")
    assert watched.surprises() == []
    assert not [request for request in requests if token in request.replace(f"{link} ", "")]

    ours.reload()
    expect(ours.locator(".share-links")).to_contain_text("For the referrer")
    expect(ours.locator(".share-links")).to_contain_text("opened 1 time")
    assert violations(ours, *WCAG, BEST_PRACTICE) == []
    ours.get_by_role("button", name="Revoke").click()
    expect(ours.locator(".share-links")).to_contain_text("Revoked")
    visitor.reload()
    expect(visitor.get_by_role("heading", name="This link is not open")).to_be_visible()
    assert violations(visitor, *WCAG, BEST_PRACTICE) == []
    ours.get_by_role("button", name="Show the audit trail").click()
    expect(ours.locator(".events")).to_contain_text("share link 1")


def test_an_address_without_its_end_says_so(sharing, visitor):
    visitor.goto(f"{sharing.root}/shared/")

    expect(visitor.get_by_text("This address is not complete")).to_be_visible()
    assert violations(visitor, *WCAG, BEST_PRACTICE) == []
