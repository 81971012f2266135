"""Everything without a mouse: keys for what is done often, and a focus that people see and that gets lost nowhere."""

import re
from itertools import pairwise

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PASSWORD

#: Where the focus is: whether it can be seen, and how far down it is. What is seen of a chip is its label; parts of
#: fields for days have a ring by the browser.
FOCUS = """() => {
  const focused = document.activeElement;
  const seen = focused.matches(".btn-check") ? focused.labels[0] : focused;
  const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(seen);
  const { top, width, height } = seen.getBoundingClientRect();
  const drawn = (outlineStyle !== "none" && parseFloat(outlineWidth) > 0) || boxShadow !== "none";
  const ring = drawn || !focused.matches(":focus");
  return { name: focused.outerHTML.slice(0, 150), isBody: focused === document.body, ring,
    isVisible: width > 0 && height > 0 && top + height > 0 && top < innerHeight, top: top + scrollY };
}"""


@pytest.fixture
def studies(page: Page, demo) -> Page:
    page.goto("/")
    return page


def focused(page: Page, inside: str) -> bool:
    """Whether the focus is inside of what is selected."""
    return page.evaluate("selector => document.activeElement.closest(selector) !== null", inside)


def stops(page: Page, most: int = 100) -> list[dict]:
    """Where Tab leads, from the beginning until it has left the page."""
    found = []
    for _ in range(most):
        page.keyboard.press("Tab")
        place = page.evaluate(FOCUS)
        if place["isBody"]:
            return found
        found.append(place)
    return found


def test_from_signing_in_to_the_images(new_window, demo):
    page = new_window(user=None)
    page.goto("/")
    expect(page.get_by_label("Username")).to_be_focused()
    page.keyboard.type("reader")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("/")

    page.keyboard.press("/")
    page.keyboard.type("d-1001")
    page.wait_for_url("/?q=d-1001")
    expect(page.locator("tbody.study").filter(has_not_text="D-1001")).to_have_count(0)
    page.keyboard.press("Escape")
    for key in "jjjk":
        page.keyboard.press(key)
    second = page.locator("tbody.study").nth(1)
    expect(second).to_have_class(re.compile("current"))
    expect(second.get_by_role("link").first).to_be_focused()
    page.keyboard.press("e")
    expect(second.locator(".series-strip")).to_be_visible()
    page.keyboard.press("x")
    expect(page.get_by_text("1 selected")).to_be_visible()
    study = second.get_attribute("data-study")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/viewer/*?StudyInstanceUIDs={study}")


def test_o_opens_and_u_uploads(studies):
    studies.keyboard.press("j")
    study = studies.locator("tbody.current").get_attribute("data-study")
    studies.keyboard.press("o")
    studies.wait_for_url(f"**/viewer/*?StudyInstanceUIDs={study}")

    studies.goto(f"/studies/{study}")
    studies.keyboard.press("u")
    studies.wait_for_url("**/upload/")
    studies.keyboard.press("Tab")
    expect(studies.get_by_role("link", name="Skip to the content")).to_be_focused()


def test_letters_that_are_typed_are_no_keys(studies):
    studies.get_by_role("searchbox").focus()
    studies.keyboard.type("u?jo")
    expect(studies.get_by_role("searchbox")).to_have_value("u?jo")
    expect(studies.get_by_role("dialog")).to_have_count(0)


def test_the_first_stop_skips_to_the_content(studies):
    studies.keyboard.press("Tab")
    skip = studies.get_by_role("link", name="Skip to the content")
    expect(skip).to_be_focused()
    assert skip.bounding_box()["height"] > 20
    studies.keyboard.press("Enter")
    expect(studies.locator("#main")).to_be_focused()
    studies.keyboard.press("Tab")
    assert focused(studies, "#main")


@pytest.mark.parametrize(
    "path", ["/?q=D-1006", "/studies/{ecg}", "/upload/", "/worklist/?q=D-1006&state=all", "/admin/", "/login/"]
)
def test_the_focus_is_seen_wherever_it_goes_and_goes_as_people_read(new_window, demo, path):
    page = new_window(reduced_motion="reduce")  # else the page takes its time to scroll to where the focus is
    page.goto(path.format(**demo))
    page.evaluate("document.activeElement.blur()")
    found = stops(page)

    assert len(found) > 1
    assert [stop["name"] for stop in found if not (stop["ring"] and stop["isVisible"])] == []
    # A line is as high as what stands in it; columns are read one after the other.
    back = [one["name"] for before, one in pairwise(found) if one["top"] < before["top"] - 60]
    assert len(back) <= 1


@pytest.mark.parametrize(
    ("opener", "dialog"), [("Keyboard", "Keyboard"), ("Columns", "Columns")], ids=["keys", "columns"]
)
def test_a_dialog_keeps_the_focus_and_gives_it_back(studies, opener, dialog):
    button = studies.get_by_role("button", name=opener)
    button.focus()
    studies.keyboard.press("Enter")
    opened = studies.get_by_role("dialog", name=dialog)
    expect(opened).to_be_focused()
    for key in ["Tab"] * 20 + ["Shift+Tab"] * 20:
        studies.keyboard.press(key)
        # Behind the last stop is the browser itself: then nothing of the page has the focus.
        assert focused(studies, ".modal") or studies.evaluate("document.activeElement === document.body"), key
    studies.keyboard.press("Escape")
    expect(opened).to_be_hidden()
    expect(button).to_be_focused()


def test_the_list_of_keys_opens_by_a_key_and_gives_the_focus_back(studies):
    studies.keyboard.press("j")
    link = studies.locator("tbody.current th a")
    expect(link).to_be_focused()
    studies.keyboard.press("?")
    expect(studies.get_by_role("dialog", name="Keyboard")).to_be_focused()
    studies.keyboard.press("Escape")
    expect(studies.get_by_role("dialog", name="Keyboard")).to_be_hidden()
    expect(link).to_be_focused()


def test_a_menu_is_walked_through_and_gives_the_focus_back(studies):
    button = studies.get_by_role("button", name="reader")
    button.focus()
    studies.keyboard.press("ArrowDown")
    expect(studies.get_by_role("link", name="API")).to_be_focused()
    studies.keyboard.press("ArrowDown")
    studies.keyboard.press("Escape")
    expect(studies.get_by_role("link", name="API")).to_be_hidden()
    expect(button).to_be_focused()


def test_filters_are_set_and_columns_sorted_by_keys(studies):
    studies.get_by_role("checkbox", name="MR", exact=True).focus()
    studies.keyboard.press("Space")
    expect(studies).to_have_url(re.compile("modality=MR"))
    studies.get_by_role("radio", name="Any day").focus()
    studies.keyboard.press("ArrowRight")
    expect(studies).to_have_url(re.compile("days=today"))
    studies.get_by_role("radio", name="Today").focus()
    studies.keyboard.press("ArrowLeft")
    expect(studies.locator("tbody.study").first).to_be_visible()
    studies.get_by_role("link", name="Patient", exact=True).focus()
    studies.keyboard.press("Enter")
    expect(studies.locator("th[aria-sort=ascending]")).to_have_text("Patient")


def test_what_others_are_told_is_told_to_those_who_listen(studies):
    expect(studies.get_by_role("search", name="Studies")).to_be_visible()
    studies.get_by_role("searchbox", name="Name, Patient ID").fill("D-1006")
    expect(studies.locator("#found")).to_have_text(re.compile("1–1 of 1 study"))
    expect(studies.locator("#results")).to_have_attribute("aria-busy", "false")
