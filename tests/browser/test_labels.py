"""Labels in a browser: put on what is selected in the list, which stays selected, and filtered by, with keys alone."""

import uuid

from playwright.sync_api import expect
from pydicom.uid import generate_uid

from tests.builders import instance, part10


def test_what_is_selected_is_labeled_by_keys_and_found_by_the_label(page, archive):
    patient, label = f"L-{uuid.uuid4().hex[:8]}", f"Trial {uuid.uuid4().hex[:6]}"
    studies = [generate_uid() for _ in range(3)]
    for study in studies:
        stored = archive.store(part10(instance(StudyInstanceUID=study, PatientID=patient)))
        assert stored.status_code == 200
    page.goto(f"{archive.root}/?q={patient}")
    row = page.locator("tbody.study")
    expect(row).to_have_count(3)

    for _ in range(2):
        page.keyboard.press("j")
        page.keyboard.press("x")
    page.keyboard.press("l")
    expect(page.locator("#new-label")).to_be_focused()
    page.keyboard.type(label)
    page.keyboard.press("Enter")

    expect(row.locator(".row-labels", has_text=label)).to_have_count(2)
    expect(page.locator("input[name=study]:checked")).to_have_count(2)
    chip = page.locator("#label-chips label", has_text=label)
    expect(chip).to_contain_text("2 studies")

    row.nth(2).locator("input[name=study]").check()
    page.locator("#label-selected").click()
    item = page.locator(".label-menu button", has_text=label)
    expect(item).to_contain_text("on 2 of 3")
    expect(page.locator("#new-label")).to_be_focused()
    item.focus()
    page.keyboard.press("Enter")
    expect(item).to_have_attribute("aria-pressed", "true")
    expect(item).to_be_focused()
    expect(chip).to_contain_text("3 studies")
    page.keyboard.press("Enter")
    expect(item).to_have_attribute("aria-pressed", "false")
    expect(row.locator(".label-chip", has_text=label)).to_have_count(0)
    expect(item).to_be_focused()
    page.keyboard.press("Enter")
    expect(row.locator(".label-chip", has_text=label)).to_have_count(3)

    page.keyboard.press("Escape")
    chip.click()
    page.wait_for_url("**label=*")
    expect(row).to_have_count(3)
    page.reload()
    expect(page.locator("#label-chips input:checked")).to_have_count(1)

    row.first.locator("th a").click()
    page.get_by_role("button", name=f"Take off the label {label}").click()
    expect(page.locator("#study-labels .label-chip")).to_have_count(0)
