"""The order of frames: by dimensions, by planes, by reference."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.dataset import Dataset

from archive.dicom.rendering.presentation.frame_order import FramePlace, in_order
from tests.archive.dicom.rendering.shown import attributes_in, item
from tests.builders import instance, part10

AXIAL = ["1", "0", "0", "0", "1", "0"]
SAGITTAL = ["0", "1", "0", "0", "0", "-1"]


def place(number: int = 1, **elements: Any) -> FramePlace:
    return FramePlace.of(attributes_in(part10(instance(**elements))), number)


def slices(*positions: list[str], orientation: list[str] = AXIAL) -> list[FramePlace]:
    return [place(ImagePositionPatient=position, ImageOrientationPatient=orientation) for position in positions]


def frame(index: list[int], position: list[str]) -> Dataset:
    """An item of Per-frame Functional Groups Sequence."""
    return item(
        FrameContentSequence=[item(DimensionIndexValues=index)],
        PlanePositionSequence=[item(ImagePositionPatient=position)],
    )


def test_WADO_97_frames_with_dimensions_are_in_their_order() -> None:
    groups = [frame([2, 1], ["0", "0", "1"]), frame([1, 2], ["0", "0", "2"]), frame([1, 1], ["0", "0", "3"])]
    shared = [item(PlaneOrientationSequence=[item(ImageOrientationPatient=AXIAL)])]
    elements = {"PerFrameFunctionalGroupsSequence": groups, "SharedFunctionalGroupsSequence": shared}
    places = [place(number, **elements) for number in (1, 2, 3)]
    assert places[0] == FramePlace((2, 1), (0, 0, 1, 1, 0, 0, 0, 1, 0))
    assert in_order(places) == [2, 1, 0]


def test_WADO_97_slices_are_along_the_normal_of_their_planes() -> None:
    assert in_order(slices(["0", "0", "5"], ["0", "0", "-3"], ["9", "9", "1"])) == [1, 2, 0]
    positions = [["5", "0", "0"], ["-2", "0", "0"], ["1", "9", "9"]]
    assert in_order(slices(*positions, orientation=SAGITTAL)) == [0, 2, 1]


def test_WADO_97_ultrasound_volumes_have_positions_of_their_own() -> None:
    groups = [item(PlanePositionVolumeSequence=[item(ImagePositionVolume=[0, 0, depth])]) for depth in (3.0, 1.0, 2.0)]
    shared = [item(PlaneOrientationVolumeSequence=[item(ImageOrientationVolume=[1, 0, 0, 0, 1, 0])])]
    elements = {"PerFrameFunctionalGroupsSequence": groups, "SharedFunctionalGroupsSequence": shared}
    assert in_order([place(number, **elements) for number in (1, 2, 3)]) == [1, 2, 0]


@pytest.mark.parametrize(
    "places",
    [
        [place(), place(), place()],
        [*slices(["0", "0", "5"], ["0", "0", "1"]), place()],
        [*slices(["0", "0", "5"], ["0", "0", "1"]), *slices(["0", "0", "0"], orientation=SAGITTAL)],
        [place(ImagePositionPatient=["0", "0", z]) for z in "531"],
    ],
)
def test_WADO_97_else_frames_are_in_the_order_of_reference(places: list[FramePlace]) -> None:
    assert in_order(places) == [0, 1, 2]


def test_frames_at_the_same_place_stay_in_their_order() -> None:
    assert in_order(slices(["0", "0", "5"], ["1", "0", "1"], ["0", "0", "1"])) == [1, 2, 0]
    assert in_order([]) == []


@given(st.lists(st.integers(-1000, 1000), max_size=20))
def test_every_frame_is_there_once(depths: list[int]) -> None:
    places = [FramePlace(patient=(0, 0, depth, 1, 0, 0, 0, 1, 0)) for depth in depths]
    order = in_order(places)
    assert sorted(order) == list(range(len(depths)))
    assert [depths[position] for position in order] == sorted(depths)
