"""Rendered studies and series: everything in them that can be seen, in parts (PS3.18 Section 10.4.3.3.3)."""

import numpy as np
import pytest
from django.test import Client
from pydicom.uid import EncapsulatedPDFStorage, generate_uid

from archive.models import Instance
from archive.services.delete import delete
from archive.storage import blobs
from tests.dicomweb.answers import Part, loose_parts
from tests.dicomweb.pictures import (
    BROWSER,
    GIF,
    IMG,
    JPEG,
    PNG,
    WEBP,
    cine,
    compressed_cine,
    flat,
    get,
    image,
    opened,
    problem,
    related,
)
from tests.storing import StoredFile, stored

pytestmark = pytest.mark.django_db

PRESENTATION_STATE = "1.2.840.10008.5.1.4.1.1.11.1"
ECG = "1.2.840.10008.5.1.4.1.1.9.1.1"
RAW_DATA = "1.2.840.10008.5.1.4.1.1.66"
PDF = b"%PDF-1.7\n"


def of_one_series(*shades: int) -> list[StoredFile]:
    study, series = generate_uid(), generate_uid()
    return [
        image(flat(shade), StudyInstanceUID=study, SeriesInstanceUID=series, InstanceNumber=number)
        for number, shade in enumerate(shades, 1)
    ]


def beside(file: StoredFile, **elements: object) -> StoredFile:
    """Another instance of the series."""
    return stored(StudyInstanceUID=file.study, SeriesInstanceUID=file.series, **elements)


def shades_of(found: list[Part]) -> list[int]:
    return [int(np.asarray(opened(part.payload).convert("L")).mean()) for part in found]


@pytest.mark.parametrize(
    ("accept", "given"),
    [
        pytest.param(None, JPEG, id="no-header"),
        pytest.param("*/*", JPEG, id="anything"),
        pytest.param("multipart/related", JPEG, id="parts-of-anything"),
        pytest.param(related(JPEG), JPEG, id="jpeg"),
        pytest.param(related(PNG), PNG, id="png"),
        pytest.param(related(GIF), GIF, id="gif"),
        pytest.param(related(WEBP), WEBP, id="webp"),
        pytest.param(related("image/*"), JPEG, id="images"),
        pytest.param(f"{related('image/tiff')}, {related(PNG)}; q=0.1", PNG, id="what-there-is"),
        pytest.param(f"image/gif, {related(PNG)}", PNG, id="parts-of-a-list"),
    ],
)
def test_WADO_84_every_instance_is_a_part(archive, accept, given):
    """P26: dcm4chee's was missing."""
    files = of_one_series(10, 100, 200)

    for path in (files[0].series_path, files[0].study_path):
        found = loose_parts(get(archive, f"{path}/rendered", accept))
        assert {part.content_type for part in found} == {given}
        assert sorted(shades_of(found)) == pytest.approx([10, 100, 200], abs=1)
        assert {part.location for part in found} == {f"http://testserver{file.path}/rendered" for file in files}


def test_WADO_84_a_study_has_the_instances_of_all_its_series(archive):
    first = image(flat(10))
    second = image(flat(200), StudyInstanceUID=first.study)
    image(flat(99))

    assert sorted(shades_of(loose_parts(get(archive, f"{first.study_path}/rendered", related(PNG))))) == [10, 200]
    assert shades_of(loose_parts(get(archive, f"{second.series_path}/rendered", related(PNG)))) == [200]


@pytest.mark.parametrize(
    "accept", [JPEG, PNG, GIF, "image/*", "text/html", "application/dicom", IMG.partition(",*")[0]]
)
def test_WADO_84_a_single_body_is_406_also_for_one_instance(archive, accept):
    (file,) = of_one_series(10)

    for path in (file.series_path, file.study_path):
        response = get(archive, f"{path}/rendered", accept)
        assert response.status_code == 406
        assert related(JPEG) in problem(response)


def test_WADO_84_a_browser_gets_parts(archive):
    (file,) = of_one_series(10)

    assert shades_of(loose_parts(get(archive, f"{file.study_path}/rendered", BROWSER))) == [10]


def test_WADO_100_the_accept_parameter_goes_before_the_header(archive):
    (file,) = of_one_series(10)

    (part,) = loose_parts(get(archive, f"{file.study_path}/rendered", JPEG, accept=related(PNG)))
    assert part.content_type == PNG


def test_WADO_84_frames_of_an_instance_are_a_part_each(archive):
    file = cine([10, 100])
    one = image(flat(200), StudyInstanceUID=file.study)

    found = loose_parts(get(archive, f"{file.study_path}/rendered", related(PNG)))

    locations = {part.location.removeprefix("http://testserver"): shades_of([part]) for part in found}
    assert locations == {
        f"{file.path}/frames/1/rendered": [10],
        f"{file.path}/frames/2/rendered": [100],
        f"{one.path}/rendered": [200],
    }


# -- not everything can be seen --------------------------------------------------


@pytest.mark.parametrize(
    "elements",
    [
        pytest.param({"SOPClassUID": PRESENTATION_STATE, "PixelData": None}, id="WADO-98-presentation-state"),
        pytest.param({"SOPClassUID": RAW_DATA, "PixelData": None}, id="raw-data"),
        pytest.param({"SOPClassUID": EncapsulatedPDFStorage, "PixelData": None}, id="no-document-in-it"),
        pytest.param({"SOPClassUID": ECG, "PixelData": None}, id="no-samples-in-it"),
        pytest.param({"PhotometricInterpretation": "HSV", "SamplesPerPixel": 3}, id="pixels-that-are-not-shown"),
    ],
)
def test_WADO_98_what_is_not_shown_is_left_out(archive, elements):
    (file,) = of_one_series(10)
    other = beside(file, **elements)

    for accept in (None, related(PNG)):
        assert shades_of(loose_parts(get(archive, f"{file.study_path}/rendered", accept))) == [10]
    assert get(archive, f"{other.path}/rendered", related(PNG)).status_code in {404, 406}


def test_WADO_84_a_corrupt_frame_is_left_out_of_a_study(archive, caplog):
    file = compressed_cine([None, 60])
    image(flat(200), StudyInstanceUID=file.study)

    found = loose_parts(get(archive, f"{file.study_path}/rendered", related(PNG)))

    assert sorted(shades_of(found)) == [60, 200]
    assert f"{file.path}/frames/1/rendered is left out" in caplog.text


def test_WADO_84_documents_are_given_to_who_accepts_them_and_left_out_for_who_does_not(archive):
    (file,) = of_one_series(10)
    document = beside(
        file,
        SOPClassUID=EncapsulatedPDFStorage,
        MIMETypeOfEncapsulatedDocument="application/pdf",
        EncapsulatedDocument=PDF,
        PixelData=None,
    )

    assert shades_of(loose_parts(get(archive, f"{file.study_path}/rendered", related(PNG)))) == [10]
    (part,) = loose_parts(get(archive, f"{file.study_path}/rendered", related("application/pdf")))
    assert part.payload.rstrip(b"\0") == PDF
    assert part.location == f"http://testserver{document.path}/rendered"
    both = loose_parts(get(archive, f"{file.study_path}/rendered", f"{related('application/pdf')}, {related(PNG)}"))
    assert {part.content_type for part in both} == {PNG, "application/pdf"}


@pytest.mark.parametrize("sop_class", [PRESENTATION_STATE, RAW_DATA])
def test_WADO_99_a_study_of_nothing_to_see_is_406(archive, sop_class):
    file = stored(SOPClassUID=sop_class, PixelData=None)

    for path in (file.study_path, file.series_path):
        for accept in (None, related(JPEG)):
            assert get(archive, f"{path}/rendered", accept).status_code == 406


def test_WADO_99_a_study_of_corrupt_frames_is_406(archive):
    assert get(archive, f"{compressed_cine([None, None]).study_path}/rendered", related(PNG)).status_code == 406


# -- as it is asked for ----------------------------------------------------------


def test_WADO_89_the_parameters_are_for_every_part(archive):
    files = of_one_series(10, 200)

    found = loose_parts(
        get(archive, f"{files[0].series_path}/rendered", related(PNG), viewport="4,4", window="128,2,linear")
    )

    assert {opened(part.payload).size for part in found} == {(4, 4)}
    assert sorted(shades_of(found)) == [0, 255]


@pytest.mark.parametrize(
    ("name", "value"), [("viewport", "x"), ("window", "1"), ("quality", "0"), ("annotation", ""), ("iccprofile", "x")]
)
def test_WADO_88_parameters_that_are_none_are_400_before_anything_is_looked_for(archive, name, value):
    (file,) = of_one_series(10)

    for path in (file.study_path, file.series_path):
        assert get(archive, f"{path}/rendered", related(PNG), **{name: value}).status_code == 400


# -- who gets none ---------------------------------------------------------------


def test_WADO_17_a_study_or_series_that_is_not_there_is_404(archive):
    (file,) = of_one_series(10)

    for path in (
        "/dicom-web/studies/9",
        "/dicom-web/studies/9/series/9",
        f"{file.study_path}/series/9",
        f"/dicom-web/studies/9/series/{file.series}",
    ):
        assert get(archive, f"{path}/rendered", None).status_code == 404


def test_WADO_19_a_study_that_was_deleted_is_410(archive, django_capture_on_commit_callbacks):
    (file,) = of_one_series(10)
    with django_capture_on_commit_callbacks(execute=True):
        delete(file.study)

    for path in (file.study_path, file.series_path):
        assert get(archive, f"{path}/rendered", None).status_code == 410


def test_WADO_22_a_study_whose_first_pixels_are_gone_is_503(archive):
    (file,) = of_one_series(10)
    blobs().delete(Instance.objects.get().blob_key)

    assert get(archive, f"{file.study_path}/rendered", related(JPEG)).status_code == 503


def test_WADO_23_seeing_needs_what_reading_needs(member, client_of):
    (file,) = of_one_series(10)

    for path in (f"{file.study_path}/rendered", f"{file.series_path}/rendered"):
        assert get(Client(), path, None).status_code == 401
        assert get(client_of(member()), path, None).status_code == 403
        assert get(client_of(member("viewers")), path, None).status_code == 200
