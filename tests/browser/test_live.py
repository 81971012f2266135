"""What others do appears on pages that are open: at once by hints, a little later without, and never moves the page."""

import os
import time
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, Request, WebSocket, WebSocketRoute, expect

from tests.browser.conftest import new_session
from tests.builders import instance, part10
from tests.live_archive import LiveArchive, running

#: Milliseconds until a hint has been followed on a busy machine; without hints it takes longer.
SOON = 8_000
#: Until a page has found it by itself.
LATER = 25_000

HIDE = """hidden => {
  Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}"""


def store(archive: LiveArchive) -> None:
    """A study that is new, from another program."""
    assert archive.store(part10(instance())).status_code == 200


class Sockets:
    """The sockets of a page, and its looks."""

    def __init__(self, page: Page) -> None:
        self.opened: list[WebSocket] = []
        self.looks: list[str] = []
        page.on("websocket", self._on_socket)
        page.on("request", self._on_request)

    def _on_socket(self, socket: WebSocket) -> None:
        self.opened.append(socket)

    def _on_request(self, request: Request) -> None:
        if "/arrivals?" in request.url:
            self.looks.append(request.url)

    @property
    def open(self) -> int:
        return sum(not socket.is_closed() for socket in self.opened)


@pytest.fixture
def sockets(page: Page) -> Sockets:
    return Sockets(page)


def until(page: Page, condition: Callable[[], bool], seconds: float = SOON / 1000) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        page.wait_for_timeout(20)


def listed(page: Page, root: str, sockets: Sockets) -> None:
    """The list of studies, with its socket and after its first look."""
    page.goto(f"{root}/")
    until(page, lambda: sockets.open == 1 and len(sockets.looks) > 0)


def new_studies(page: Page) -> int:
    """How many the page says have come."""
    text = page.locator("#arrivals").inner_text()
    return int(text.partition(" ")[0]) if text else 0


def test_a_study_that_another_program_stores_is_said_at_once_and_moves_nothing(page, archive, sockets):
    store(archive)
    page.set_viewport_size({"width": 1280, "height": 300})
    listed(page, archive.root, sockets)
    page.keyboard.press("j")
    page.evaluate("scrollTo(0, 40)")
    state = "[scrollY, document.querySelectorAll('tbody.study').length, document.activeElement.href, location.href]"
    before = page.evaluate(state)

    store(archive)
    expect(page.get_by_role("link", name="1 new study")).to_be_visible(timeout=SOON)
    store(archive)
    expect(page.get_by_role("link", name="2 new studies")).to_be_visible(timeout=SOON)
    assert page.evaluate(state) == before
    page.get_by_role("link", name="2 new studies").click()
    expect(page.locator("#arrivals")).to_be_empty()


def test_the_page_of_a_study_says_that_it_has_grown_or_shrunk(page, archive):
    whole = instance()
    same_series = {"StudyInstanceUID": whole.StudyInstanceUID, "SeriesInstanceUID": whole.SeriesInstanceUID}
    assert archive.store(part10(whole)).status_code == 200
    page.goto(f"{archive.root}/studies/{whole.StudyInstanceUID}")
    expect(page.locator(".series-text").get_by_text("1 object")).to_be_visible()

    assert archive.store(part10(instance(**same_series))).status_code == 200
    page.get_by_role("link", name="1 new object").click(timeout=LATER)
    expect(page.locator(".series-text").get_by_text("2 objects")).to_be_visible()
    with archive.session() as session:
        series = f"{archive.url}/studies/{whole.StudyInstanceUID}/series/{whole.SeriesInstanceUID}"
        session.delete(f"{series}/instances/{whole.SOPInstanceUID}", timeout=30).raise_for_status()
    page.get_by_role("link", name="Objects were deleted").click(timeout=LATER)
    expect(page.locator(".series-text").get_by_text("1 object")).to_be_visible()


def test_many_studies_are_a_look_a_second(page, archive, sockets):
    listed(page, archive.root, sockets)
    before, began = len(sockets.looks), time.monotonic()
    for _ in range(20):
        store(archive)
    expect(page.get_by_role("link", name="20 new studies")).to_be_visible(timeout=SOON)

    assert len(sockets.looks) - before <= 2 + time.monotonic() - began


def test_after_the_network_was_away_what_came_meanwhile_is_said(page, watched, archive, sockets):
    watched.tolerates("ERR_INTERNET_DISCONNECTED")
    listed(page, archive.root, sockets)
    page.context.set_offline(True)
    until(page, lambda: sockets.open == 0)
    store(archive)
    page.wait_for_timeout(500)
    assert new_studies(page) == 0

    page.context.set_offline(False)
    expect(page.get_by_role("link", name="1 new study")).to_be_visible(timeout=SOON)
    until(page, lambda: sockets.open == 1)
    store(archive)
    expect(page.get_by_role("link", name="2 new studies")).to_be_visible(timeout=SOON)


def test_a_page_that_nobody_sees_does_nothing(page, archive, sockets):
    listed(page, archive.root, sockets)
    page.evaluate(HIDE, True)
    until(page, lambda: sockets.open == 0)
    before = len(sockets.looks)
    store(archive)
    page.wait_for_timeout(1500)
    assert (len(sockets.looks), new_studies(page)) == (before, 0)

    page.evaluate(HIDE, False)
    expect(page.get_by_role("link", name="1 new study")).to_be_visible(timeout=SOON)
    assert sockets.open == 1


def test_where_a_proxy_passes_no_socket_on_the_page_looks_by_itself(page, archive):
    tries = []

    def refuse(socket: WebSocketRoute) -> None:
        tries.append(socket)
        socket.close()

    page.route_web_socket("**/live?*", refuse)
    page.goto(f"{archive.root}/")
    until(page, lambda: len(tries) > 1)
    store(archive)

    expect(page.get_by_role("link", name="1 new study")).to_be_visible(timeout=LATER)
    assert len(tries) < 10, "it waits longer and longer"


REMEMBER_HIDING = """() => new MutationObserver(() => sessionStorage.setItem("hidden", document.documentElement.hidden))
  .observe(document.documentElement, { attributeFilter: ["hidden"] })"""


def test_whose_session_has_ended_is_asked_to_sign_in(new_window, watched, archive: LiveArchive):
    watched.expects("401")
    page = new_window(user=new_session(archive))
    sockets = Sockets(page)
    listed(page, archive.root, sockets)
    page.evaluate(REMEMBER_HIDING)
    page.request.post(
        f"{archive.root}/logout/", form={"csrfmiddlewaretoken": csrf(page)}, headers={"Referer": f"{archive.root}/"}
    )
    store(archive)
    page.wait_for_url("**/login/?next=/", timeout=SOON)
    assert page.evaluate("sessionStorage.getItem('hidden')") == "true", "no patient was seen meanwhile"


def csrf(page: Page) -> str:
    return str(page.locator("form[action$='logout/'] [name=csrfmiddlewaretoken]").get_attribute("value"))


@pytest.fixture(scope="module")
def beside(archive: LiveArchive) -> Iterator[LiveArchive]:
    """Another server process over the same database."""
    with running(archive.beside()) as beside:
        yield beside


def test_what_another_server_process_stores_is_hinted_at_through_redis_or_found_later(
    page, watched, archive, beside, sockets
):
    watched.belongs_to(beside.root)
    listed(page, beside.root, sockets)
    hinted = "REDIS_URL" in os.environ
    store(archive)

    expect(page.get_by_role("link", name="1 new study")).to_be_visible(timeout=SOON if hinted else LATER)
