"""Reports as pages, text and XML (PS3.18 Table 8.7.4-1, text category), and waveforms as plots."""

from pathlib import Path
from unittest.mock import patch
from xml.etree import ElementTree as ET

import pytest
from django.http import HttpResponse
from django.test import Client
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset
from pydicom.uid import BasicTextSRStorage, CTImageStorage, KeyObjectSelectionDocumentStorage, generate_uid

from archive import made
from archive.dicom.rendering.waveforms import pages
from tests.builders import instance
from tests.dicomweb.answers import loose_parts
from tests.dicomweb.pictures import BROWSER, GIF, IMG, JPEG, PNG, WEBP, flat, get, image, opened, problem, related, seen
from tests.storing import StoredFile, stored, stored_file

pytestmark = pytest.mark.django_db

HTML, TEXT, XML, SVG = "text/html", "text/plain", "text/xml", "image/svg+xml"
IN_UTF_8 = "; charset=UTF-8"
FINDING = "Naïve <b>shadow</b> & 肺"


def code(value: str, meaning: str) -> Dataset:
    coded = Dataset()
    coded.CodeValue, coded.CodingSchemeDesignator, coded.CodeMeaning = value, "DCM", meaning
    return coded


def text_item(text: str) -> Dataset:
    item = Dataset()
    item.RelationshipType, item.ValueType, item.TextValue = "CONTAINS", "TEXT", text
    item.ConceptNameCodeSequence = [code("121071", "Finding")]
    return item


def reference(instance_uid: str) -> Dataset:
    found = Dataset()
    found.ReferencedSOPClassUID, found.ReferencedSOPInstanceUID = CTImageStorage, instance_uid
    return found


def image_item(instance_uid: str) -> Dataset:
    item = Dataset()
    item.RelationshipType, item.ValueType = "CONTAINS", "IMAGE"
    item.ReferencedSOPSequence = [reference(instance_uid)]
    return item


def evidence(study: str, series: str, *instances: str) -> Dataset:
    """PS3.3 Section C.17.2.3: where the instances are that a report refers to."""
    found, of_series = Dataset(), Dataset()
    of_series.SeriesInstanceUID, of_series.ReferencedSOPSequence = series, [reference(uid) for uid in instances]
    found.StudyInstanceUID, found.ReferencedSeriesSequence = study, [of_series]
    return found


def report(*content: Dataset, sop_class: str = BasicTextSRStorage, **elements: object) -> StoredFile:
    dataset = instance(
        SOPClassUID=sop_class, SpecificCharacterSet="ISO_IR 192", Modality="SR", PixelData=None, **elements
    )
    dataset.ValueType, dataset.ContinuityOfContent = "CONTAINER", "SEPARATE"
    dataset.ConceptNameCodeSequence = [code("121060", "Chest report")]
    dataset.ContentSequence = list(content or [text_item(FINDING)])
    return stored(dataset)


def rendered(archive: Client, file: StoredFile, accept: str | None = None, /, **query: str) -> HttpResponse:
    return get(archive, f"{file.path}/rendered", accept, **query)


def ecg() -> StoredFile:
    return stored_file(Path(get_testdata_file("waveform_ecg.dcm", download=False)).read_bytes())


# -- reports ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("accept", "given"),
    [
        pytest.param(None, HTML, id="the-default"),
        pytest.param("*/*", HTML, id="anything"),
        pytest.param("text/*", HTML, id="texts"),
        pytest.param(BROWSER, HTML, id="browser"),
        pytest.param(HTML, HTML, id="html"),
        pytest.param(TEXT, TEXT, id="plain"),
        pytest.param(XML, XML, id="xml"),
        pytest.param("text/html; q=0.5, text/plain; q=0.6", TEXT, id="weights"),
        pytest.param("text/html; charset=utf-8", HTML, id="character-set"),
    ],
)
def test_WADO_85_a_report_is_given_as_the_text_that_is_accepted(archive, accept, given):
    response = rendered(archive, report(), accept)

    assert (response.status_code, response["Content-Type"]) == (200, given + IN_UTF_8)
    text = response.getvalue().decode()
    assert "Chest report" in text
    assert ("&lt;b&gt;shadow" if given != TEXT else "<b>shadow") in text
    assert "Naïve" in text
    assert "肺" in text


def test_WADO_85_the_xml_of_a_report_is_well_formed(archive):
    root = ET.fromstring(rendered(archive, report(), XML).getvalue())

    assert FINDING in "".join(root.itertext())


@pytest.mark.parametrize("media_type", [HTML, TEXT, XML])
def test_WADO_85_a_report_is_one_part_for_who_wants_parts(archive, media_type):
    file = report()

    (part,) = loose_parts(rendered(archive, file, related(media_type)))

    assert part.content_type == media_type + IN_UTF_8
    assert part.location == f"http://testserver{file.path}/rendered"


@pytest.mark.parametrize("accept", [JPEG, PNG, "application/pdf", "text/rtf", related(JPEG), "application/dicom"])
def test_WADO_99_a_report_in_another_type_is_406_and_says_what_there_is(archive, accept):
    response = rendered(archive, report(), accept)

    assert response.status_code == 406
    assert all(media_type in problem(response) for media_type in (HTML, TEXT, XML))


def test_WADO_100_the_accept_parameter_chooses_the_text(archive):
    assert rendered(archive, report(), HTML, accept=TEXT)["Content-Type"] == TEXT + IN_UTF_8


def test_WADO_100_a_report_in_utf_8_is_had_in_utf_8(archive):
    for charset in ("UTF-8", "utf-8"):
        response = rendered(archive, report(), TEXT, charset=charset)
        assert response["Content-Type"] == TEXT + IN_UTF_8
        assert "肺" in response.getvalue().decode()


def test_WADO_85_a_report_links_to_the_images_that_are_stored(archive):
    picture, missing = image(flat(9)), generate_uid()

    file = report(
        *map(image_item, (picture.instance, missing)),
        CurrentRequestedProcedureEvidenceSequence=[evidence(picture.study, picture.series, picture.instance, missing)],
    )

    page = rendered(archive, file, HTML).getvalue().decode()

    assert f'href="http://testserver{picture.path}/rendered"' in page
    assert f"instances/{missing}" not in page


def test_WADO_85_key_objects_are_a_report(archive):
    file = report(image_item(image(flat(9)).instance), sop_class=KeyObjectSelectionDocumentStorage)

    response = rendered(archive, file, HTML)

    assert (response.status_code, response["Content-Type"]) == (200, HTML + IN_UTF_8)


@pytest.mark.parametrize("name", ["reportsi.dcm", "test-SR.dcm", "reportsi_with_empty_number_tags.dcm"])
@pytest.mark.parametrize("media_type", [HTML, TEXT, XML])
def test_WADO_85_real_reports_are_shown(archive, name, media_type):
    file = stored_file(Path(get_testdata_file(name, download=False)).read_bytes())

    response = rendered(archive, file, media_type)

    assert response.status_code == 200
    assert len(response.getvalue()) > 200


def test_WADO_82_a_report_has_no_frames(archive):
    assert get(archive, f"{report().path}/frames/1/rendered", None).status_code == 404


def test_nothing_runs_in_a_report_and_nothing_is_loaded(archive):
    for media_type in (HTML, XML):
        response = rendered(archive, report(), media_type)
        policy = [directive.strip() for directive in response["Content-Security-Policy"].split(";")]
        assert {"default-src 'none'", "sandbox", "frame-ancestors 'self'"} <= set(policy)
        assert "unsafe" not in response["Content-Security-Policy"]
        assert response["X-Frame-Options"] == "SAMEORIGIN"
        assert b"<script" not in response.getvalue()


def test_WADO_120_a_report_that_the_client_has_is_304(archive):
    file = report()
    tags = {media_type: rendered(archive, file, media_type)["ETag"] for media_type in (HTML, TEXT, XML)}

    assert len(set(tags.values())) == 3
    for media_type, tag in tags.items():
        assert get(archive, f"{file.path}/rendered", media_type, {"if-none-match": tag}).status_code == 304
    assert archive.head(f"{file.path}/rendered")["Content-Type"].startswith(HTML)


def test_WADO_84_the_reports_of_a_study_are_parts_beside_its_images(archive):
    file = report()
    image(flat(9), StudyInstanceUID=file.study)

    everything = loose_parts(get(archive, f"{file.study_path}/rendered", None))
    texts = loose_parts(get(archive, f"{file.study_path}/rendered", related(TEXT)))

    assert {part.content_type for part in everything} == {HTML + IN_UTF_8, JPEG}
    assert [part.content_type for part in texts] == [TEXT + IN_UTF_8]


# -- waveforms -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("accept", "given"),
    [(None, SVG), ("*/*", SVG), (SVG, SVG), (IMG, SVG), (JPEG, JPEG), (PNG, PNG), (GIF, GIF), (BROWSER, WEBP)],
)
def test_a_waveform_is_a_plot(archive, accept, given):
    response = rendered(archive, ecg(), accept, viewport="300,300")

    assert response["Content-Type"] == given
    if given == SVG:
        assert ET.fromstring(response.getvalue()).tag == "{http://www.w3.org/2000/svg}svg"
    else:
        assert seen(response).std() > 5


def test_WADO_89_a_plot_is_fitted_into_the_viewport(archive):
    file = ecg()

    small, large = (opened(rendered(archive, file, PNG, viewport=f"{side},{side}").getvalue()) for side in (200, 400))

    assert max(small.size) == 200
    assert max(large.size) == 400


@pytest.mark.parametrize("media_type", [SVG, PNG])
def test_a_plot_is_one_part_for_who_wants_parts(archive, media_type):
    (part,) = loose_parts(rendered(archive, ecg(), related(media_type), viewport="280,280"))

    assert part.content_type == media_type


def test_WADO_95_there_is_no_patient_in_a_plot_unless_it_is_asked_for(archive):
    file, name = ecg(), "Anonymous"

    plain = rendered(archive, file, SVG).getvalue().decode()
    annotated = rendered(archive, file, SVG, annotation="patient").getvalue().decode()

    assert plain != annotated
    assert len(annotated) > len(plain)
    assert name not in plain


def test_WADO_111_a_waveform_has_a_thumbnail(archive):
    file = ecg()

    for path in (file.path, file.series_path, file.study_path):
        found = seen(get(archive, f"{path}/thumbnail", PNG))
        assert max(found.shape[:2]) == 256
        assert found.std() > 5


def test_WADO_82_a_waveform_has_no_frames(archive):
    for below in ("rendered", "thumbnail"):
        assert get(archive, f"{ecg().path}/frames/1/{below}", None).status_code == 404


def test_WADO_99_a_waveform_without_samples_is_406(archive):
    file = stored(SOPClassUID="1.2.840.10008.5.1.4.1.1.9.1.1", PixelData=None)

    for accept in (None, SVG, JPEG, related(PNG)):
        assert rendered(archive, file, accept).status_code == 406


def test_nothing_runs_in_a_plot(archive):
    response = rendered(archive, ecg(), SVG)

    assert "sandbox" in response["Content-Security-Policy"]
    assert b"<script" not in response.getvalue()


def test_a_drawing_is_made_once_and_takes_turns_with_all_else_that_is_made(archive):
    file = ecg()
    made.clear()  # other tests have drawn it
    with patch.object(pages, "svg", wraps=pages.svg) as drawing:
        drawings = {rendered(archive, file, SVG).getvalue() for _ in range(3)}
    assert (len(drawings), drawing.call_count) == (1, 1)
