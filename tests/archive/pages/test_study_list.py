"""The list of studies as people see it."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from archive.models import Study
from archive.selectors import study_list
from archive.study_list_query import MOST_LISTED
from tests import factories
from tests.archive.selectors.test_study_list import let_be_many, let_finding_take_too_long
from tests.people import signed_in
from tests.storing import stored

pytestmark = pytest.mark.django_db


def page(client: Client, query: str = "", **headers: str) -> str:
    response = client.get(f"/{query}", headers=headers)
    assert response.status_code == 200
    return response.content.decode()


def shown(text: str) -> list[str]:
    """The Study Instance UIDs of the rows."""
    return re.findall(r'data-study="([^"]+)"', text)


def test_an_empty_archive_says_how_studies_get_into_it(viewer):
    assert "no studies in this archive yet" in page(viewer)


def test_a_search_that_finds_nothing_says_what_to_do(viewer):
    factories.study()

    text = page(viewer, "?q=nobody")

    assert "No study meets this search" in text
    assert 'value="nobody"' in text


def test_a_row_has_what_a_clinician_looks_for(viewer):
    patient = factories.patient(
        patient_name="Doe^Jane=山田^花子", patient_id="ID-7", patient_birth_date="19500201", patient_sex="F"
    )
    row = factories.study(patient=patient, accession_number="ACC-9", study_description="Knee <left>")
    factories.instance(factories.series(row, modality="MR"))

    text = page(viewer)

    for expected in ("Doe, Jane", "山田 花子", "ID-7", "1950-02-01", "73 y", "2024-01-31", "10:15", ">MR<", "ACC-9"):
        assert expected in text
    assert "Knee &lt;left&gt;" in text
    assert f'href="/studies/{row.study_instance_uid}"' in text


def test_the_title_names_no_patient(viewer):
    factories.study()

    assert "<title>Studies | Archive</title>" in page(viewer)


def test_the_newest_study_is_first_and_the_sorted_column_says_so(viewer):
    days = {factories.study(study_date=day).study_instance_uid: day for day in ("20240101", "20240301", "20240201")}

    assert [days[uid] for uid in shown(page(viewer))] == ["20240301", "20240201", "20240101"]
    assert re.findall(r'column-(\w+)" aria-sort="(\w+)"', page(viewer)) == [("date", "descending")]
    assert re.findall(r'column-(\w+)" aria-sort="(\w+)"', page(viewer, "?sort=id")) == [("id", "ascending")]


def test_a_second_click_on_the_head_of_a_column_turns_the_order(viewer):
    factories.study()

    assert 'href="/?sort=name"' in page(viewer)
    assert 'href="/?sort=-name"' in page(viewer, "?sort=name")
    assert 'href="/?sort=-images"' in page(viewer)


def test_pages_lead_to_each_other_with_what_was_searched(viewer):
    owner = factories.patient()
    for _ in range(30):
        factories.study(patient=owner)

    first, second = page(viewer, "?q=doe"), page(viewer, "?q=doe&page=2")

    assert (len(shown(first)), len(shown(second))) == (25, 5)
    assert 'rel="next" href="/?q=doe&amp;page=2"' in first
    assert 'rel="prev" href="/?q=doe"' in second
    assert "<strong>26–30</strong> of <strong>30</strong> studies" in second
    assert len(shown(page(viewer, "?rows=50"))) == 30


def test_a_page_beyond_the_last_leads_back(viewer):
    factories.study()

    assert "There is no such page" in page(viewer, "?page=7")


def test_bounded_totals_say_so(viewer, monkeypatch):
    monkeypatch.setattr(study_list, "_found", lambda ways: list(range(MOST_LISTED + 1)))
    factories.study()

    text = page(viewer)

    assert "more than <strong>10,000</strong> studies" in text
    assert "Page 1 of 400; narrow the search" in text


def test_a_page_that_may_not_be_the_last_leads_on(viewer, monkeypatch):
    let_be_many(monkeypatch)
    for _ in range(26):
        factories.study(study_description="Knee")

    first, last = page(viewer, "?description=knee"), page(viewer, "?description=knee&page=2")

    assert len(shown(first)) == 25
    assert "Page 1" in first
    assert "Page 1 of" not in first
    assert 'rel="next"' in first
    assert len(shown(last)) == 1
    assert "Page 2 of 2" in last
    assert 'rel="next"' not in last


@pytest.mark.parametrize("query", ["?description=knee", "?description=zebra"])
def test_a_page_says_that_not_all_studies_were_looked_at(viewer, monkeypatch, query):
    let_finding_take_too_long(monkeypatch)
    factories.study(study_description="Knee")

    assert "looked at were the first 10,000 studies in this order" in page(viewer, query)


def test_a_page_of_some_of_many_studies_says_that_there_are_others_in_between(viewer, monkeypatch):
    note = "Narrow the search to see all"
    let_be_many(monkeypatch, fewest=2)
    factories.study(study_description="Knee")
    monkeypatch.setattr(study_list, "MOST_LISTED", 1)
    assert note not in page(viewer, "?description=knee")
    factories.study(study_description="Knee")
    monkeypatch.setattr(study_list, "MOST_WALKED", 1)

    text = page(viewer, "?description=knee")

    assert note in text
    assert len(shown(text)) == 1


def test_htmx_gets_the_results_alone_and_the_url_that_shows_them(viewer):
    factories.study()

    response = viewer.get("/?q=doe&days=&since=&sort=-date&rows=25&modality=CT", headers={"HX-Request": "true"})

    assert b"<html" not in response.content
    assert response["HX-Push-Url"] == "/?q=doe&modality=CT"


def test_the_form_shows_what_applies(viewer):
    factories.series(modality="CT")

    text = page(viewer, "?q=doe&modality=CT&modality=XA&days=7&description=knee")

    assert re.search(r'value="7" id="days-7" checked', text)
    assert re.search(r'value="CT" id="modality-CT" checked', text)
    assert re.search(r'value="XA" id="modality-XA" checked', text)
    assert 'class="collapse show" id="column-filters"' in text


@pytest.mark.parametrize(("query", "shown"), [("", False), ("?q=doe&days=7", False), ("?since=2026-01-31", True)])
def test_filters_below_the_search_are_open_when_they_narrow_it(viewer, query, shown):
    assert ('class="collapse show" id="column-filters"' in page(viewer, query)) is shown


@pytest.mark.parametrize(
    "query", ["?page=x&rows=7&sort=;drop", "?q=%00%ff", "?modality=%27&since=x", f"?q={'x' * 5000}"]
)
def test_what_cannot_be_read_is_left_out(viewer, query):
    factories.study()

    page(viewer, query)


@pytest.mark.parametrize(("zone", "found"), [("Pacific/Kiritimati", 1), ("Pacific%2FKiritimati", 1), ("../etc", 0)])
def test_today_is_the_day_where_the_browser_is(viewer, monkeypatch, zone, found):
    """14 hours before UTC: on the 1st of March there it is still February here."""
    monkeypatch.setattr("archive.pages.local_time.now", lambda: datetime(2024, 2, 29, 12, tzinfo=UTC))
    factories.study(study_date="20240301")
    viewer.cookies["timezone"] = zone

    assert len(shown(page(viewer, "?days=today"))) == found


def test_when_a_study_was_received_is_said_in_the_time_of_the_browser(viewer):
    row = factories.study()
    Study.objects.filter(pk=row.pk).update(last_instance_at=datetime(2024, 2, 29, 12, tzinfo=UTC))
    viewer.post("/columns", {"column": ["received"]})
    viewer.cookies["timezone"] = "Pacific/Kiritimati"

    assert "2024-03-01 02:00" in page(viewer)


# -- what is new -----------------------------------------------------------------


def test_a_study_is_new_until_somebody_has_opened_it_and_when_it_has_grown(viewer):
    file = stored()
    assert 'class="dot"' in page(viewer)
    assert 'class="dot"' in page(signed_in("colleague", "viewers"))

    viewer.get(f"/studies/{file.study}")

    assert 'class="dot"' not in page(viewer)
    stored(StudyInstanceUID=file.study)
    assert 'class="dot"' in page(viewer)


def test_what_came_long_ago_is_new_to_nobody(viewer):
    row = factories.study()
    Study.objects.filter(pk=row.pk).update(last_instance_at=timezone.now() - timedelta(days=8))

    assert 'class="dot"' not in page(viewer)


def test_studies_that_have_come_since_are_counted_for_the_search_that_is_shown(viewer):
    factories.study()
    place = re.search(r'data-url="([^"]+)" data-newest="(\d+)"', page(viewer, "?description=knee"))
    url = f"{place[1].replace('&amp;', '&')}&newest={place[2]}"
    assert viewer.get(url).json() == {"studies": 0}

    factories.study(study_description="Knee")
    factories.study(study_description="Chest")

    assert viewer.get(url).json() == {"studies": 1}


@pytest.mark.parametrize("newest", ["", "x", "-1", "9" * 30, "%00"])
def test_a_look_for_new_studies_that_cannot_be_read_is_one_from_the_beginning(viewer, newest):
    factories.study()

    assert viewer.get(f"/arrivals?newest={newest}").json() == {"studies": 1}


# -- series below a row ----------------------------------------------------------


def test_the_series_of_a_study_have_thumbnails_that_browsers_can_keep(viewer):
    file = stored(SeriesDescription="Axial")

    text = viewer.get(f"/studies/{file.study}/series").content.decode()

    (source,) = re.findall(r'src="([^"]+thumbnail[^"]+)"', text)
    assert source.startswith(f"/dicom-web/studies/{file.study}/series/{file.series}/thumbnail?v=")
    assert 'loading="lazy"' in text
    assert "Axial" in text
    thumbnail = viewer.get(source)
    assert thumbnail.status_code == 200
    assert "immutable" in thumbnail["Cache-Control"]


@pytest.mark.parametrize(
    "path", ["/studies/1.2.3/series", "/studies/%00/series", "/studies/..%2f/tags", "/studies/1.2.3"]
)
def test_what_is_not_stored_is_not_found(viewer, path):
    assert viewer.get(f"/studies/{path}").status_code == 404


# -- what may be done with selected studies --------------------------------------


def test_only_who_may_delete_is_offered_to(viewer, administrator):
    factories.study()

    assert 'formaction="/delete"' not in page(viewer)
    assert 'formaction="/delete"' in page(administrator)


@pytest.mark.parametrize(
    "path",
    ["", "arrivals", "studies/1.2.3", "studies/1.2.3/series", "studies/1.2.3/tags", "studies/1.2.3/growth", "delete"],
)
def test_every_page_needs_its_permission(stranger, client, path):
    assert stranger.get(f"/{path}").status_code == 403
    assert client.get(f"/{path}")["Location"].startswith("/login/")


@pytest.mark.parametrize("path", ["/worklists", "/worklists/1/remove", "/columns"])
def test_what_changes_something_takes_a_form(stranger, viewer, path):
    assert viewer.get(path).status_code == 405
    assert stranger.post(path).status_code == 403
    assert Client(enforce_csrf_checks=True).post(path).status_code == 403


def test_a_list_takes_no_more_queries_for_more_rows(viewer, django_assert_max_num_queries):
    for _ in range(2):
        factories.instance()
    with django_assert_max_num_queries(24):
        page(viewer)
    owner = factories.patient()
    for _ in range(20):
        factories.study(patient=owner)
    with django_assert_max_num_queries(24):
        page(viewer)
