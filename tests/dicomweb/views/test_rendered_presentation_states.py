"""Presentation states: the images that they are for, as they have them (PS3.18 Sections 8.3.5.1.6 and 9.5)."""

from typing import Any
from urllib.parse import urlencode

import numpy as np
import pytest
from django.http import HttpResponse
from django.test import Client
from pydicom.dataset import Dataset
from pydicom.uid import CTImageStorage, generate_uid

from archive.services.delete import delete
from tests.dicomweb.answers import loose_parts
from tests.dicomweb.pictures import GIF, JPEG, PNG, cine, flat, get, image, opened, problem, related, seen, wedge
from tests.storing import StoredFile, stored

pytestmark = pytest.mark.django_db

GRAYSCALE, BLENDING = "1.2.840.10008.5.1.4.1.1.11.1", "1.2.840.10008.5.1.4.1.1.11.4"


def item(**elements: Any) -> Dataset:
    found = Dataset()
    for keyword, value in elements.items():
        setattr(found, keyword, value)
    return found


def reference(instance_uid: str, *frames: int) -> Dataset:
    found = item(ReferencedSOPClassUID=CTImageStorage, ReferencedSOPInstanceUID=instance_uid)
    if frames:
        found.ReferencedFrameNumber = list(frames)
    return found


def area(columns: int = 64, rows: int = 32) -> dict[str, Any]:
    """All of images of this size."""
    shown = item(
        DisplayedAreaTopLeftHandCorner=[1, 1],
        DisplayedAreaBottomRightHandCorner=[columns, rows],
        PresentationSizeMode="SCALE TO FIT",
        PresentationPixelAspectRatio=[1, 1],
    )
    return {"DisplayedAreaSelectionSequence": [shown]}


def state(file: StoredFile, *references: Dataset, sop_class: str = GRAYSCALE, **elements: Any) -> StoredFile:
    """Of images of a series, by default of the one: white is black."""
    images = list(references) or [reference(file.instance)]
    defaults = {
        "SOPClassUID": sop_class,
        "StudyInstanceUID": file.study,
        "Modality": "PR",
        "PixelData": None,
        "ReferencedSeriesSequence": [item(SeriesInstanceUID=file.series, ReferencedImageSequence=images)],
        "PresentationLUTShape": "INVERSE",
    }
    return stored(**defaults | area() | elements)


def of_one_series(*shades: int) -> list[StoredFile]:
    study, series = generate_uid(), generate_uid()
    same = {"StudyInstanceUID": study, "SeriesInstanceUID": series, "ImageOrientationPatient": [1, 0, 0, 0, 1, 0]}
    return [
        image(flat(shade), **same, InstanceNumber=number, ImagePositionPatient=[0, 0, -10 * number])
        for number, shade in enumerate(shades, 1)
    ]


def shades_of(response: HttpResponse) -> list[int]:
    return [int(np.asarray(opened(part.payload).convert("L")).max()) for part in loose_parts(response)]


# -- as a target -----------------------------------------------------------------


@pytest.mark.parametrize("media_type", [PNG, GIF])
def test_WADO_97_the_image_of_a_presentation_state_is_shown_as_it_has_it(archive, media_type):
    presented = state(image(wedge()))

    found = seen(get(archive, f"{presented.path}/rendered", media_type, viewport="64,32"))

    assert np.array_equal(found if found.ndim == 2 else found[..., 0], 255 - wedge())


def test_WADO_97_without_a_media_type_one_image_is_a_jpeg(archive):
    assert get(archive, f"{state(image(wedge())).path}/rendered", None)["Content-Type"] == JPEG


def test_WADO_97_several_images_are_shown_in_order(archive):
    """Of Image Position (Patient), which is against that of the references here."""
    files = of_one_series(10, 100, 200)
    presented = state(files[0], *(reference(file.instance) for file in files), **area(8, 8))

    assert shades_of(get(archive, f"{presented.path}/rendered", related(PNG))) == [55, 155, 245]
    animation = opened(get(archive, f"{presented.path}/rendered", None).getvalue())
    assert (animation.format, getattr(animation, "n_frames", 1)) == ("GIF", 3)


def test_WADO_97_frames_that_are_referred_to_are_those_that_are_shown(archive):
    file = cine([10, 100, 200])
    presented = state(file, reference(file.instance, 1, 3), **area(8, 8))

    assert sorted(shades_of(get(archive, f"{presented.path}/rendered", related(PNG)))) == [55, 245]


@pytest.mark.parametrize(
    ("name", "value"), [("window", "1,2,linear"), ("viewport", "8,8,0,0,4,4"), ("viewport", "8,8,,,-64")]
)
def test_WADO_92_WADO_97_what_a_presentation_state_says_itself_is_400(archive, name, value):
    response = get(archive, f"{state(image(wedge())).path}/rendered", PNG, **{name: value})

    assert response.status_code == 400
    assert problem(response)


def test_WADO_89_a_presentation_state_is_fitted_into_the_viewport(archive):
    response = get(archive, f"{state(image(wedge())).path}/rendered", PNG, viewport="16,16")

    assert seen(response).shape[1] == 16


def test_WADO_95_the_patient_is_written_where_it_is_asked_for(archive):
    white = image(np.full((256, 256), 255, np.uint8), PatientName="Doe^Jane")
    path = f"{state(white, **area(256, 256)).path}/rendered"

    assert not seen(get(archive, path, PNG, viewport="256,256")).any()
    assert seen(get(archive, path, PNG, viewport="256,256", annotation="patient"))[:128].any()


# -- what there is not to show ---------------------------------------------------


def test_WADO_98_a_study_is_shown_without_its_presentation_states(archive):
    file = image(wedge())
    presented = state(file)

    (part,) = loose_parts(get(archive, f"{file.study_path}/rendered", related(PNG)))
    assert part.location == f"http://testserver{file.path}/rendered"
    assert get(archive, f"{presented.series_path}/rendered", related(PNG)).status_code == 406


def test_WADO_99_a_presentation_state_of_what_is_not_stored_is_404_and_says_so(archive):
    presented = state(image(wedge()), reference(generate_uid()))

    for accept in (None, PNG, related(PNG)):
        response = get(archive, f"{presented.path}/rendered", accept)
        assert response.status_code == 404
        assert presented.instance in problem(response)


def test_WADO_99_an_image_of_a_presentation_state_that_was_deleted_is_not_shown(
    archive, django_capture_on_commit_callbacks
):
    files = of_one_series(10, 100)
    presented = state(files[0], *(reference(file.instance) for file in files), **area(8, 8))
    with django_capture_on_commit_callbacks(execute=True):
        delete(files[0].study, files[0].series, files[0].instance)

    found = seen(get(archive, f"{presented.path}/rendered", PNG))

    assert found.max() == 155


def test_WADO_99_presentation_states_of_other_kinds_are_406(archive):
    for accept in (None, PNG, related(PNG)):
        response = get(archive, f"{state(image(wedge()), sop_class=BLENDING).path}/rendered", accept)
        assert response.status_code == 406
        assert problem(response)


def test_WADO_82_a_presentation_state_has_no_frames(archive):
    assert get(archive, f"{state(image(wedge())).path}/frames/1/rendered", PNG).status_code == 404


def test_WADO_121_a_picture_has_a_tag_for_its_presentation_state(archive):
    file = image(wedge())
    paths = [file.path, state(file).path, state(file, PresentationLUTShape="IDENTITY").path]

    tags = [get(archive, f"{path}/rendered", PNG)["ETag"] for path in paths]

    assert len(set(tags)) == 3
    for path, tag in zip(paths, tags, strict=True):
        assert get(archive, f"{path}/rendered", PNG, {"if-none-match": tag}).status_code == 304


def test_WADO_121_a_presentation_state_has_another_tag_once_more_of_its_images_are_there(archive):
    first, later = image(flat(10)), generate_uid()
    presented = state(first, reference(first.instance), reference(later), **area(8, 8))
    before = get(archive, f"{presented.path}/rendered", GIF)["ETag"]

    image(flat(200), StudyInstanceUID=first.study, SeriesInstanceUID=first.series, SOPInstanceUID=later)

    assert get(archive, f"{presented.path}/rendered", GIF)["ETag"] != before


# -- over the URI Service --------------------------------------------------------


def uri(archive: Client, file: StoredFile, presented: StoredFile, **parameters: str) -> HttpResponse:
    named = {"requestType": "WADO", "studyUID": file.study, "seriesUID": file.series, "objectUID": file.instance}
    states = {"presentationSeriesUID": presented.series, "presentationUID": presented.instance}
    return get(archive, f"/dicom-web/wado?{urlencode(named | states | parameters)}", PNG)


def test_OTH_16_an_image_is_shown_as_a_presentation_state_has_it(archive):
    file = image(wedge())

    found = seen(uri(archive, file, state(file), columns="64", rows="32"))

    assert np.array_equal(found if found.ndim == 2 else found[..., 0], 255 - wedge())


def test_OTH_16_a_frame_is_shown_as_a_presentation_state_has_it(archive):
    file = cine([10, 100, 200])

    found = seen(uri(archive, file, state(file, **area(8, 8)), frameNumber="2"))

    assert found.max() == 155


def test_OTH_16_a_presentation_state_that_is_not_there_is_404(archive):
    file = image(wedge())
    elsewhere = state(image(wedge()))

    assert uri(archive, file, StoredFile(b"", file.study, "1.2", "1.3")).status_code == 404
    assert uri(archive, file, elsewhere).status_code == 404


def test_OTH_16_a_presentation_state_of_another_image_is_refused(archive):
    files = of_one_series(10, 100)

    response = uri(archive, files[1], state(files[0], **area(8, 8)))

    assert response.status_code == 400
    assert problem(response)


def test_OTH_16_what_is_no_presentation_state_is_refused(archive):
    files = of_one_series(10, 100)

    response = uri(archive, files[0], files[1])

    assert response.status_code == 406
    assert problem(response)
