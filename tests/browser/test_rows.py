"""Keys of the list of studies: to a row, what is done with it, and into what it opens."""

import pytest
from playwright.sync_api import expect

from tests.builders import instance, part10


@pytest.fixture
def studies(archive) -> list[str]:
    """Three studies of a patient of this test's own, the newest first."""
    made = [instance(PatientID="ROWS", StudyDate=f"2024010{day}") for day in (3, 2, 1)]
    assert archive.store(*map(part10, made)).status_code == 200
    return [one.StudyInstanceUID for one in made]


def test_keys_lead_to_rows_select_show_series_and_open(page, archive, studies):
    page.goto(f"{archive.root}/?id=ROWS")
    current = page.locator("tbody.study.current")
    page.keyboard.press("/")
    page.keyboard.type("j")
    assert current.count() == 0, "that is typed"
    page.get_by_role("searchbox").fill("")
    page.keyboard.press("Escape")

    for key, place in (("x", None), ("j", 0), ("j", 1), ("j", 2), ("j", 2), ("k", 1)):
        page.keyboard.press(key)
        assert current.count() == (place is not None)
        if place is not None:
            assert current.get_attribute("data-study") == studies[place]
    page.keyboard.press("x")
    expect(page.get_by_text("1 selected")).to_be_visible()
    page.keyboard.press("e")
    expect(current.locator(".series-row")).not_to_be_empty()

    page.keyboard.press("Enter")
    page.wait_for_url(f"**/viewer?StudyInstanceUIDs={studies[1]}")
