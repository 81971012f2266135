"""Dark and light, and moving pictures for those who want none."""

import re

import pytest
from playwright.sync_api import Page, expect

SWITCH = "Switch between dark and light"


def ground(page: Page) -> str:
    return page.evaluate("getComputedStyle(document.body).backgroundColor")


def luminance(page: Page) -> float:
    """Of the ground, 0 to 255."""
    red, green, blue = map(int, re.findall(r"\d+", ground(page))[:3])
    return (red + green + blue) / 3


@pytest.mark.parametrize("system", ["dark", "light"])
def test_pages_are_dark_whatever_the_system_is_until_somebody_chooses(new_window, system):
    page = new_window(color_scheme=system)
    for path in ("/", "/worklist/", "/upload/"):
        page.goto(path)
        assert luminance(page) < 40, path


def test_what_was_chosen_is_remembered_on_every_page_and_in_the_admin(page):
    page.goto("/")
    page.get_by_role("button", name=SWITCH).click()
    assert luminance(page) > 215
    for path in ("/", "/upload/", "/login/", "/admin/"):
        page.goto(path)
        assert luminance(page) > 215, path

    page.goto("/worklist/")
    page.get_by_role("button", name=SWITCH).click()
    page.reload()
    assert luminance(page) < 40


def test_who_wants_what_the_system_has_gets_it_also_when_that_changes(new_window):
    page = new_window(color_scheme="light")
    page.goto("/")
    assert luminance(page) < 40
    page.get_by_role("button", name="reader").click()
    page.get_by_role("button", name="Dark or light as the system").click()
    assert luminance(page) > 215

    page.emulate_media(color_scheme="dark")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    page.reload()
    assert luminance(page) < 40
    page.emulate_media(color_scheme="light")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "light")


def test_another_window_follows(page):
    page.goto("/")
    other = page.context.new_page()
    other.goto("/upload/")
    page.get_by_role("button", name=SWITCH).click()
    expect(other.locator("html")).to_have_attribute("data-bs-theme", "light")


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
def test_nothing_moves_for_those_who_want_no_motion(new_window, motion):
    page = new_window(reduced_motion=motion)
    page.goto("/")
    page.get_by_role("button", name="Columns").click()
    expect(page.get_by_role("dialog", name="Columns")).to_be_visible()
    durations = page.evaluate(
        """() => [...document.querySelectorAll("#columns, .modal-dialog, .btn, .spinner-border")].flatMap((one) => {
          const { transitionDuration, animationDuration } = getComputedStyle(one);
          return `${transitionDuration}, ${animationDuration}`.split(", ").map(parseFloat);
        })"""
    )
    assert (max(durations) < 0.001) == (motion == "reduce")
