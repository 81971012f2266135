"""What everybody can see, read out and reach: axe-core over every page in its states; narrow windows, wide spacing."""

from collections.abc import Iterator, Sequence
from operator import attrgetter

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.axe import BEST_PRACTICE, WCAG, violations
from tests.browser.conftest import windows
from tests.browser.states import OF_OTHERS, OWN, State, Visit
from tests.browser.watched import Watched
from tests.live_archive import LiveArchive

#: WCAG 1.4.12.
SPACING = """() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`
    * { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important; }
    p { margin-bottom: 2em !important; }`);
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
}"""

#: Elements that cut off text of their own, but for what is there for screen readers alone.
CUT = """() => [...document.querySelectorAll("body *")].filter((one) => {
  const style = getComputedStyle(one);
  const [across, down] = [style.overflowX, style.overflowY].map((overflow) => ["hidden", "clip"].includes(overflow));
  const { clientWidth, clientHeight, scrollWidth, scrollHeight } = one;
  return clientWidth > 1 && one.checkVisibility() && !one.matches("select, input, svg") && one.innerText?.trim() &&
    (across && scrollWidth > clientWidth + 1 || down && scrollHeight > clientHeight + 1);
}).map((one) => one.outerHTML.slice(0, 200))"""


@pytest.fixture(scope="module")
def shown(
    request: pytest.FixtureRequest, browser: Browser, archive: LiveArchive, demo, stranger: str, signed_in: str
) -> Iterator[Page]:
    """A page in one of its states; several tests look at it."""
    watched = Watched(archive.root)
    with windows(browser, archive.root, signed_in, watched) as window:
        yield request.param(Visit(window, archive, demo, stranger, watched))
    assert watched.surprises() == []


def each(states: Sequence[State]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("shown", states, ids=attrgetter("__name__"), indirect=True, scope="module")


@each(OWN)
def test_nobody_is_kept_out_of(shown: Page):
    assert violations(shown, *WCAG, BEST_PRACTICE) == []


@each(OWN)
def test_narrow_windows_are_not_scrolled_sideways(shown: Page):
    """320 CSS pixels: a window of 1280 at 400 % (WCAG 1.4.10)."""
    shown.set_viewport_size({"width": 320, "height": 640})
    shown.evaluate("new Promise(requestAnimationFrame)")
    assert shown.evaluate("document.documentElement.scrollWidth") == 320

    shown.evaluate(SPACING)
    assert shown.evaluate("document.documentElement.scrollWidth") == 320
    assert shown.evaluate(CUT) == []


@each(OF_OTHERS)
def test_nobody_is_kept_out_of_what_others_made(shown: Page):
    assert violations(shown, *WCAG) == []


def test_the_page_around_the_viewer_says_what_it_is(page: Page, archive: LiveArchive):
    page.goto(f"{archive.root}/viewer/")
    page.get_by_text("Study List").wait_for()

    assert violations(page, *WCAG, BEST_PRACTICE, without="#root > *") == []
