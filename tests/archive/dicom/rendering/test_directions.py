"""Which way the patient lies, against the examples of PS3.3 Sections C.7.6.1.1.1 and C.7.6.2.1.1."""

from math import cos, radians, sin

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.dicom.rendering.directions import directions
from tests.archive.dicom.rendering.shown import attributes_in, item
from tests.builders import instance, part10

AXIAL, CORONAL, SAGITTAL = [1, 0, 0, 0, 1, 0], [1, 0, 0, 0, 0, -1], [0, 1, 0, 0, 0, -1]
AXES = st.sampled_from(
    [(axis, sign) for axis in range(3) for sign in (1, -1)],
)


def of(number: int = 1, **elements: object) -> tuple[str, str] | None:
    return directions(attributes_in(part10(instance(**elements))), number)


@pytest.mark.parametrize(
    ("orientation", "expected"), [(AXIAL, ("L", "P")), (CORONAL, ("L", "F")), (SAGITTAL, ("P", "F"))]
)
def test_planes_lead_where_the_axes_of_the_patient_do(orientation: list[float], expected: tuple[str, str]) -> None:
    assert of(ImageOrientationPatient=orientation) == expected


def test_oblique_planes_have_the_nearest_axis_first_and_none_that_they_hardly_lean_to() -> None:
    leaning, tilted = radians(30), radians(5)
    rows = [cos(leaning), sin(leaning), 0]
    columns = [-sin(leaning) * cos(tilted), cos(leaning) * cos(tilted), sin(tilted)]

    assert of(ImageOrientationPatient=rows + columns) == ("LP", "PR")


def test_radiographs_say_it_in_letters() -> None:
    assert of(PatientOrientation=["L", "F"]) == ("L", "F")
    assert of(PatientOrientation=["A", "FR"]) == ("A", "FR")


def test_frames_of_a_volume_have_their_own() -> None:
    frames = [item(PlaneOrientationSequence=[item(ImageOrientationPatient=plane)]) for plane in (AXIAL, CORONAL)]

    assert [of(number, PerFrameFunctionalGroupsSequence=frames) for number in (1, 2)] == [("L", "P"), ("L", "F")]


@pytest.mark.parametrize(
    "elements",
    [
        {},
        {"ImageOrientationPatient": [1, 0, 0]},
        {"ImageOrientationPatient": [0, 0, 0, 0, 0, 0]},
        {"PatientOrientation": ["L"]},
        {"PatientOrientation": ["", "F"]},
        {"PatientOrientation": ["CR", "V"]},
        {"ImageOrientationPatient": AXIAL, "AnatomicalOrientationType": "QUADRUPED"},
    ],
)
def test_nobody_guesses(elements: dict[str, object]) -> None:
    assert of(**elements) is None


@given(AXES, AXES)
def test_the_other_way_is_the_opposite_letter(rows: tuple[int, int], columns: tuple[int, int]) -> None:
    def plane(sign: int) -> list[float]:
        return [sign * way * (axis == place) for axis, way in (rows, columns) for place in range(3)]

    one, other = (of(ImageOrientationPatient=plane(sign)) for sign in (1, -1))
    assert one
    assert other
    for letter, opposite in zip(one, other, strict=True):
        assert {letter, opposite} in ({"L", "R"}, {"A", "P"}, {"H", "F"})
