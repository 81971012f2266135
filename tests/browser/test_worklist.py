"""The worklist in a browser: a step from the list to its end, with what others do meanwhile shown where it is."""

import uuid

import pytest
from playwright.sync_api import Page, expect

from tests.workitems import code, progress, workitem

LOCK = "1.2.826.0.1.77"
#: Milliseconds until what others have done has to be there; without hints it takes longer.
SOON = 8_000


@pytest.fixture
def step(archive) -> str:
    """A scheduled step, by its UID, with a label that no other has."""
    uid = f"2.25.{uuid.uuid4().int}"
    data_set = workitem(
        ProcedureStepLabel=f"Read {uid[-9:]}",
        PatientName="Doe^Jane",
        ScheduledStationNameCodeSequence=[code("ROOM1", "Reading room")],
    )
    answer = sends(archive, "post", f"workitems?{uid}", data_set)
    assert answer.status_code == 201
    return uid


def sends(archive, method: str, path: str, body: object):
    """What another performer asks of the archive."""
    with archive.session() as session:
        headers = {"Content-Type": "application/dicom+json"}
        return session.request(method, f"{archive.url}/{path}", json=[body], headers=headers, timeout=30)


def claims(archive, uid: str) -> None:
    state = {
        "00081195": {"vr": "UI", "Value": [LOCK]},
        "00741000": {"vr": "CS", "Value": ["IN PROGRESS"]},
    }
    assert sends(archive, "put", f"workitems/{uid}/state", state).status_code == 200


def reports(archive, uid: str, percent: str) -> None:
    assert sends(archive, "post", f"workitems/{uid}?{LOCK}", progress(percent)).status_code == 200


def row(page: Page, uid: str):
    return page.locator("tbody.step", has_text=uid[-9:])


def test_a_step_is_claimed_performed_and_completed_with_keys(page, watched, archive, step):
    watched.expects("422")  # of the form that says too little
    page.goto(f"{archive.root}/worklist/?q={step}")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/worklist/{step}")
    page.keyboard.press("c")
    expect(page.get_by_text("The step is yours.")).to_be_visible()

    page.get_by_label("Done, in percent").fill("60")
    page.get_by_label("How it is going").fill("Dictated")
    page.get_by_role("button", name="Say so").click()
    expect(page.locator("#step-head")).to_contain_text("60 %")

    page.keyboard.press("d")
    page.get_by_role("button", name="Complete the step").click()
    expect(page.get_by_text("Say what came out of it")).to_be_visible()
    page.get_by_label("Nothing to store").check()
    page.get_by_role("button", name="Complete the step").click()
    expect(page.locator("#step-head")).to_contain_text("Completed")
    expect(page.locator("#step-now")).to_contain_text("Reading room")


def test_a_step_is_canceled_with_a_reason(page, archive, step):
    page.goto(f"{archive.root}/worklist/{step}")
    page.keyboard.press("c")
    page.get_by_text("Cancel", exact=True).click()
    page.get_by_label("Why").select_option("Duplicate order")
    page.get_by_label("In your words").fill("It was read this morning")
    page.get_by_role("button", name="Cancel the step").click()
    expect(page.locator("#step-head")).to_contain_text("Canceled")
    expect(page.locator("#step-now")).to_contain_text("Duplicate order. It was read this morning")


def test_what_has_been_found_is_said_where_it_stays(page, archive, step):
    page.goto(f"{archive.root}/worklist/")
    said = page.locator("#found")
    expect(said).to_be_empty()
    page.get_by_role("searchbox").fill(step)
    expect(said).to_have_text("1–1 of 1 step")
    page.get_by_role("searchbox").fill("nobody has this name")
    expect(said).to_have_text("No steps")


def test_what_others_do_is_shown_in_the_list_without_moving_it(page, archive, step):
    page.goto(f"{archive.root}/worklist/?state=scheduled")
    expect(row(page, step)).to_contain_text("Scheduled")
    place = row(page, step).evaluate("row => [...row.parentElement.children].indexOf(row)")
    page.keyboard.press("j")
    focused = page.evaluate("document.activeElement.id")

    claims(archive, step)
    reports(archive, step, "40")
    expect(row(page, step)).to_contain_text("40 %", timeout=SOON)
    assert row(page, step).evaluate("row => [...row.parentElement.children].indexOf(row)") == place
    assert page.evaluate("document.activeElement.id") == focused

    sends(archive, "post", f"workitems?2.25.{uuid.uuid4().int}", workitem(ProcedureStepLabel="One that comes"))
    expect(page.get_by_role("link", name="new step")).to_be_visible(timeout=SOON)


def test_what_others_do_is_shown_on_the_page_of_a_step(page, archive, step):
    page.goto(f"{archive.root}/worklist/{step}")
    expect(page.get_by_role("button", name="Claim")).to_be_visible()
    claims(archive, step)
    expect(page.locator("#step-head")).to_contain_text("In progress", timeout=SOON)
    expect(page.get_by_role("button", name="Claim")).to_have_count(0)

    page.get_by_text("Ask to cancel", exact=True).first.click()
    page.get_by_label("In your words").fill("half a sent")
    reports(archive, step, "70")
    expect(page.locator("#step-head")).to_contain_text("70 %", timeout=SOON)
    expect(page.get_by_label("In your words")).to_have_value("half a sent")


def test_it_fits_a_telephone(page, archive, step):
    page.set_viewport_size({"width": 360, "height": 740})
    for path in (f"?q={step}", step, "rules"):
        page.goto(f"{archive.root}/worklist/{path}")
        assert page.evaluate("document.documentElement.scrollWidth") == 360
