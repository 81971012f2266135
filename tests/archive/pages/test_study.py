"""The page of a study, and the attributes that are stored of it."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pydicom.uid import BasicTextSRStorage, EncapsulatedPDFStorage, TwelveLeadECGWaveformStorage

from archive.selectors import metadata
from tests import builders
from tests.storing import StoredFile, stored, stored_study

pytestmark = pytest.mark.django_db


def page(client: Client, file: StoredFile) -> str:
    response = client.get(f"/studies/{file.study}")
    assert response.status_code == 200
    return response.content.decode()


def tags(client: Client, file: StoredFile, query: str = "") -> str:
    response = client.get(f"/studies/{file.study}/tags{query}")
    assert response.status_code == 200
    return response.content.decode()


def test_the_banner_says_who_it_is_and_the_title_does_not(viewer):
    file = stored(
        PatientName="قباني^لنزار", PatientBirthDate="19500201", PatientSex="F", SpecificCharacterSet="ISO_IR 192"
    )

    text = page(viewer, file)

    banner = re.search(r'class="patient-banner".*?</section>', text, re.DOTALL)[0]
    for expected in ("<bdi>قباني, لنزار</bdi>", "ID-1", "1950-02-01", "73 y at the study", "F"):
        assert expected in banner
    assert "<title>Study | Archive</title>" in text


def test_a_patient_of_whom_nothing_is_known_has_a_banner_too(viewer):
    text = page(viewer, stored(PatientName=None, PatientID=None, StudyDate=None, AccessionNumber=None))

    assert "no name" in text
    assert "not known" in text
    assert "Without a Patient ID nobody can say" in text


def test_it_is_told_by_how_many_objects_it_has_grown_since(viewer):
    (first, *_), *_ = stored_study([2, 1])
    (look,) = re.findall(rf'data-url="(/studies/{first.study}/growth[^"]*)"', page(viewer, first))
    assert viewer.get(look).json() == {"objects": 0}

    for _ in range(2):
        stored(StudyInstanceUID=first.study)
    assert viewer.get(look).json() == {"objects": 2}


@pytest.mark.parametrize(
    "shown", ["", "?objects=", "?objects=x", "?objects=-1", "?objects=1.5", f"?objects={'9' * 30}"]
)
def test_whatever_it_is_told_to_have_had_it_says_by_how_much_it_has_grown(viewer, shown):
    assert viewer.get(f"/studies/{stored().study}/growth{shown}").json() == {"objects": 1}
    assert viewer.get(f"/studies/1.2.3/growth{shown}").json() == {"objects": 0}


def test_every_series_has_a_card(viewer):
    (first, *_), (second, *_) = stored_study([2, 1])

    text = page(viewer, first)

    assert text.count('class="series-card"') == 2
    assert "2 objects" in text
    for file in (first, second):
        assert f'data-copy="{file.series}"' in text
        assert f"/series/{file.series}/thumbnail?v=" in text
    assert f'data-copy="{first.study}"' in text


@pytest.mark.parametrize("sop_class", [BasicTextSRStorage, EncapsulatedPDFStorage])
def test_reports_and_documents_are_framed_where_the_archive_lets_them_be(viewer, sop_class):
    of_report = {"ValueType": "CONTAINER", "ContinuityOfContent": "SEPARATE"}
    of_document = {"EncapsulatedDocument": b"%PDF-1.4\n", "MIMETypeOfEncapsulatedDocument": "application/pdf"}
    data_set = builders.instance(
        SOPClassUID=sop_class,
        PixelData=None,
        Rows=None,
        **(of_report if sop_class == BasicTextSRStorage else of_document),
    )
    file = stored(data_set)

    text = page(viewer, file)

    (source,) = re.findall(r'<iframe[^>]+src="([^"]+)"', text)
    assert source == f"{file.path}/rendered"
    assert f"/series/{file.series}/thumbnail" not in text
    framed = viewer.get(source)
    assert framed.status_code == 200
    assert framed["X-Frame-Options"] == "SAMEORIGIN"


def test_a_waveform_is_seen_as_a_whole_and_leads_to_the_drawing_in_its_own_size(viewer):
    file = stored(
        builders.instance(SOPClassUID=TwelveLeadECGWaveformStorage, Modality="ECG", PixelData=None, Rows=None)
    )

    text = page(viewer, file)

    assert f'src="{file.path}/rendered?accept=image%2Fsvg%2Bxml"' in text
    assert f'<a href="{file.path}/rendered" target="_blank"' in text
    assert "<iframe" not in text


def test_images_are_not_framed(viewer):
    assert "<iframe" not in page(viewer, stored())


def test_other_studies_of_the_patient_are_listed_newest_first(viewer):
    shown = stored()
    older, newer = (stored(StudyDate=day) for day in ("20200101", "20210101"))
    stranger, namesake = stored(PatientID="ID-2"), stored(IssuerOfPatientID="Elsewhere")

    text = page(viewer, shown)

    links = re.findall(r'<li><a href="/studies/([\d.]+)"', text)
    assert links == [newer.study, older.study]
    assert stranger.study not in text
    assert namesake.study not in text


def test_steps_of_the_worklist_are_asked_for_by_who_may_see_them(viewer):
    file = stored()

    assert f'hx-get="/studies/{file.study}/steps"' in page(viewer, file)


def test_only_who_may_delete_is_offered_to(viewer, administrator):
    file = stored()

    assert "/delete?" not in page(viewer, file)
    assert f"/delete?study={file.study}" in page(administrator, file)


def test_what_is_in_a_study_is_text_in_a_page(viewer):
    nasty = '"><script>alert(1)</script>'
    file = stored(PatientName=nasty, StudyDescription=nasty, SeriesDescription=nasty, AccessionNumber=nasty[:16])

    for text in (page(viewer, file), tags(viewer, file), viewer.get("/").content.decode()):
        assert "<script>alert" not in text


# -- attributes ------------------------------------------------------------------


def test_all_attributes_of_the_first_instance_are_shown_as_they_are_stored(viewer):
    data_set = builders.instance(StudyDescription="x" * 64)
    data_set.add_new(0x00191001, "LO", "private")

    text = tags(viewer, stored(data_set))

    for expected in ("(0010,0010)", "Doe^Jane", "(0019,1001)", "private", "Bulk data"):
        assert expected in text


def test_attributes_are_searched_by_name_tag_and_value(viewer):
    file = stored()

    text = tags(viewer, file, "?q=accession")
    assert re.findall(r"\((\w{4},\w{4})\)", text) == ["0008,0050"]
    assert "No attribute has" in tags(viewer, file, "?q=<nothing>")


def test_attributes_that_are_too_many_are_not_shown_and_the_page_says_so(viewer, monkeypatch):
    monkeypatch.setattr(metadata, "LARGEST", 100)

    assert "too many to be shown" in tags(viewer, stored(PatientName="Doe^Jane"))


def test_every_instance_can_be_looked_at(viewer):
    (first, second), (third,) = stored_study([2, 1])

    assert first.instance in tags(viewer, first)
    assert second.instance in tags(viewer, first, f"?series={first.series}&at=2")
    assert second.instance in tags(viewer, first, f"?series={first.series}&at=99")
    assert first.instance in tags(viewer, first, f"?series={first.series}&at=x")
    assert third.instance in tags(viewer, first, f"?series={third.series}")
    for nowhere in ("1.2.3", "%00"):
        assert viewer.get(f"/studies/{first.study}/tags?series={nowhere}").status_code == 404


def test_a_study_takes_no_more_queries_for_more_series(viewer, django_assert_max_num_queries):
    [few], *_ = stored_study([1] * 3)
    [many], *_ = stored_study([1] * 9)
    page(viewer, many)
    page(viewer, few)
    with CaptureQueriesContext(connection) as queries:
        page(viewer, few)

    with django_assert_max_num_queries(len(queries)):
        text = page(viewer, many)

    assert text.count('class="series-card"') == 9
