"""A study sent from the list in a browser: to a destination made in the admin, followed until it is there."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.builders import instance, part10
from tests.destination import DestinationServer, refuses

#: What a worker does, and its clock.
WORK = "from archive.sending.delivery import work\nwork(60)"


@pytest.fixture
def server() -> Iterator[DestinationServer]:
    with DestinationServer().running() as server:
        yield server


def test_studies_are_sent_from_the_list_and_followed_until_they_are_there(page, archive, server):
    dataset = instance(PatientID="SEND-1", PatientName="Zebra^Unique")
    assert archive.store(part10(dataset)).status_code == 200

    page.goto(f"{archive.root}/admin/archive/destination/add/")
    page.get_by_label("Name", exact=False).first.fill("Elsewhere")
    page.get_by_label("URL").fill(server.url)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("was added successfully")).to_be_visible()

    page.goto(f"{archive.root}/?q=SEND-1")
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_role("heading", name="Send 1 study")).to_be_visible()
    page.get_by_label("Where to").select_option("Elsewhere")
    page.get_by_label("Without what identifies the patient").check()
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("Waiting")).to_be_visible()

    server.script.append(refuses(0x0122))
    archive.manage("shell", "--no-imports", "-c", WORK)
    expect(page.get_by_text("Sent, except for 1")).to_be_visible()
    expect(page.get_by_text("does not store objects of its SOP Class")).to_be_visible()

    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_text("Waiting")).to_be_visible()
    archive.manage("shell", "--no-imports", "-c", WORK)
    expect(page.get_by_text("1 of 1 sent")).to_be_visible()
    assert b"Zebra" not in server.requests[-1].files[0]

    place = page.url
    page.set_viewport_size({"width": 360, "height": 740})
    for address in (place, f"{archive.root}/sending/", f"{archive.root}/send?study={dataset.StudyInstanceUID}"):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") == 360
    page.goto(f"{archive.root}/studies/{dataset.StudyInstanceUID}")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download de-identified").click()
    assert download.value.suggested_filename == "deidentified.zip"
