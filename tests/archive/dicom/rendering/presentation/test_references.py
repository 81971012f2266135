"""What a presentation state is for, and which of its items are about which frame."""

import pytest

from archive.dicom.errors import NotRenderable
from archive.dicom.rendering.presentation.presentation_state import (
    PRESENTATION_STATES,
    RENDERED,
    PresentationState,
    is_presentation_state,
)
from archive.dicom.rendering.presentation.references import Frame, Reference, items_for
from tests.archive.dicom.rendering.presentation.states import opened, reference, state_of
from tests.archive.dicom.rendering.shown import attributes, attributes_in, item
from tests.builders import instance, part10

ONE, OTHER = instance(), instance()


def test_WADO_97_a_presentation_state_refers_to_series_images_and_frames() -> None:
    series = [
        item(SeriesInstanceUID="1.2.1", ReferencedImageSequence=[reference(ONE), reference(OTHER, 3, 1)]),
        item(SeriesInstanceUID="1.2.2", ReferencedImageSequence=[reference(instance(SOPInstanceUID="1.2.3"), 7)]),
    ]
    assert opened(state_of(ONE, ReferencedSeriesSequence=series)).references == (
        Reference(ONE.StudyInstanceUID, "1.2.1", ONE.SOPInstanceUID),
        Reference(ONE.StudyInstanceUID, "1.2.1", OTHER.SOPInstanceUID, (3, 1)),
        Reference(ONE.StudyInstanceUID, "1.2.2", "1.2.3", (7,)),
    )


@pytest.mark.parametrize(
    ("frames", "number", "applies"), [((), 1, True), ((), 9, True), ((2, 4), 2, True), ((2, 4), 3, False)]
)
def test_OTH_16_a_presentation_state_is_for_the_frames_that_it_names(
    frames: tuple[int, ...], number: int, applies: bool
) -> None:
    series = [item(SeriesInstanceUID="1.2.1", ReferencedImageSequence=[reference(ONE, *frames)])]
    state = opened(state_of(ONE, ReferencedSeriesSequence=series))
    assert state.applies(ONE.SOPInstanceUID, number) is applies
    assert not state.applies(OTHER.SOPInstanceUID, number)


def test_frame_numbers_that_no_frame_has_name_none() -> None:
    series = [item(SeriesInstanceUID="1.2.1", ReferencedImageSequence=[reference(ONE, 0, -1), reference(OTHER, 0, 2)])]
    assert [found.frames for found in opened(state_of(ONE, ReferencedSeriesSequence=series)).references] == [(2,)]


def test_an_item_that_names_the_image_goes_before_one_that_names_none() -> None:
    voi = [
        item(WindowCenter="1"),
        item(WindowCenter="2", ReferencedImageSequence=[reference(OTHER)]),
        item(WindowCenter="3", ReferencedImageSequence=[reference(ONE, 2)]),
    ]
    found = attributes_in(part10(state_of(ONE, SoftcopyVOILUTSequence=voi)))

    def centers(target: str, number: int) -> list[float | None]:
        return [one.number("00281050") for one in items_for(found, "00283110", Frame(target, number))]

    assert centers(ONE.SOPInstanceUID, 1) == [1]
    assert centers(ONE.SOPInstanceUID, 2) == [3, 1]
    assert centers(OTHER.SOPInstanceUID, 2) == [2, 1]


def test_WADO_98_presentation_states_are_known_by_their_class() -> None:
    assert len(PRESENTATION_STATES) == 13
    assert all(map(is_presentation_state, RENDERED))
    assert not is_presentation_state(ONE.SOPClassUID)


@pytest.mark.parametrize("sop_class", sorted(PRESENTATION_STATES - RENDERED))
def test_kinds_that_are_not_rendered_are_refused_by_name(sop_class: str) -> None:
    with pytest.raises(NotRenderable, match=f"SOP Class {sop_class} are not rendered"):
        PresentationState.of(attributes({"00080016": {"vr": "UI", "Value": [sop_class]}}))
