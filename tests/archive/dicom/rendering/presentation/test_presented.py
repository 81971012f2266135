"""All modules together, and presentation states that nobody should have made."""

from base64 import b64encode
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from archive.dicom.dicom_json import DataSet
from archive.dicom.errors import NotRenderable
from archive.dicom.rendering.presentation.presentation_state import RENDERED, PresentationState
from archive.dicom.rendering.presentation.presented import render
from archive.dicom.rendering.rasters import fitted
from archive.dicom.rendering.viewport import Viewport, placed
from tests.archive.dicom.images.built import GRAY_8, GRAY_12, RGB, ramp
from tests.archive.dicom.rendering.built import smooth
from tests.archive.dicom.rendering.presentation.states import COLOR, annotation, graphic, image, presented, state_of
from tests.archive.dicom.rendering.shown import attributes, shown
from tests.builders import part10


def test_a_presentation_state_that_says_nothing_shows_the_image() -> None:
    values = smooth(30, 40)
    target = image(values)
    assert np.array_equal(presented(target, state_of(target)), values)
    colors = image(smooth(30, 40, color=True))
    assert np.array_equal(presented(colors, state_of(colors, sop_class=COLOR)), shown(part10(colors)))


def test_into_a_viewport_the_image_is_scaled_as_without_a_presentation_state() -> None:
    values = smooth(60, 80)
    target = image(values)
    for viewport in (Viewport(40, 40), Viewport(160), Viewport(None, 33)):
        expected = fitted(values, placed(viewport, columns=80, rows=60))
        assert np.array_equal(presented(target, state_of(target), 1, viewport), expected)


def test_the_shutter_does_not_cover_annotations() -> None:
    target = image(np.full((20, 20), 99, np.uint8))
    state = state_of(
        target,
        ShutterShape="CIRCULAR",
        CenterOfCircularShutter=[10, 10],
        RadiusOfCircularShutter=3,
        GraphicAnnotationSequence=[annotation(graphic("POLYLINE", [0, 2.5, 20, 2.5]))],
    )
    raster = presented(target, state)
    assert (raster[2] == 255).all()
    assert not raster[4].any()


def test_what_comes_out_is_the_callers_to_change() -> None:
    target = image(smooth(8, 8))
    assert presented(target, state_of(target)).flags.c_contiguous


# -- hostile attributes --------------------------------------------------------------


def element(vr: str, values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.lists(values, max_size=9).map(lambda found: {"vr": vr, "Value": found})


NUMBERS = st.one_of(st.integers(-(2**31), 2**31), st.floats(allow_nan=False, allow_infinity=False), st.integers(0, 9))
ELEMENTS = st.one_of(
    element("US", st.integers(0, 65535)),
    element("SL", st.integers(-(2**31), 2**31 - 1)),
    element("FL", NUMBERS | st.none()),
    element("DS", NUMBERS | st.text(max_size=3) | st.none()),
    element("ST", st.text(max_size=9)),
    st.binary(max_size=60).map(lambda field: {"vr": "OW", "InlineBinary": b64encode(field).decode()}),
    st.just({"vr": "SQ"}),
)
CODES = st.sampled_from(
    [
        *("RECTANGULAR", "CIRCULAR", "POLYGONAL", "BITMAP", "Y", "ONE", "PIXEL", "DISPLAY", "MAGNIFY", "INVERSE"),
        *("POINT", "POLYLINE", "INTERPOLATED", "CIRCLE", "ELLIPSE", "DASHED", "RIGHT", "AVG_SUB", "TID"),
    ]
)
PLAIN = (
    *("00281052", "00281053", "00700041", "00700042", "20500020", "00181600", "00181602", "00181604", "00181606"),
    *("00181608", "00181610", "00181612", "00181620", "00181622", "00181623", "00181624", "60000010", "60000011"),
    *("60000050", "60001001", "60003000", "00281090", "00281101", "00281102", "00281103", "00281201", "00281202"),
)
IN_ITEMS = (
    *("00281050", "00281051", "00283002", "00283006", "00700052", "00700053", "00700100", "00700101", "00700102"),
    *("00700103", "00700002", "00700005", "00700022", "00700023", "00700024", "00700006", "00700003", "00700004"),
    *("00700010", "00700011", "00700012", "00700014", "00700015", "00286101", "00286102", "00286110", "00286112"),
    *("00286114", "00286120", "00700062", "00700066", "00700401", "00700067", "00700251", "00700253", "00700254"),
)
SEQUENCES = (
    *("00283000", "00283110", "00283010", "20500010", "0070005A", "00700060", "00700001", "00700008", "00700009"),
    *("00700231", "00700232", "00700233", "00286100", "00081140"),
)
ITEM = st.dictionaries(st.sampled_from(IN_ITEMS), ELEMENTS | element("CS", CODES), max_size=8)
ITEMS = st.recursive(
    ITEM,
    lambda inner: st.builds(
        lambda plain, nested: plain | nested,
        ITEM,
        st.dictionaries(st.sampled_from(SEQUENCES), element("SQ", inner | st.none()), max_size=3),
    ),
    max_leaves=5,
)
STATES = st.builds(
    lambda plain, sequences, sop_class: plain | sequences | {"00080016": {"vr": "UI", "Value": [sop_class]}},
    st.dictionaries(st.sampled_from(PLAIN), ELEMENTS | element("CS", CODES), max_size=8),
    st.dictionaries(st.sampled_from(SEQUENCES), element("SQ", ITEMS | st.none()) | ELEMENTS, max_size=5),
    st.sampled_from(sorted(RENDERED)),
)


@given(STATES, st.sampled_from([GRAY_8, GRAY_12, RGB]))
def test_presentation_states_without_sense_are_refused_or_left_out(data_set: DataSet, pixels: Any) -> None:
    state = PresentationState.of(attributes(data_set))
    try:
        raster = render(ramp(pixels).tobytes(), pixels, attributes(), 1, state, Viewport(64, 64))
    except NotRenderable:
        return
    assert raster.dtype == np.uint8
    assert max(raster.shape[:2]) == 64
