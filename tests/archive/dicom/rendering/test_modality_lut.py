"""Modality LUT against pydicom's."""

import numpy as np
import pytest
from pydicom.pixels import apply_modality_lut

from archive.dicom.errors import NotRenderable
from archive.dicom.rendering.attributes import Attributes
from archive.dicom.rendering.modality_lut import Rescale, modality_lut
from tests.archive.dicom.rendering.shown import attributes, attributes_in, item, lut
from tests.builders import instance, part10

UNSIGNED = np.arange(0, 4096, 8, np.uint16).reshape(8, -1)
SIGNED = np.arange(-2048, 2048, 8, np.int16).reshape(8, -1)
CURVE = (np.linspace(0, 1, 1000) ** 2 * 4095).astype(np.uint16)


def of(**elements: object) -> Attributes:
    return attributes_in(part10(instance(**elements)))


@pytest.mark.parametrize("values", [UNSIGNED, SIGNED])
@pytest.mark.parametrize(("slope", "intercept"), [("1", "-1024"), ("-0.5", "7"), ("1E-3", "0"), ("2.5", "100")])
def test_rescaling_agrees_with_pydicom(values: np.ndarray, slope: str, intercept: str) -> None:
    elements = {"RescaleSlope": slope, "RescaleIntercept": intercept}
    ours = modality_lut(of(**elements), 1, signed=values.dtype.kind == "i")
    theirs = apply_modality_lut(values, instance(**elements))
    assert np.array_equal(ours.apply(values), theirs)
    assert ours.range_of(values) == (theirs.min(), theirs.max())


@pytest.mark.parametrize("values", [UNSIGNED, SIGNED])
@pytest.mark.parametrize("first", [-300, 0, 400])
def test_a_table_agrees_with_pydicom(values: np.ndarray, first: int) -> None:
    elements = {"ModalityLUTSequence": [lut(CURVE, first, 16)], "PixelRepresentation": int(values.dtype.kind == "i")}
    ours = modality_lut(of(**elements), 1, signed=values.dtype.kind == "i")
    dataset = instance(**elements)
    dataset.set_original_encoding(is_implicit_vr=False, is_little_endian=True)
    theirs = apply_modality_lut(values.astype(np.int32), dataset)
    assert np.array_equal(ours.apply(values), theirs)
    assert ours.range_of(values) == (theirs.min(), theirs.max())


def test_a_table_goes_before_rescaling() -> None:
    given = of(ModalityLUTSequence=[lut(CURVE, 0, 16)], RescaleSlope="3", RescaleIntercept="1")
    assert modality_lut(given, 1, signed=False).apply(np.array([999])) == [4095]


def test_a_first_value_that_was_written_unsigned_is_negative_for_signed_pixels() -> None:
    table = modality_lut(of(ModalityLUTSequence=[lut(CURVE, 65536 - 300, 16)]), 1, signed=True)
    assert table.apply(np.array([-301, -300, -299, 698, 699])).tolist() == CURVE[[0, 0, 1, 998, 999]].tolist()


def test_a_table_of_65536_entries_says_that_it_has_0() -> None:
    entries = np.arange(1 << 16, dtype=np.uint16)[::-1]
    table = modality_lut(of(ModalityLUTSequence=[lut(entries, 0, 16)]), 1, signed=False)
    assert table.apply(np.array([0, 1, 65535], np.uint16)).tolist() == [65535, 65534, 0]


def test_entries_of_a_byte_may_have_a_byte_each() -> None:
    entry = lut(np.arange(20, dtype=np.uint16), 0, 8)
    entry.LUTData = bytes(range(20))
    assert modality_lut(of(ModalityLUTSequence=[entry]), 1, signed=False).apply(np.array([7])) == [7]


def test_entries_as_numbers_are_entries() -> None:
    entry = {"00283002": {"vr": "US", "Value": [3, 10, 16]}, "00283006": {"vr": "US", "Value": [5, 6, 65535]}}
    given = attributes({"00283000": {"vr": "SQ", "Value": [entry]}})
    assert modality_lut(given, 1, signed=False).apply(np.array([9, 10, 11, 99])).tolist() == [5, 5, 6, 65535]


@pytest.mark.parametrize(
    "given", [{}, {"RescaleSlope": None}, {"RescaleSlope": "0", "RescaleIntercept": "0"}, {"RescaleSlope": ""}]
)
def test_without_a_slope_values_are_as_they_are(given: dict[str, str | None]) -> None:
    assert modality_lut(of(**given), 1, signed=False) == Rescale(1.0, 0.0)


def test_each_frame_has_the_rescaling_of_its_functional_groups() -> None:
    def groups(slope: str) -> object:
        return item(PixelValueTransformationSequence=[item(RescaleSlope=slope, RescaleIntercept="0")])

    given = of(
        RescaleSlope="9",
        RescaleIntercept="9",
        SharedFunctionalGroupsSequence=[groups("5")],
        PerFrameFunctionalGroupsSequence=[groups("2"), item(), groups("3")],
    )
    assert [modality_lut(given, number, signed=False) for number in (1, 2, 3, 4)] == [
        Rescale(2.0), Rescale(5.0), Rescale(3.0), Rescale(5.0),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("descriptor", "entries", "problem"),
    [
        ([1000, 0], 1000, "00283000/0/00283002 has not three numbers"),
        ([1000, 0, 17], 1000, "00283000/0/00283002 is of 17 bits"),
        ([1000, 0, 0], 1000, "00283000/0/00283002 is of 0 bits"),
        ([1000, 0, 16], 999, "00283000/0/00283006 have 1998 bytes for 1000 entries"),
        ([0, 0, 16], 1000, "for 65536 entries"),
    ],
)
def test_a_table_that_is_not_what_it_says_is_refused(descriptor: list[int], entries: int, problem: str) -> None:
    entry = lut(np.arange(entries, dtype=np.uint16), 0, 16)
    entry.LUTDescriptor = descriptor
    with pytest.raises(NotRenderable, match=problem):
        modality_lut(of(ModalityLUTSequence=[entry]), 1, signed=False)
