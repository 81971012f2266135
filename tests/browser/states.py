"""The pages of the archive in their states: what people see, and what has opened, appeared or gone wrong on it."""

import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import FilePayload, Page, expect

from tests.browser.watched import Watched
from tests.builders import instance, part10
from tests.live_archive import LiveArchive
from tests.workitems import workitem


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody who looks at the pages of an archive with the demo in it.

    Args:
        window: opens a window of a browser.
        stranger: the session of somebody who may do nothing.
        options: of those windows.
    """

    window: Callable[..., Page]
    archive: LiveArchive
    demo: Mapping[str, str]
    stranger: str
    watched: Watched
    options: Mapping[str, Any] = field(default_factory=dict)

    def to(self, path: str, **options: Any) -> Page:
        page = self.window(reduced_motion="reduce", **self.options, **options)
        page.goto(path)
        return page


State = Callable[[Visit], Page]


# -- signing in, and what is not there -------------------------------------------


def sign_in(visit: Visit) -> Page:
    return visit.to("/login/", user=None)


def sign_in_refused(visit: Visit) -> Page:
    page = sign_in(visit)
    page.get_by_label("Username").fill("reader")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_be_visible()
    return page


def not_allowed(visit: Visit) -> Page:
    visit.watched.expects("403")
    return visit.to("/", user=visit.stranger)


def not_found(visit: Visit) -> Page:
    visit.watched.expects("404")
    return visit.to("/studies/1.2.3.4")


# -- studies ---------------------------------------------------------------------


def studies(visit: Visit) -> Page:
    return visit.to("/")


def studies_with_all_open(visit: Visit) -> Page:
    """Filters, the series of a study, a selection, and one that is current."""
    page = visit.to("/?q=D-1001&days=")
    page.get_by_role("button", name="Filters").click()
    page.get_by_role("button", name="Series").first.click()
    expect(page.locator(".series-strip")).to_be_visible()
    page.get_by_label("Select the study of").nth(1).check()
    page.keyboard.press("j")
    return page


def studies_with_worklists(visit: Visit) -> Page:
    page = visit.to("/?modality=CT")
    page.get_by_role("button", name="Worklists").click()
    page.get_by_label("Keep this search as").fill(f"CT {uuid.uuid4().hex[:8]}")
    page.get_by_role("button", name="Keep").click()
    expect(page.get_by_role("button", name="Remove the worklist CT").first).to_be_visible()
    return page


def menu(visit: Visit) -> Page:
    page = visit.to("/upload/")
    if page.get_by_role("button", name="Menu").is_visible():
        page.get_by_role("button", name="Menu").click()
    page.get_by_role("button", name="reader").click()
    expect(page.get_by_role("link", name="API")).to_be_visible()
    return page


def choice_of_columns(visit: Visit) -> Page:
    page = visit.to("/")
    page.get_by_role("button", name="Columns").click()
    expect(page.get_by_role("dialog", name="Columns")).to_be_visible()
    return page


def list_of_keys(visit: Visit) -> Page:
    page = visit.to("/")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard")).to_be_visible()
    return page


def no_studies_found(visit: Visit) -> Page:
    return visit.to("/?q=Nobody")


def archive_gone(visit: Visit) -> Page:
    """What was asked for could not be got."""
    page = visit.to("/")
    page.route(re.compile(r"\?q="), lambda route: route.abort())
    visit.watched.expects("ERR_FAILED", "htmx:")
    page.get_by_role("searchbox").fill("x")
    expect(page.get_by_text("The archive cannot be reached")).to_be_visible()
    return page


def study(visit: Visit) -> Page:
    """With a report, a document, other studies of the patient, and its attributes."""
    page = visit.to(f"/studies/{visit.demo['chest-ct']}")
    for document in page.locator("details").all():
        document.evaluate("details => { details.open = true; }")
    page.get_by_role("button", name="Show the attributes").click()
    expect(page.get_by_role("searchbox", name="Search")).to_be_visible()
    page.get_by_role("button", name="Show the audit trail").click()
    expect(page.locator("#audit table")).to_be_visible()
    page.get_by_label("A label, new or known").fill("Interesting")
    page.get_by_role("button", name="Put on").click()
    expect(page.get_by_role("button", name="Take off the label Interesting")).to_be_visible()
    return page


def study_of_an_electrocardiogram(visit: Visit) -> Page:
    return visit.to(f"/studies/{visit.demo['ecg']}")


def studies_to_label(visit: Visit) -> Page:
    page = visit.to("/?q=D-1001")
    page.get_by_label("Select the study of").first.check()
    page.get_by_role("button", name="Label", exact=True).click()
    expect(page.get_by_label("A label, new or known")).to_be_visible()
    return page


def studies_to_send(visit: Visit) -> Page:
    return visit.to(f"/send?study={visit.demo['biopsy']}&study={visit.demo['ecg']}")


def sent(visit: Visit) -> Page:
    return visit.to("/sending/")


def studies_to_delete(visit: Visit) -> Page:
    return visit.to(f"/delete?study={visit.demo['biopsy']}&study={visit.demo['ecg']}")


def report(visit: Visit) -> Page:
    """The document that the page of a study has in a frame, where it would run nothing: not even axe-core."""
    page = visit.to(f"/studies/{visit.demo['chest-ct']}", bypass_csp=True)
    page.goto(page.locator("iframe.report").first.get_attribute("src") or "")
    return page


# -- quick look ------------------------------------------------------------------


def quick_look(visit: Visit) -> Page:
    page = _look_at(visit, "CT")
    expect(page.locator("#stage[aria-busy=false]")).to_be_visible()
    return page


def quick_look_with_keys(visit: Visit) -> Page:
    page = quick_look(visit)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    return page


def quick_look_at_a_report(visit: Visit) -> Page:
    page = _look_at(visit, "SR")
    expect(page.locator("#other iframe")).to_be_visible()
    return page


def quick_look_at_nothing(visit: Visit) -> Page:
    """There is no way to show the image."""
    one = instance(PhotometricInterpretation="HSV", SamplesPerPixel=3, BitsAllocated=8, PixelData=bytes(192))
    visit.archive.store(part10(one))
    visit.watched.expects("406")
    page = visit.to(f"/studies/{one.StudyInstanceUID}/series/{one.SeriesInstanceUID}/look")
    expect(page.locator("#problem")).to_be_visible()
    return page


def _look_at(visit: Visit, modality: str) -> Page:
    page = visit.to(f"/studies/{visit.demo['chest-ct']}")
    card = page.locator(".series-card", has=page.get_by_text(modality, exact=True)).first
    page.goto(card.get_by_role("link", name="Quick look").first.get_attribute("href") or "")
    return page


# -- uploads ---------------------------------------------------------------------


def upload(visit: Visit) -> Page:
    return visit.to("/upload/")


def upload_with_results(visit: Visit) -> Page:
    page = upload(visit)
    whole, known = part10(instance()), part10(instance())
    visit.archive.store(known)
    visit.watched.expects("409")
    files = {"new": whole, "known": known, "damaged": part10(instance())[:400], "other": b"no image"}
    chosen = [FilePayload(name=name, mimeType="", buffer=content) for name, content in files.items()]
    page.locator("[data-files]").set_input_files(chosen)
    expect(page.locator("[data-state]")).to_have_text("Finished: 1 file was not stored")
    expect(page.locator("[data-studies] a").first).to_be_visible()
    for results in page.locator("[data-list]:not([hidden])").all():
        results.evaluate("details => { details.open = true; }")
    return page


def receipt(visit: Visit) -> Page:
    page = upload_with_results(visit)
    page.get_by_role("link", name="Receipt").click()
    expect(page.get_by_role("heading", name="Upload of")).to_be_visible()
    return page


# -- worklist --------------------------------------------------------------------


def worklist(visit: Visit) -> Page:
    page = visit.to("/worklist/?state=all")
    page.get_by_role("button", name="Filters").click()
    expect(page.get_by_label("Code of the station")).to_be_visible()
    return page


def no_steps_found(visit: Visit) -> Page:
    return visit.to("/worklist/?q=Nobody")


def step_scheduled(visit: Visit) -> Page:
    return _step(visit, "scheduled")


def step_in_progress(visit: Visit) -> Page:
    return _step(visit, "in-progress")


def step_completed(visit: Visit) -> Page:
    return _step(visit, "completed")


def step_canceled(visit: Visit) -> Page:
    return _step(visit, "canceled")


def step_said_too_little_of(visit: Visit) -> Page:
    """Somebody performs it, and has not said what came out of it, nor why it is to be canceled."""
    uid = f"2.25.{uuid.uuid4().int}"
    with visit.archive.session() as session:
        headers = {"Content-Type": "application/dicom+json"}
        body = [workitem(PatientName="Doe^Jane")]
        created = session.post(f"{visit.archive.url}/workitems?{uid}", json=body, headers=headers, timeout=30)
        created.raise_for_status()
    page = visit.to(f"/worklist/{uid}")
    page.get_by_role("button", name="Claim").click()
    page.get_by_text("Complete", exact=True).click()
    visit.watched.expects("422")
    page.get_by_role("button", name="Complete the step").click()
    expect(page.get_by_text("Say what came out of it")).to_be_visible()
    return page


def rules(visit: Visit) -> Page:
    page = visit.to("/worklist/rules")
    page.locator("summary").first.click()
    return page


def _step(visit: Visit, state: str) -> Page:
    page = visit.to("/worklist/?state=all&q=D-10")
    page.goto(page.locator("tbody.step", has=page.locator(f".state-{state}")).first.get_attribute("data-url") or "")
    for details in page.locator("details").all():
        details.evaluate("details => { details.open = true; }")
    page.get_by_role("button", name="Show all attributes").click()
    expect(page.locator("#attributes table")).to_be_visible()
    return page


# -- what others made ------------------------------------------------------------


def documentation_of_the_api(visit: Visit) -> Page:
    page = visit.to("/api/docs")
    page.locator(".opblock-tag").first.click()
    page.locator(".opblock-summary-control").first.click()
    expect(page.locator(".opblock-body").first).to_be_visible()
    return page


def admin_dashboard(visit: Visit) -> Page:
    page = visit.to("/admin/")
    page.get_by_text("As a table").click()
    return page


def admin_list_of_studies(visit: Visit) -> Page:
    return visit.to("/admin/archive/study/")


def admin_page_of_a_study(visit: Visit) -> Page:
    page = admin_list_of_studies(visit)
    page.locator("#result_list tbody th a").first.click()
    expect(page.locator("#content h2").first).to_be_visible()
    return page


def admin_page_of_a_person(visit: Visit) -> Page:
    page = visit.to("/admin/auth/user/?q=reader")
    page.get_by_role("link", name="reader", exact=True).first.click()
    expect(page.get_by_label("Email address")).to_be_visible()
    return page


def admin_list_of_steps(visit: Visit) -> Page:
    return visit.to("/admin/workflow/workitem/")


def admin_form_with_errors(visit: Visit) -> Page:
    page = visit.to("/admin/password_change/")
    page.get_by_role("button", name="Change my password").click()
    page.locator("form#content-main, #content form").evaluate("form => { form.noValidate = true; form.submit(); }")
    expect(page.get_by_text("Please correct the errors below")).to_be_visible()
    return page


OWN: tuple[State, ...] = (
    *(sign_in, sign_in_refused, not_allowed, not_found),
    *(studies, studies_with_all_open, studies_with_worklists, menu, choice_of_columns, list_of_keys, no_studies_found),
    *(archive_gone, study, study_of_an_electrocardiogram, report),
    *(studies_to_label, studies_to_send, sent, studies_to_delete),
    *(quick_look, quick_look_with_keys, quick_look_at_a_report, quick_look_at_nothing),
    *(upload, upload_with_results, receipt),
    *(worklist, no_steps_found, step_scheduled, step_in_progress, step_completed, step_canceled),
    *(step_said_too_little_of, rules),
)
#: Pages of Django and Swagger UI, with what the archive adds to them.
OF_OTHERS: tuple[State, ...] = (
    *(documentation_of_the_api, admin_dashboard, admin_list_of_studies, admin_page_of_a_study),
    *(admin_page_of_a_person, admin_list_of_steps, admin_form_with_errors),
)
