"""What everybody can see, read out and reach: axe-core over every page in its states; narrow windows, wide spacing."""

from functools import partial
from operator import attrgetter

import pytest

from tests.browser.axe import BEST_PRACTICE, WCAG, violations
from tests.browser.states import OF_OTHERS, OWN, State, Visit

each = partial(pytest.mark.parametrize, "state", ids=attrgetter("__name__"))

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


@pytest.fixture
def visit(new_window, archive, demo, stranger, watched) -> Visit:
    return Visit(new_window, archive, demo, stranger, watched)


@pytest.fixture
def narrow(new_window, archive, demo, stranger, watched) -> Visit:
    """320 CSS pixels: a window of 1280 at 400 % (WCAG 1.4.10)."""
    return Visit(new_window, archive, demo, stranger, watched, {"viewport": {"width": 320, "height": 640}})


@each(argvalues=OWN)
def test_nobody_is_kept_out_of(visit, state: State):
    assert violations(state(visit), *WCAG, BEST_PRACTICE) == []


@each(argvalues=OF_OTHERS)
def test_nobody_is_kept_out_of_what_others_made(visit, state: State):
    assert violations(state(visit), *WCAG) == []


def test_the_page_around_the_viewer_says_what_it_is(visit):
    page = visit.to("/viewer/")
    page.get_by_text("Study List").wait_for()

    assert violations(page, *WCAG, BEST_PRACTICE, without="#root > *") == []


@each(argvalues=OWN)
def test_narrow_windows_are_not_scrolled_sideways(narrow, state: State):
    page = state(narrow)
    assert page.evaluate("document.documentElement.scrollWidth") == 320

    page.evaluate(SPACING)
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    assert page.evaluate(CUT) == []
