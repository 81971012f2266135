"""Signing in and out, in a browser."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PASSWORD


@pytest.fixture
def visitor(new_window) -> Page:
    """Somebody whom nobody knows yet."""
    return new_window(user=None)


def signs_in(page: Page, password: str = PASSWORD) -> None:
    page.get_by_label("Username").fill("reader")
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def test_who_signs_in_gets_to_see_what_they_asked_for(visitor):
    visitor.goto("/worklist/?state=all")
    expect(visitor).to_have_url(re.compile(r"/login/\?next=/worklist/%3Fstate%3Dall$"))

    signs_in(visitor, "wrong")
    expect(visitor.get_by_role("alert")).to_contain_text("correct username and password")
    expect(visitor.get_by_label("Username")).to_have_value("reader")
    expect(visitor.get_by_label("Password")).to_have_value("")

    signs_in(visitor)
    expect(visitor).to_have_url(re.compile(r"/worklist/\?state=all$"))
    expect(visitor.get_by_role("heading", name="Worklist")).to_be_attached()


@pytest.mark.parametrize("elsewhere", ["https://elsewhere.example/", "//elsewhere.example/", "javascript:alert(1)"])
def test_nobody_is_led_to_another_host(visitor, archive, elsewhere):
    visitor.goto(f"/login/?next={elsewhere}")

    signs_in(visitor)

    expect(visitor).to_have_url(f"{archive.root}/")


def test_who_signs_out_sees_no_patient_when_going_back(visitor):
    visitor.goto("/")
    signs_in(visitor)
    visitor.get_by_role("button", name="reader").click()
    visitor.get_by_role("button", name="Sign out").click()
    expect(visitor.get_by_role("button", name="Sign in")).to_be_visible()

    visitor.go_back()

    expect(visitor.get_by_role("button", name="Sign in")).to_be_visible()
    expect(visitor.locator("tbody.study")).to_have_count(0)
