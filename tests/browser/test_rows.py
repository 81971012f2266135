"""Rows of the list of studies: keys that lead to them and open them, what is selected, and the room for columns."""

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


def test_what_was_examined_has_room_beside_all_columns_and_open_series(page, archive, studies):
    page.goto(f"{archive.root}/?id=ROWS")
    description = page.locator("thead .column-description")
    room = description.bounding_box()["width"]
    page.get_by_role("button", name="Series").first.click()
    expect(page.locator(".series-row").first).not_to_be_empty()
    assert description.bounding_box()["width"] == room > 90

    page.get_by_role("button", name="Columns").click()
    page.locator("#columns [name=column]").evaluate_all("boxes => boxes.forEach((box) => { box.checked = true; })")
    page.get_by_role("button", name="Show these").click()
    expect(page.locator("thead .column-referrer")).to_be_attached()
    for width in (1200, 1280, 1400, 1600):
        page.set_viewport_size({"width": width, "height": 800})
        assert description.bounding_box()["width"] > 70, width
    page.get_by_role("button", name="Columns").click()
    page.get_by_role("button", name="As usual").click()
    expect(page.locator("thead .column-referrer")).not_to_be_attached()


def test_who_comes_back_to_the_list_finds_what_was_selected(page, archive, studies):
    page.goto(f"{archive.root}/?id=ROWS")
    page.locator("input[name=study]").first.check()
    page.locator("tbody.study th a").first.click()
    page.wait_for_url(f"**/studies/{studies[0]}")
    page.go_back()
    expect(page.get_by_text("1 selected")).to_be_visible()


def test_a_worklist_is_seen_where_it_has_been_kept_and_so_is_why_it_is_not(page, archive, studies):
    page.goto(f"{archive.root}/?id=ROWS")
    page.get_by_role("button", name="Worklists").click()
    menu = page.locator("#worklists")
    for said in (menu.get_by_role("link", name="Of rows"), menu.get_by_role("alert")):
        page.get_by_label("Keep this search as").fill("Of rows")
        page.get_by_role("button", name="Keep", exact=True).click()
        expect(said).to_be_visible()
