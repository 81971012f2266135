"""Thumbnails of studies, series, instances and frames (PS3.18 Sections 10.4.1.1.4 and 10.4.3.3.4)."""

from typing import Any
from unittest.mock import patch

import numpy as np
import pytest
from django.test import Client
from pydicom.uid import EncapsulatedPDFStorage, generate_uid

from archive.services.delete import delete
from dicomweb import patience
from tests.archive.dicom.rendering.presentation import states
from tests.archive.dicom.rendering.presentation.states import state_of
from tests.archive.dicom.rendering.shown import item
from tests.builders import encapsulated
from tests.dicomweb.answers import loose_parts
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
    seen,
    size,
    wedge,
)
from tests.storing import StoredFile, stored

pytestmark = pytest.mark.django_db

SR = "1.2.840.10008.5.1.4.1.1.88.11"


def of_every_level(file: StoredFile) -> list[str]:
    return [f"{path}/thumbnail" for path in (file.study_path, file.series_path, file.path, f"{file.path}/frames/1")]


def shade(archive: Client, path: str) -> int:
    return int(seen(get(archive, f"{path}/thumbnail", PNG)).mean())


@pytest.mark.parametrize("accept", [None, "*/*", "image/*", JPEG, IMG])
def test_WADO_110_WADO_111_every_level_has_one_jpeg(archive, accept):
    file = image(wedge(512, 300))

    for path in of_every_level(file):
        response = get(archive, path, accept)
        assert response["Content-Type"] == JPEG
        assert size(response) == (256, 150)


@pytest.mark.parametrize(
    ("accept", "given"),
    [(PNG, PNG), (GIF, GIF), (WEBP, WEBP), (BROWSER, WEBP), ("image/jpeg; q=0.1, image/png; q=0.2", PNG)],
)
def test_WADO_111_a_thumbnail_is_given_as_what_is_accepted(archive, accept, given):
    for path in of_every_level(cine([10, 100, 200])):
        response = get(archive, path, accept)
        assert response["Content-Type"] == given
        seen(response)


def test_WADO_111_a_thumbnail_is_one_part_for_who_wants_parts(archive):
    for path in of_every_level(cine([10, 100, 200])):
        (part,) = loose_parts(get(archive, path, related(JPEG)))
        assert opened(part.payload).size == (256, 256)


@pytest.mark.parametrize("accept", ["image/tiff", "text/html", "application/dicom", "image/jpeg; q=0"])
def test_WADO_99_a_thumbnail_in_another_type_is_406_and_says_what_there_is(archive, accept):
    for path in of_every_level(image(wedge())):
        response = get(archive, path, accept)
        assert response.status_code == 406
        assert JPEG in problem(response)


def test_WADO_100_viewers_ask_for_thumbnails_as_they_do(archive):
    """OHIF's three ways, the last with a header for bulk data."""
    file = image(wedge(512, 512))
    octets = 'multipart/related; type="application/octet-stream"'

    for query, accept in (
        ("viewport=256%2C256", JPEG),
        ("accept=image/jpeg", IMG),
        ("accept=image%2Fjpeg", octets),
    ):
        response = archive.get(f"{file.path}/thumbnail?{query}", headers={"accept": accept})
        assert (response["Content-Type"], size(response)) == (JPEG, (256, 256))


def test_WADO_111_there_is_no_patient_in_a_thumbnail(archive):
    """Nor can it be asked for."""
    black = np.zeros((256, 256), np.uint8)
    file = image(black, PatientName="Doe^Jane", PatientID="ID-77")

    for path in of_every_level(file):
        for query in ({}, {"annotation": "patient"}):
            body = get(archive, path, JPEG, **query).getvalue()
            assert not np.asarray(opened(body)).any()
            assert not any(secret in body for secret in (b"Doe", b"Jane", b"ID-77", file.study.encode()))


# -- sizes -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("viewport", "expected"), [("64,64", (64, 32)), ("1,1", (1, 1)), ("500,10", (20, 10)), ("256,256", (256, 128))]
)
def test_WADO_112_a_thumbnail_is_fitted_into_the_viewport(archive, viewport, expected):
    for path in of_every_level(image(wedge(64, 32))):
        assert size(get(archive, path, PNG, viewport=viewport)) == expected


@pytest.mark.parametrize(
    "viewport", ["", "16", "0,16", "16,-16", "x,y", "16,16,0,0,8,8", "16,16,1", "16,16,,,,-4", "100000,100000"]
)
def test_WADO_92_WADO_112_a_thumbnail_has_no_source_region_and_no_other_viewport(archive, viewport):
    for path in of_every_level(image(wedge())):
        assert get(archive, path, JPEG, viewport=viewport).status_code == 400


def test_WADO_112_other_parameters_are_not_those_of_a_thumbnail(archive):
    file = image(wedge())

    for query in ({"window": "x"}, {"quality": "0"}, {"annotation": ""}, {"iccprofile": "x"}):
        assert get(archive, f"{file.path}/thumbnail", JPEG, **query).status_code == 200


# -- what stands for what --------------------------------------------------------


def test_WADO_111_the_middle_frame_stands_for_an_instance(archive):
    file = cine([10, 20, 100, 30, 40])

    assert shade(archive, file.path) == 100
    for number, expected in enumerate([10, 20, 100, 30, 40], 1):
        assert shade(archive, f"{file.path}/frames/{number}") == expected
    assert shade(archive, f"{file.path}/frames/4,1") == 30


def test_WADO_111_the_middle_instance_stands_for_a_series(archive):
    study, series = generate_uid(), generate_uid()
    files = [
        image(flat(value), StudyInstanceUID=study, SeriesInstanceUID=series, InstanceNumber=number)
        for number, value in ((3, 30), (1, 10), (2, 20))
    ]

    assert shade(archive, files[0].series_path) == 20
    assert shade(archive, files[0].study_path) == 20


def test_WADO_110_the_first_series_with_images_stands_for_a_study(archive):
    study = generate_uid()
    stored(StudyInstanceUID=study, SeriesNumber=1, Modality="SR", SOPClassUID=SR, PixelData=None)
    image(flat(50), StudyInstanceUID=study, SeriesNumber=2, Modality="SEG")
    image(flat(200), StudyInstanceUID=study, SeriesNumber=4)
    file = image(flat(100), StudyInstanceUID=study, SeriesNumber=3)

    assert shade(archive, file.study_path) == 100


def test_WADO_110_what_cannot_be_shown_gives_its_place_to_another(archive):
    study, series = generate_uid(), generate_uid()
    broken = compressed_cine([None], StudyInstanceUID=study, SeriesNumber=1)
    image(flat(100), StudyInstanceUID=study, SeriesInstanceUID=series, SeriesNumber=2, InstanceNumber=1)
    stored(
        StudyInstanceUID=study,
        SeriesInstanceUID=series,
        SeriesNumber=2,
        InstanceNumber=2,
        SOPClassUID=SR,
        PixelData=None,
    )

    assert shade(archive, broken.study_path) == 100
    assert get(archive, f"{broken.series_path}/thumbnail", JPEG).status_code == 406


@pytest.mark.parametrize(
    "elements",
    [
        pytest.param({"SOPClassUID": SR}, id="report"),
        pytest.param({"SOPClassUID": EncapsulatedPDFStorage, "EncapsulatedDocument": b"%PDF"}, id="document"),
        pytest.param({}, id="nothing-of-all-this"),
    ],
)
def test_WADO_99_what_has_no_thumbnail_is_406(archive, elements):
    file = stored(PixelData=None, **elements)

    for path in of_every_level(file)[:3]:
        assert get(archive, path, JPEG).status_code == 406


def test_WADO_99_a_video_has_no_thumbnail(archive):
    file = stored(encapsulated([bytes(200)]), transfer_syntax="1.2.840.10008.1.2.4.102")

    for path in of_every_level(file):
        assert get(archive, path, JPEG).status_code == 406


@pytest.mark.parametrize(("frames", "status"), [("4", 404), ("1,4", 404), ("0", 400), ("x", 400), ("1,1", 400)])
def test_WADO_82_frames_that_are_not_there_have_no_thumbnail(archive, frames, status):
    assert get(archive, f"{cine([1, 2, 3]).path}/frames/{frames}/thumbnail", JPEG).status_code == status


# -- slides and presentation states ----------------------------------------------

WHOLE_SLIDE = "1.2.840.10008.5.1.4.1.1.77.1.6"


def slide(tiles: list[int], across: int, *, flavor: str = "VOLUME", **more: Any) -> StoredFile:
    """Tiles of 8x8 pixels, each of one shade."""
    return cine(
        tiles,
        SOPClassUID=WHOLE_SLIDE,
        Modality="SM",
        ImageType=["ORIGINAL", "PRIMARY", flavor, "NONE"],
        DimensionOrganizationType="TILED_FULL",
        TotalPixelMatrixColumns=8 * across,
        TotalPixelMatrixRows=8 * len(tiles) // across,
        **more,
    )


def test_WADO_111_all_tiles_together_stand_for_an_image_of_a_slide(archive):
    file = slide([10, 60, 110, 160, 210, 250], across=3)

    for path in (file.path, file.series_path, file.study_path):
        image = seen(get(archive, f"{path}/thumbnail", PNG))
        assert image.shape[:2] == (171, 256)
        corners = [int(image[place]) for place in ((0, 0), (0, -1), (-1, 0), (-1, -1))]
        assert corners == [10, 110, 160, 250]


def test_WADO_111_of_too_many_tiles_the_one_in_the_middle_stands_for_all(archive):
    file = slide([*[10] * 99, 100, *[10] * 100], across=10)

    assert shade(archive, file.path) == 100


def test_WADO_111_the_smallest_image_of_the_specimen_stands_for_a_slide(archive):
    """Never its label, which names the patient."""
    place = {"StudyInstanceUID": generate_uid(), "SeriesInstanceUID": generate_uid()}
    largest = slide([200] * 16, across=4, InstanceNumber=1, **place)
    slide([100] * 4, across=2, InstanceNumber=2, **place)
    slide([150], across=1, flavor="OVERVIEW", SpecimenLabelInImage="YES", InstanceNumber=3, **place)
    slide([50], across=1, flavor="LABEL", InstanceNumber=4, **place)

    assert shade(archive, largest.series_path) == 100
    assert shade(archive, largest.study_path) == 100


def test_WADO_111_a_slide_of_which_there_is_only_the_label_has_a_thumbnail_nonetheless(archive):
    file = slide([50], across=1, flavor="LABEL")

    assert shade(archive, file.series_path) == 50


def test_WADO_111_the_first_image_that_it_shows_stands_for_a_presentation_state(archive):
    place = {"StudyInstanceUID": generate_uid(), "SeriesInstanceUID": generate_uid()}
    images = [states.image(flat(value), InstanceNumber=value, **place) for value in (10, 20)]
    state, *_ = [stored(state_of(*reversed(images), PresentationLUTShape="INVERSE")), *map(stored, images)]

    assert shade(archive, state.path) == 255 - 20
    assert shade(archive, state.series_path) == 255 - 20


def test_WADO_111_what_a_presentation_state_writes_is_not_on_its_thumbnail(archive):
    """Somebody may have written a name."""
    black = states.image(flat(0, 32, 32))
    text = item(
        UnformattedTextValue="DOE JANE",
        BoundingBoxAnnotationUnits="PIXEL",
        BoundingBoxTopLeftHandCorner=[1, 1],
        BoundingBoxBottomRightHandCorner=[32, 32],
    )
    annotation = item(GraphicLayer="WORDS", TextObjectSequence=[text])
    state, _ = stored(state_of(black, GraphicAnnotationSequence=[annotation])), stored(black)

    assert seen(get(archive, f"{state.path}/rendered", PNG)).any()
    assert not seen(get(archive, f"{state.path}/thumbnail", PNG)).any()


def test_WADO_111_a_presentation_state_has_a_thumbnail_as_soon_as_its_images_are_stored(archive):
    shown = states.image(flat(60))
    state = stored(state_of(shown, SeriesNumber=1))
    image(flat(30), StudyInstanceUID=state.study, SeriesNumber=2, Modality="SEG")

    assert get(archive, f"{state.path}/thumbnail", PNG).status_code == 404
    assert shade(archive, state.study_path) == 30

    stored(shown)
    assert shade(archive, state.path) == 60


# -- who gets none ---------------------------------------------------------------


def test_WADO_113_a_thumbnail_is_given_where_it_was_asked_for(archive):
    """A redirect is possible, and what clients without a cookie jar lose their way with."""
    for path in of_every_level(image(wedge())):
        response = get(archive, path, JPEG)
        assert (response.status_code, response.has_header("Location")) == (200, False)


def test_WADO_17_thumbnails_of_what_is_not_there_are_404(archive):
    file = image(wedge())

    for path in (
        "/dicom-web/studies/9",
        f"{file.study_path}/series/9",
        f"{file.series_path}/instances/9",
        f"{file.series_path}/instances/9/frames/1",
    ):
        assert get(archive, f"{path}/thumbnail", JPEG).status_code == 404


def test_WADO_19_thumbnails_of_what_was_deleted_are_410(archive, django_capture_on_commit_callbacks):
    file = image(wedge())
    paths = of_every_level(file)
    assert all(get(archive, path, JPEG).status_code == 200 for path in paths)
    with django_capture_on_commit_callbacks(execute=True):
        delete(file.study)

    assert [get(archive, path, JPEG).status_code for path in paths] == [410] * 4


def test_WADO_23_thumbnails_need_what_reading_needs(member, client_of):
    for path in of_every_level(image(wedge())):
        assert get(Client(), path, JPEG).status_code == 401
        assert get(client_of(member()), path, JPEG).status_code == 403
        assert get(client_of(member("viewers")), path, JPEG).status_code == 200


def test_a_thumbnail_that_has_been_derived_is_not_made_again(archive):
    file = image(wedge())
    derived_before = get(archive, f"{image(flat(77)).path}/thumbnail", JPEG).getvalue()

    with patch("archive.selectors.derived.thumbnail", return_value=derived_before):
        assert get(archive, f"{file.path}/thumbnail", JPEG).getvalue() == derived_before
        assert get(archive, f"{file.path}/thumbnail", JPEG, viewport="9,9").getvalue() != derived_before


def test_when_too_much_time_is_lost_with_corrupt_frames_the_other_series_are_not_tried(archive, monkeypatch):
    first = compressed_cine([None], SeriesNumber=1)
    image(flat(200), StudyInstanceUID=first.study, SeriesNumber=2)
    assert shade(archive, first.study_path) == 200

    monkeypatch.setattr(patience, "MOST_SECONDS", 0)
    assert get(archive, f"{first.study_path}/thumbnail", PNG).status_code == 406
