"""Every page fits a telephone of 360 pixels, with long values on it and open: nobody scrolls to the side."""

import re
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page
from pydicom.uid import BasicTextSRStorage, generate_uid

from tests.builders import instance, part10
from tests.workitems import code, workitem

WIDTH = 360

#: As long as a UID can be (PS3.5 Section 9.1), and without a place to break it.
STUDY, SERIES, REPORT, STEP = (f"2.25.{'9' * 58}{number}" for number in range(4))
WORDS = "A description of everything that is in it, as long as it may be."
NAME = "Wolfeschlegelsteinhausenbergerdorffwelchevoralternwarengewisse^X=山田^太郎=やまだ^たろう"

#: Each page, and what is pressed on it so that all of it is open.
PAGES: dict[str, tuple[str, ...]] = {
    "": ("text=Filters", "td.expand button", "td.select input"),
    "?q=nobody-has-this-name": (),
    "?sort=-images&days=30&modality=CT&name=Wolfe": ("button[aria-label=Columns]",),
    f"studies/{STUDY}": ("#tags button",),
    f"delete?study={STUDY}": (),
    f"studies/{STUDY}/series/{SERIES}/look": (),
    f"studies/{STUDY}/series/{REPORT}/look": (),
    "upload/": ("button[aria-label=Menu]", ".user-name"),
    "viewer/": (),
    "worklist/?state=all": ("text=Filters",),
    f"worklist/{STEP}": ("#attributes button",),
    "worklist/rules": (),
    "api/docs": (".opblock-tag",),
    "no-such-page": (),
    "admin/": (),
    f"admin/archive/study/?q={STUDY}": ("#result_list tbody a",),
    f"admin/archive/instance/?q={SERIES}": ("#result_list tbody a",),
    f"admin/workflow/workitem/?q={STEP}": ("#result_list tbody a",),
    "admin/workflow/workitemrule/add/": (),
    "admin/password_change/": (),
}

#: What goes beyond the right side of the window, but for what is scrolled within its own place.
BEYOND = """width => [...document.querySelectorAll("body *")]
  .filter(element => element.getBoundingClientRect().right > width + 1)
  .map(element => `${element.tagName} ${element.className}`)"""


@pytest.fixture(scope="module")
def filled(archive) -> str:
    """The archive with a study and a step whose values are as long as they come."""
    common: dict[str, Any] = {
        "SpecificCharacterSet": "ISO_IR 192",
        "StudyInstanceUID": STUDY,
        "PatientName": NAME,
        "PatientID": "P" * 64,
        "IssuerOfPatientID": "I" * 64,
        "AccessionNumber": "A" * 16,
        "StudyDescription": WORDS,
        "SeriesDescription": WORDS,
        "ReferringPhysicianName": NAME.partition("=")[0],
    }
    report = {"SOPClassUID": BasicTextSRStorage, "Modality": "SR", "PixelData": None, "ValueType": "CONTAINER"}
    objects = (
        instance(**common, SeriesInstanceUID=SERIES, SOPInstanceUID=generate_uid()),
        instance(**common, SeriesInstanceUID=REPORT, SOPInstanceUID=generate_uid(), **report),
    )
    assert archive.store(*map(part10, objects)).status_code == 200
    step = workitem(
        ProcedureStepLabel=WORDS,
        PatientName=NAME.partition("=")[0],
        PatientID="P" * 64,
        WorklistLabel="W" * 64,
        ScheduledStationNameCodeSequence=[code("S" * 16, WORDS)],
        CommentsOnTheScheduledProcedureStep="C" * 200,
    )
    with archive.session() as session:
        headers = {"Content-Type": "application/dicom+json"}
        answer = session.post(f"{archive.url}/workitems?{STEP}", json=[step], headers=headers, timeout=30)
    assert answer.status_code in (201, 409)
    return archive.root


@pytest.fixture(scope="module")
def telephone(browser: Browser, archive, signed_in: str) -> Iterator[Page]:
    """One window for all pages: what they do to each other is nothing."""
    context = browser.new_context(viewport={"width": WIDTH, "height": 740}, reduced_motion="reduce")
    context.set_default_timeout(60_000)
    context.add_cookies([{"name": "sessionid", "value": signed_in, "url": archive.root}])
    yield context.new_page()
    context.close()


def fits(page: Page) -> None:
    across = page.evaluate("document.documentElement.scrollWidth")
    assert across == WIDTH, page.evaluate(BEYOND, WIDTH)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: re.sub(r"2\.25\.\d+", "uid", path))
def test_a_page_fits_a_telephone(telephone, filled, path):
    telephone.goto(f"{filled}/{path}")
    fits(telephone)
    for pressed in PAGES[path]:
        telephone.locator(pressed).first.click()
        telephone.wait_for_load_state("networkidle")
    telephone.evaluate("document.querySelectorAll('details').forEach(details => { details.open = true; })")
    fits(telephone)


def test_the_sign_in_fits_a_telephone(browser, filled):
    with browser.new_context(viewport={"width": WIDTH, "height": 740}) as context:
        page = context.new_page()
        page.goto(filled)
        page.get_by_role("button", name="Sign in").click()
        fits(page)


def test_a_receipt_fits_a_telephone(telephone, filled):
    telephone.goto(f"{filled}/upload/")
    name = f"{uuid.uuid4().hex * 5}.txt"
    telephone.locator("[data-files]").set_input_files([{"name": name, "mimeType": "", "buffer": b"no DICOM"}])
    telephone.locator("[data-receipt]").click()
    telephone.get_by_role("cell", name="It is not DICOM.").wait_for()
    fits(telephone)
