"""Words burnt into rendered images, where they are asked for (PS3.18 Section 8.3.5.1.1)."""

import numpy as np
import pytest
from django.test import Client

from tests.builders import instance
from tests.dicomweb.answers import loose_parts
from tests.dicomweb.pictures import GIF, PNG, described, get, image, opened, refused, related, seen, wedge
from tests.storing import stored

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("annotation", ["", ",", "patient,", "pa tient", "patient;technique", "Ä"])
def test_WADO_95_an_annotation_that_is_no_keyword_is_400(archive, annotation):
    assert refused(get(archive, f"{image(wedge()).path}/rendered", PNG, annotation=annotation), "annotation")


@pytest.mark.parametrize(
    ("annotation", "unsupported"), [("weather", "weather"), ("patient,moon,technique,weather", "moon, weather")]
)
def test_WADO_95_keywords_that_are_not_supported_are_warned_of(archive, annotation, unsupported):
    for accept in (PNG, related(PNG)):
        response = get(archive, f"{image(wedge()).path}/rendered", accept, annotation=annotation)

        assert response.status_code == 200
        text = f"The following annotation values are not supported: {unsupported}"
        assert response["Warning"] == f"299 http://testserver/dicom-web: {text}"


def written(archive: Client, **query: str) -> list[bool]:
    """Whether something is written in the upper and in the lower half of a black image."""
    file = image(np.zeros((256, 256), np.uint8), PatientName="Doe^Jane", SeriesDescription="Thorax")
    found = seen(get(archive, f"{file.path}/rendered", PNG, **query))
    return [bool(half.any()) for half in np.array_split(found, 2)]


@pytest.mark.parametrize(
    ("annotation", "above_and_below"),
    [
        pytest.param("patient", [True, False], id="the-patient-above"),
        pytest.param("technique", [False, True], id="the-technique-below"),
        pytest.param("patient,technique", [True, True], id="both"),
        pytest.param("technique,patient,weather", [True, True], id="what-is-supported-of-three"),
        pytest.param("weather", [False, False], id="nothing-supported"),
    ],
)
def test_WADO_95_annotations_are_burnt_in(archive, annotation, above_and_below):
    assert written(archive, annotation=annotation) == above_and_below


def test_WADO_95_annotations_come_last(archive):
    """After the window, and after the image has been cut and turned: the letters are none of it."""
    assert written(archive, annotation="patient", window="100,1,linear-exact") == [True, False]
    assert written(archive, annotation="patient", viewport="256,256,0,128,256,-128") == [True, False]


def test_WADO_95_annotations_are_on_every_frame(archive):
    frames = {"NumberOfFrames": 2, "PixelData": bytes(2 * 256 * 256)}
    file = image(np.zeros((256, 256), np.uint8), PatientName="Doe^Jane", **frames)

    found = loose_parts(get(archive, f"{file.path}/rendered", related(PNG), annotation="patient"))
    animation = opened(get(archive, f"{file.path}/rendered", GIF, annotation="patient").getvalue())

    assert [np.asarray(opened(part.payload)).any() for part in found] == [True, True]
    assert np.asarray(animation.convert("L")).any()


def test_WADO_95_without_annotation_nothing_is_written_or_warned_of(archive):
    file = image(np.zeros((256, 256), np.uint8), PatientName="Doe^Jane")

    response = get(archive, f"{file.path}/rendered", PNG)

    assert "Warning" not in response
    assert not seen(response).any()


def test_WADO_95_overlays_are_drawn_where_they_are_asked_for_and_on_no_thumbnail(archive):
    mask = np.zeros((256, 256), bool)
    mask[64:128, 32:64] = True
    black = np.zeros(mask.shape, np.uint8)
    dataset = instance(**described(black), PixelData=black.tobytes())
    size, bits = [("US", 256), ("US", 256)], np.packbits(mask, bitorder="little").tobytes()
    elements = [*size, ("CS", "G"), ("SS", [1, 1]), ("US", 1), ("US", 0), ("OW", bits)]
    for element, (vr, value) in zip((0x10, 0x11, 0x40, 0x50, 0x100, 0x102, 0x3000), elements, strict=True):
        dataset.add_new((0x6000, element), vr, value)
    file = stored(dataset)

    drawn = seen(get(archive, f"{file.path}/rendered", PNG, annotation="overlays"))

    assert np.array_equal(drawn, np.where(mask, 255, 0))
    assert not seen(get(archive, f"{file.path}/rendered", PNG)).any()
    assert not seen(get(archive, f"{file.path}/thumbnail", PNG, annotation="overlays")).any()
