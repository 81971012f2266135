"""Presentation states as they are stored, and the stored frames that they are for."""

from collections.abc import Sequence
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.uid import generate_uid

from archive.dicom.errors import NotRenderable, NotTranscodable
from archive.dicom.pixel_description import PixelDescription
from archive.dicom.rendering.categories import Category
from archive.dicom.rendering.pictures import Form
from archive.dicom.rendering.presentation.frame_order import FramePlace
from archive.dicom.rendering.presentation.presented import render
from archive.dicom.rendering.rasters import Raster
from archive.errors import NothingReferenced, NotReferenced
from archive.selectors import locate, presented
from archive.selectors.attributes import attributes
from archive.selectors.locate import StoredInstance
from archive.selectors.rendered import Shown
from tests.archive.dicom.rendering.presentation.states import image, reference, series_of, state_of
from tests.archive.dicom.rendering.shown import item, lut
from tests.storing import StoredFile, stored

pytestmark = pytest.mark.django_db(transaction=True)

AXIAL = ["1", "0", "0", "0", "1", "0"]
STUDY = "1.2.826.0.1.3680043.9.3811.1"


def located(file: StoredFile) -> StoredInstance:
    (found,) = locate.instances(file.study, file.series, file.instance)
    return found


def stored_image(*shape: int, **elements: Any) -> Dataset:
    dataset = image(np.zeros(shape or (4, 4), np.uint8), StudyInstanceUID=STUDY, **elements)
    stored(dataset)
    return dataset


def frames(state: Dataset) -> list[tuple[str, int]]:
    pictures = presented.all_pictures(located(stored(state)))
    return [(picture.shown.stored.instance, picture.number) for picture in pictures]


def names(targets: Sequence[Dataset]) -> list[tuple[str, int]]:
    return [(target.SOPInstanceUID, 1) for target in targets]


def test_WADO_97_slices_are_in_the_order_of_their_planes() -> None:
    depths = ("3", "1", "2")
    slices = [stored_image(ImagePositionPatient=["0", "0", z], ImageOrientationPatient=AXIAL) for z in depths]
    assert frames(state_of(*slices)) == names([slices[1], slices[2], slices[0]])


def test_WADO_97_without_planes_images_are_in_the_order_of_reference() -> None:
    images = [stored_image(InstanceNumber=number) for number in (3, 1, 2)]
    assert frames(state_of(*images)) == names(images)


def test_WADO_97_frames_are_those_that_are_named_or_all() -> None:
    one, other = stored_image(3, 4, 4), stored_image(2, 4, 4)
    named = [item(SeriesInstanceUID=one.SeriesInstanceUID, ReferencedImageSequence=[reference(one, 3, 1, 9)])]
    assert frames(state_of(one, ReferencedSeriesSequence=named + series_of([other]))) == [
        (one.SOPInstanceUID, 3),
        (one.SOPInstanceUID, 1),
        (other.SOPInstanceUID, 1),
        (other.SOPInstanceUID, 2),
    ]


def test_WADO_97_frames_with_dimensions_are_in_their_order() -> None:
    groups = [item(FrameContentSequence=[item(DimensionIndexValues=[1, index])]) for index in (2, 3, 1)]
    target = stored_image(3, 4, 4, PerFrameFunctionalGroupsSequence=groups)
    assert [number for _, number in frames(state_of(target))] == [3, 1, 2]


def test_a_frame_that_is_named_twice_is_there_once() -> None:
    target = stored_image()
    assert frames(state_of(target, ReferencedSeriesSequence=series_of([target, target]))) == names([target])


def test_what_is_not_stored_or_has_no_pixels_is_left_out() -> None:
    there = stored_image()
    without_pixels = stored_image(PixelData=None)
    absent = image(np.zeros((4, 4), np.uint8), StudyInstanceUID=STUDY)
    assert frames(state_of(absent, without_pixels, there)) == names([there])


def test_images_of_other_studies_are_not_those_that_are_meant() -> None:
    elsewhere = image(np.zeros((4, 4), np.uint8), StudyInstanceUID=generate_uid())
    stored(elsewhere)
    with pytest.raises(NothingReferenced):
        frames(state_of(elsewhere, StudyInstanceUID=STUDY))


def test_with_nothing_left_the_presentation_state_is_named() -> None:
    state = state_of(image(np.zeros((4, 4), np.uint8)))
    with pytest.raises(NothingReferenced, match=state.SOPInstanceUID):
        frames(state)


def test_many_images_are_looked_up_in_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locate, "BATCH", 2)
    images = [stored_image() for _ in range(5)]
    assert frames(state_of(*images)) == names(images)


def test_OTH_16_a_presentation_state_has_to_refer_to_the_frame_that_it_is_applied_to() -> None:
    target, other = stored_image(), stored_image()
    state = located(stored(state_of(target)))
    to_one, to_other = (Shown.one(locate.among([image.SOPInstanceUID])[0]) for image in (target, other))
    assert [picture.number for picture in presented.pictures_of(to_one, [1], state)] == [1]
    with pytest.raises(NotReferenced, match=other.SOPInstanceUID):
        presented.pictures_of(to_other, [1], state)


def test_WADO_98_what_is_stored_is_known_as_a_presentation_state() -> None:
    target = stored_image()
    state = located(stored(state_of(target)))
    (image,) = locate.among([target.SOPInstanceUID])
    assert [shown.category for shown in Shown.all([image, state])] == [Category.IMAGE, Category.PRESENTATION_STATE]


def test_an_image_is_no_presentation_state() -> None:
    found = located(stored(image(np.zeros((4, 4), np.uint8))))
    with pytest.raises(NotRenderable, match="SOP Class"):
        presented.state(found)


def test_long_tables_are_read_where_they_are_stored(monkeypatch: pytest.MonkeyPatch) -> None:
    values = np.arange(16, dtype=np.uint16).reshape(4, 4) << 8
    target = image(values)
    table = lut((65535 - np.arange(65536)).astype(np.uint16), 0, 16)
    found = located(stored(target))
    state = presented.state(located(stored(state_of(target, SoftcopyVOILUTSequence=[item(VOILUTSequence=[table])]))))
    described = attributes(found, locate.indexes_of(found))
    pixels = PixelDescription.of(described.data_set)
    raster = render(values.tobytes(), pixels, described, 1, state)
    assert np.array_equal(raster, np.rint((65535 - values.astype(float)) / 257))
    monkeypatch.setattr("archive.selectors.attributes.LONGEST_VALUE", 1000)
    with pytest.raises(NotRenderable, match="larger than what is rendered"):
        render(values.tobytes(), pixels, described, 1, state)


def test_a_frame_is_looked_at_once_however_often_it_is_referred_to() -> None:
    target = stored_image(3, 4, 4)
    state = state_of(*[target] * 50)
    with patch.object(FramePlace, "of", wraps=FramePlace.of) as read:
        assert len(frames(state)) == 3
    assert read.call_count == 3


def test_more_frames_than_are_shown_at_once_are_refused_before_one_is_looked_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(presented, "MOST_FRAMES", 8)
    target = stored_image(3, 4, 4)
    assert len(frames(state_of(*[target] * 2))) == 3
    with pytest.raises(NotRenderable, match="more than 8 frames"):
        frames(state_of(*[target] * 3))


def test_frames_that_are_averaged_are_together_no_larger_than_one_frame_may_be(settings: Any) -> None:
    target = stored_image(3, 4, 4)
    mask = item(MaskOperation="AVG_SUB", MaskFrameNumbers=[1, 2])
    found = located(stored(state_of(target, MaskSubtractionSequence=[mask])))

    def seen() -> Raster:
        return presented.all_pictures(found)[2].seen(Form()).raster

    settings.ARCHIVE_MAX_TRANSCODED_FRAME = 32
    assert seen().shape == (4, 4)
    settings.ARCHIVE_MAX_TRANSCODED_FRAME = 31
    with pytest.raises(NotTranscodable, match="2 frames of 32 bytes"):
        seen()
