"""The list of studies in a browser: found, filtered, opened, selected, kept and arranged."""

import re
import zipfile
from urllib.parse import parse_qs, quote_plus, urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

ANNE = "Müller-Lüdenscheidt, Änne"


@pytest.fixture
def studies(page: Page, demo) -> Page:
    page.goto("/")
    return page


def rows(page: Page) -> Locator:
    return page.locator("tbody.study")


def row(page: Page, study: str) -> Locator:
    return page.locator(f"tbody.study[data-study='{study}']")


def query(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)


def search(page: Page) -> Locator:
    return page.get_by_role("searchbox", name="Name, Patient ID")


# -- finding ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("mullER-lud", ANNE),
        ("änne", ANNE),
        ("παπαδοπουλος", "Παπαδόπουλος, Γεώργιος"),
        ("ИВАНОВА", "Иванова, Мария Сергеевна"),
        ("홍", "Hong, Gildong"),
        ("d-1006", "Hong, Gildong"),
    ],
)
def test_names_are_found_while_they_are_typed_without_accents_and_in_any_case(studies, typed, name):
    search(studies).press_sequentially(typed)

    expect(studies).to_have_url(re.compile(re.escape(f"?q={quote_plus(typed)}") + "$"))
    names = studies.locator("tbody.study th")
    expect(names.filter(has_not_text=name)).to_have_count(0)
    expect(names.first).to_contain_text(name)
    expect(studies.locator("#found")).to_contain_text("stud")


def test_filters_are_in_the_url_and_the_back_button_takes_them_back(studies, demo):
    everything = rows(studies).count()
    studies.get_by_text("CT", exact=True).first.click()
    expect(studies).to_have_url(re.compile("modality=CT$"))
    expect(row(studies, demo["head-mr"])).to_have_count(0)
    studies.get_by_text("7 days").click()
    expect(studies).to_have_url(re.compile("days=7"))
    expect(row(studies, demo["chest-ct-earlier"])).to_have_count(0)
    expect(row(studies, demo["chest-ct"])).to_be_visible()

    studies.reload()
    expect(studies.get_by_role("checkbox", name="CT", exact=True)).to_be_checked()
    expect(studies.get_by_role("radio", name="7 days")).to_be_checked()
    expect(row(studies, demo["chest-ct-earlier"])).to_have_count(0)

    studies.go_back()
    expect(row(studies, demo["chest-ct-earlier"])).to_be_visible()
    studies.go_back()
    expect(rows(studies)).to_have_count(everything)


def test_a_day_that_is_chosen_takes_the_place_of_a_preset(studies):
    studies.get_by_text("Yesterday", exact=True).click()
    expect(studies).to_have_url(re.compile("days=yesterday"))

    studies.get_by_role("button", name="Filters").click()
    studies.get_by_label("Study date from").fill("2020-01-01")
    expect(studies).to_have_url(re.compile("since=2020-01-01"))
    assert "days" not in query(studies)
    expect(studies.get_by_role("radio", name="Any day")).to_be_checked()

    studies.get_by_text("30 days").click()
    expect(studies.get_by_label("Study date from")).to_have_value("")


def test_a_column_is_sorted_by_and_says_so(studies):
    studies.get_by_role("link", name="Patient", exact=True).click()

    expect(studies.locator("th.column-name[aria-sort=ascending]")).to_be_visible()
    expect(studies).to_have_url(re.compile("sort=name"))
    studies.get_by_role("link", name="Patient", exact=True).click()
    expect(studies.locator("th.column-name[aria-sort=descending]")).to_be_visible()


# -- opening, and with several ---------------------------------------------------


def test_the_series_of_a_study_unfold_with_their_pictures(studies, demo):
    button = row(studies, demo["chest-ct"]).get_by_role("button", name="Series")
    button.click()

    expect(button).to_have_attribute("aria-expanded", "true")
    picture = row(studies, demo["chest-ct"]).locator("img.thumbnail").first
    expect(picture).to_be_visible()
    expect(picture).to_have_js_property("complete", True)
    assert picture.evaluate("image => image.naturalWidth") > 0
    button.click()
    expect(picture).to_be_hidden()


def test_a_click_leads_to_the_study_and_a_double_click_to_the_viewer(studies, demo):
    row(studies, demo["ecg"]).locator(".column-description").click()
    expect(studies).to_have_url(re.compile(rf"/studies/{demo['ecg']}$"))

    studies.go_back()
    row(studies, demo["ecg"]).locator(".column-description").dblclick()
    expect(studies).to_have_url(re.compile(rf"/viewer/viewer\?StudyInstanceUIDs={demo['ecg']}$"))


def test_several_studies_are_downloaded_and_opened_together(studies, demo, tmp_path):
    for study in ("ecg", "biopsy"):
        row(studies, demo[study]).get_by_role("checkbox").check()
    expect(studies.get_by_text("2 selected")).to_be_visible()

    with studies.expect_download() as download:
        studies.get_by_role("button", name="Download").click()
    download.value.save_as(tmp_path / "studies.zip")
    with zipfile.ZipFile(tmp_path / "studies.zip") as archive:
        assert archive.testzip() is None
        assert "DICOMDIR" in archive.namelist()
        folders = {name.split("/")[1] for name in archive.namelist() if name.startswith("DICOM/")}
    assert len(folders) == 2

    with studies.expect_request(lambda request: "/viewer/viewer" in request.url) as request:
        studies.get_by_role("button", name="Open together").click()
    (together,) = parse_qs(urlsplit(request.value.url).query)["StudyInstanceUIDs"]
    assert set(together.split(",")) == {demo["ecg"], demo["biopsy"]}


def test_what_was_done_with_rows_stays_when_results_are_brought_again(studies, demo):
    mine = row(studies, demo["chest-ct"])
    mine.get_by_role("checkbox").check()
    mine.get_by_role("button", name="Series").click()
    expect(mine.locator("img.thumbnail").first).to_be_visible()
    row(studies, demo["ecg"]).get_by_role("checkbox").check()

    studies.get_by_text("CT", exact=True).first.click()

    expect(row(studies, demo["ecg"])).to_have_count(0)
    expect(studies.get_by_text("1 selected")).to_be_visible()
    expect(mine.get_by_role("checkbox")).to_be_checked()
    expect(mine.locator("img.thumbnail").first).to_be_visible()


def test_all_and_none_of_a_page_are_selected(studies):
    number = rows(studies).count()
    everything = studies.get_by_role("checkbox", name="Select all on this page")
    everything.check()
    expect(studies.get_by_text(f"{number} selected")).to_be_visible()
    studies.get_by_label("Select the study of").first.uncheck()
    assert everything.evaluate("box => box.indeterminate")
    studies.get_by_role("button", name="None").click()
    expect(studies.get_by_role("button", name="Download")).to_be_hidden()


# -- as people like it -----------------------------------------------------------


def test_a_search_is_kept_as_a_worklist_found_again_and_removed(studies, demo):
    studies.on("dialog", lambda dialog: dialog.accept())
    studies.goto("/?modality=MR&sort=name")
    studies.get_by_role("button", name="Worklists").click()
    studies.get_by_label("Keep this search as").fill("Heads")
    studies.get_by_role("button", name="Keep").click()
    kept = studies.get_by_role("link", name="Heads")
    expect(kept).to_be_visible()

    studies.goto("/")
    studies.get_by_role("button", name="Worklists").click()
    kept.click()
    expect(studies).to_have_url(re.compile(r"\?modality=MR&sort=name$"))
    expect(row(studies, demo["head-mr"])).to_be_visible()
    expect(row(studies, demo["chest-ct"])).to_have_count(0)

    studies.get_by_role("button", name="Worklists").click()
    studies.get_by_role("button", name="Remove the worklist Heads").click()
    expect(kept).to_have_count(0)


def test_columns_are_chosen_and_stay_with_the_search(studies):
    studies.goto("/?q=D-1001")
    studies.get_by_role("button", name="Columns").click()
    dialog = studies.get_by_role("dialog", name="Columns")
    dialog.get_by_label("Referrer").check()
    dialog.get_by_label("Accession").uncheck()
    expect(dialog.get_by_label("Patient", exact=True)).to_be_disabled()
    dialog.get_by_role("button", name="Show these").click()

    expect(studies.get_by_role("columnheader", name="Referrer")).to_be_visible()
    expect(studies.get_by_role("columnheader", name="Accession")).to_have_count(0)
    assert query(studies) == {"q": ["D-1001"]}

    studies.get_by_role("button", name="Columns").click()
    dialog.get_by_role("button", name="As usual").click()
    expect(studies.get_by_role("columnheader", name="Accession")).to_be_visible()
    expect(studies.get_by_role("columnheader", name="Referrer")).to_have_count(0)
