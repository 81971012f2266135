"""VOI LUT against pydicom's, and against the sentences of PS3.3 Section C.11.2."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pydicom.pixels import apply_voi, apply_windowing

from archive.dicom.errors import UnusableWindow
from archive.dicom.rendering.attributes import Attributes
from archive.dicom.rendering.voi_lut import VoiLutFunction, VoiTable, Window, spread_over, voi_lut
from tests.archive.dicom.rendering.shown import attributes_in, item, lut
from tests.builders import instance, part10

LINEAR, LINEAR_EXACT, SIGMOID = VoiLutFunction
VALUES = np.arange(-1500, 3000, dtype=np.float64)
CURVE = (np.linspace(0, 1, 2000) ** 2 * 1023).astype(np.uint16)

FINITE = st.floats(-1e6, 1e6)
WINDOWS = st.builds(Window, FINITE, st.floats(1, 1e6), st.sampled_from(VoiLutFunction))


def of(**elements: object) -> Attributes:
    return attributes_in(part10(instance(**elements)))


def found(**elements: object) -> VoiTable | Window | None:
    return voi_lut(of(**elements), 1, signed=lambda: True)


# -- against pydicom -------------------------------------------------------------


@pytest.mark.parametrize("function", VoiLutFunction)
@pytest.mark.parametrize(("center", "width"), [(40, 400), (2047.5, 4096), (-600, 1500), (0, 2), (10, 1), (0.5, 1.5)])
def test_a_window_agrees_with_pydicom(function: VoiLutFunction, center: float, width: float) -> None:
    dataset = instance(WindowCenter=center, WindowWidth=width, VOILUTFunction=function.value)
    with np.errstate(all="ignore"):
        theirs = apply_windowing(VALUES, dataset) / 65535
    ours = Window(center, width, function).apply(VALUES)
    # At the very steps pydicom divides by zero, or takes the other of two that are the same.
    assert np.abs(ours - np.nan_to_num(theirs)).max() < 1 / 255 or width == 1
    assert np.abs(ours - np.nan_to_num(theirs)).mean() < 1e-3


@pytest.mark.parametrize("first", [-500, 0, 300])
def test_a_table_agrees_with_pydicom(first: int) -> None:
    elements = {"VOILUTSequence": [lut(CURVE, first, 10)], "PixelRepresentation": 1}
    dataset = instance(**elements)
    dataset.set_original_encoding(is_implicit_vr=False, is_little_endian=True)
    values = VALUES.astype(np.int32)
    table = found(**elements)
    assert isinstance(table, VoiTable)
    assert np.allclose(table.apply(values) * 1023, apply_voi(values, dataset), atol=1e-9)


# -- windows ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("window", "white", "black"),
    [
        # PS3.3 Section C.11.2.1.2.1, Note 4: center 2^(n-1), width 2^n is identity.
        (Window(128, 256), 255, 0),
        (Window(0, 100), 49, -50),
        (Window(0, 100, LINEAR_EXACT), 50, -50),
        (Window(8, 1), 8, 7),
    ],
)
def test_the_ends_of_a_window_are_white_and_black(window: Window, white: float, black: float) -> None:
    assert window.apply(np.array([white, white + 1, black, black - 1])).tolist() == [1, 1, 0, 0]


def test_the_widest_window_of_eight_bits_changes_nothing() -> None:
    assert np.allclose(Window(128, 256).apply(np.arange(256)) * 255, np.arange(256))


@given(WINDOWS, st.lists(FINITE, min_size=2))
def test_a_window_keeps_the_order_of_values_and_stays_between_black_and_white(
    window: Window, values: list[float]
) -> None:
    with np.errstate(over="ignore"):
        shown = window.apply(np.array(sorted(values)))
    assert shown.min() >= 0
    assert shown.max() <= 1
    assert (np.diff(shown) >= 0).all()


@given(st.floats(-1e300, 1e300), st.floats(-1e300, 1e300))
def test_a_window_over_a_range_has_its_ends_black_and_white(one: float, other: float) -> None:
    low, high = sorted((one, other))
    assume(high - low > 1e-9 * max(abs(low), abs(high), 1e-290))
    assert spread_over(low, high).apply(np.array([low, high])) == pytest.approx([0, 1], abs=1e-3)


@given(st.floats(-1e300, 1e300))
def test_a_window_over_a_single_value_shows_it_black(value: float) -> None:
    assert spread_over(value, value).apply(np.array([value])) == pytest.approx(0, abs=1e-3)


@pytest.mark.parametrize(
    ("width", "function"),
    [
        (0.5, LINEAR), (0, LINEAR), (-1, LINEAR), (0, LINEAR_EXACT), (0, SIGMOID), (-1, SIGMOID),
        (float("nan"), LINEAR), (float("inf"), SIGMOID),
    ],
)  # fmt: skip
def test_a_window_without_width_is_refused(width: float, function: VoiLutFunction) -> None:
    with pytest.raises(UnusableWindow, match=f"{function} has no window"):
        Window(0, width, function)


# -- what a data set offers ------------------------------------------------------


def test_of_several_windows_it_is_the_first_and_of_windows_that_are_none_none() -> None:
    assert found(WindowCenter=["40", "-600"], WindowWidth=["400", "1500"]) == Window(40, 400)
    assert found(WindowCenter=["0", "1", "40"], WindowWidth=["0", "-3", "400"]) == Window(40, 400)
    assert found(WindowCenter="40", WindowWidth=None) is None


def test_the_first_table_comes_before_windows() -> None:
    table = found(VOILUTSequence=[lut(CURVE, 5, 10), lut(CURVE, 0, 10)], WindowCenter="40", WindowWidth="400")
    assert isinstance(table, VoiTable)
    assert table.table.first == 5


@pytest.mark.parametrize(
    ("written", "function"),
    [("LINEAR", LINEAR), ("LINEAR_EXACT", LINEAR_EXACT), ("SIGMOID", SIGMOID), (None, LINEAR), ("CUBIC", LINEAR)],
)
def test_the_function_is_that_of_the_data_set(written: str | None, function: VoiLutFunction) -> None:
    assert found(WindowCenter="40", WindowWidth="400", VOILUTFunction=written) == Window(40, 400, function)


def test_each_frame_has_the_windows_of_its_functional_groups() -> None:
    def groups(center: str) -> object:
        return item(FrameVOILUTSequence=[item(WindowCenter=center, WindowWidth="10")])

    given = of(SharedFunctionalGroupsSequence=[groups("5")], PerFrameFunctionalGroupsSequence=[groups("2"), item()])
    assert [voi_lut(given, number, signed=lambda: False) for number in (1, 2)] == [Window(2, 10), Window(5, 10)]


def test_a_long_table_of_a_functional_group_is_read_where_it_lies() -> None:
    groups = item(FrameVOILUTSequence=[item(VOILUTSequence=[lut(CURVE, 0, 10)])])
    table = voi_lut(of(PerFrameFunctionalGroupsSequence=[item(), groups]), 2, signed=lambda: True)
    assert isinstance(table, VoiTable)
    assert np.array_equal(table.table.entries, CURVE)


def test_a_table_whose_entries_have_more_bits_than_it_says_is_no_whiter_than_white() -> None:
    table = found(VOILUTSequence=[lut(CURVE * 4, 0, 10)])
    assert table
    assert table.apply(np.array([1999])) == pytest.approx(4092 / 4095)
