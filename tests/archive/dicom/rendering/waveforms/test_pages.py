"""Whole plots: as SVG, as pixels, and of data sets that make no sense."""

import re
from copy import deepcopy
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.dicom.errors import NotRenderable, UnusableViewport
from archive.dicom.rendering.attributes import Attributes
from archive.dicom.rendering.encoders import encode
from archive.dicom.rendering.viewport import WHOLE, Region, Viewport
from archive.dicom.rendering.waveforms import raster as rasters
from archive.dicom.rendering.waveforms.pages import page, raster, svg
from archive.dicom.rendering.waveforms.waveform import CLASSES, MOST_GROUPS, waveform
from tests.archive.dicom.rendering.built import opened
from tests.archive.dicom.rendering.waveforms.built import (
    HEMODYNAMIC,
    built,
    channel,
    ecg,
    group,
    remark,
    sine,
    waveform_object,
)
from tests.archive.dicom.rendering.waveforms.plots import SVG, parsed, text_of, texts

SMALL = Viewport(128, 128)


def simple() -> Attributes:
    samples = np.stack((sine(2, 1, 100), sine(2, 2, 100)), axis=1)
    return waveform_object(group(samples, [channel("I"), channel("II")], 100), remarks=[remark("event", 1, 50)])


def test_WADO_87_a_plot_is_RGB_of_8_bits_in_8_pixels_a_millimetre():
    plot, drawing = raster(waveform(simple())), page(waveform(simple()))

    assert plot.dtype == np.uint8
    assert plot.shape == (round(drawing.height * 8), round(drawing.width * 8), 3)


@pytest.mark.parametrize("media_type", ["image/jpeg", "image/png", "image/gif", "image/webp"])
def test_WADO_80_WADO_81_a_plot_is_an_image_of_every_type(media_type: str):
    assert opened(encode(raster(waveform(simple()), SMALL), media_type)).width == 128


@pytest.mark.parametrize("viewport", [Viewport(300, 200), Viewport(64, 1000), Viewport(width=500), Viewport(height=99)])
def test_WADO_89_a_plot_is_fitted_into_a_viewport(viewport: Viewport):
    drawing = page(waveform(simple()))
    rows, columns, _ = raster(waveform(simple()), viewport).shape

    assert columns == viewport.width or rows == viewport.height
    assert columns / rows == pytest.approx(drawing.width / drawing.height, rel=0.03)


def test_WADO_90_a_region_of_a_plot_is_what_is_there_in_the_whole():
    plot = waveform(simple())
    whole, part = raster(plot), raster(plot, Viewport(400, 300, Region(80, 160, 400, 300)))

    assert np.abs(part.astype(int) - whole[160:460, 80:480]).mean() < 2


def test_WADO_91_a_region_of_a_plot_is_flipped():
    plot = waveform(simple())

    assert np.array_equal(
        raster(plot, Viewport(400, 300, Region(80, 160, -400, -300))),
        raster(plot, Viewport(400, 300, Region(80, 160, 400, 300)))[::-1, ::-1],
    )


@pytest.mark.parametrize("viewport", [Viewport(100_000, 100_000), Viewport(10, 10, Region(9000, 0, 10, 10))])
def test_WADO_92_a_viewport_without_anything_of_a_plot_is_none(viewport: Viewport):
    with pytest.raises(UnusableViewport):
        raster(waveform(simple()), viewport)


def test_a_plot_is_the_same_in_whatever_parts_it_is_drawn(monkeypatch):
    whole = raster(waveform(simple()), Viewport(400))
    monkeypatch.setattr(rasters, "_AT_ONCE", 9 * 400 * 37)

    assert np.array_equal(raster(waveform(simple()), Viewport(400)), whole)


def test_a_plot_as_SVG_is_complete_in_millimetres_and_does_nothing():
    document = svg(waveform(ecg()))
    root, drawing = parsed(document), page(waveform(ecg()))

    assert root.tag == f"{SVG}svg"
    assert (root.get("width"), root.get("height")) == (f"{drawing.width:g}mm", f"{drawing.height:g}mm")
    assert root.get("viewBox") == f"0 0 {drawing.width:g} {drawing.height:g}"
    assert not re.search(rb"script|href|@import|\bon\w+=|foreignObject|<!DOCTYPE|<image", document)


def test_a_plot_as_SVG_tells_those_who_do_not_see_it_what_it_shows():
    root = parsed(svg(waveform(ecg())))

    assert (root.get("role"), root.get("aria-labelledby")) == ("img", "title desc")
    assert text_of(root, "title") == "12-lead ECG"
    assert "ECG NORMALE. " in text_of(root, "desc")
    assert "RHYTHM: 12 channels, 1000 Hz, 10 s. 25 mm/s, 10 mm/mV" in text_of(root, "desc")


def test_a_curve_in_SVG_is_where_it_is_drawn():
    plot = built(group(sine(2, 1, 100)[:, None], [channel("II")], 100))
    paths = [path.get("d") or "" for path in parsed(svg(plot)).iter(f"{SVG}path")]
    longest = max(paths, key=len)
    start, steps = longest[1:].split("l")
    places = np.cumsum([[float(part) for part in start.split()], *np.array(steps.split(), float).reshape(-1, 2)], 0)
    expected = max(
        (shape for shape in page(plot).shapes if hasattr(shape, "points")), key=lambda line: len(line.points)
    )

    assert np.allclose(places, expected.points, atol=0.006)


def test_WADO_95_the_patient_is_shown_where_that_is_asked_for_only():
    plot = waveform(ecg())

    assert "Doe Jane, F" in texts(page(plot, patient=["Doe Jane,\nF"], technique=["el250"]))
    assert b"el250" in svg(plot, technique=["el250"])
    assert not any("Anonymous" in text or "642341" in text for text in texts(page(plot)))
    assert not np.array_equal(raster(plot, SMALL, patient=["Doe Jane"]), raster(plot, SMALL))


def labelled(text: str) -> Attributes:
    """Where a text can be in a data set, there is this one."""
    attributes = deepcopy(simple().data_set)
    item = attributes["54000100"]["Value"][0]
    item["003A0020"] = item["003A0200"]["Value"][0]["003A0203"] = {"vr": "SH", "Value": [text]}
    item["003A0200"]["Value"][1]["003A0211"]["Value"][0]["00080100"] = {"vr": "SH", "Value": [text]}
    for annotation in attributes["0040B020"]["Value"]:
        annotation["00700006"] = {"vr": "ST", "Value": [text]}
    return Attributes(attributes, simple().read_bulk)


@given(st.text(st.characters(codec=None), max_size=200))
@settings(max_examples=50)
def test_SVG_is_XML_whatever_is_written_in_it(text: str):
    root = parsed(svg(waveform(labelled(text)), patient=[text], technique=[text]))

    assert text_of(root, "title") == "12-lead ECG"


def test_markup_in_a_label_is_text():
    root = parsed(svg(waveform(labelled('</desc><script>"&amp;'))))

    assert root.find(f".//{SVG}script") is None
    assert any('<script>"&amp;' in (text.text or "") for text in root.iter(f"{SVG}text"))


_WORDS = st.sampled_from([None, "", "x", "NaN", "SB", 1e308, -1e308, 2**64, 0, -1, 0.5, 1000])
#: What the parser gives for an element, whatever VR its file states.
_ELEMENTS = st.one_of(
    st.fixed_dictionaries(
        {"vr": st.sampled_from(["DS", "CS", "SH"]), "Value": st.lists(_WORDS | st.floats(), min_size=1, max_size=2)}
    ),
    st.fixed_dictionaries({"vr": st.just("UL"), "Value": st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=2)}),
    st.fixed_dictionaries({"vr": st.just("OW"), "InlineBinary": st.sampled_from(["", "AA==", "AIA=", "6AM="])}),
    st.sampled_from([{"vr": "SQ", "Value": [None]}, {"vr": "SQ"}, {"vr": "DS"}]),
)
_ITEM_KEYS = ("003A0005", "003A0010", "003A001A", "003A0020", "54001004", "54001006", "5400100A", "00181068")
_CHANNEL_KEYS = (
    "003A0203", "003A0205", "003A0208", "003A0210", "003A0211", "003A0212", "003A0213", "003A0214", "003A0215",
    "003A0218", "003A0220", "003A0221", "54000110", "54000112",
)  # fmt: skip
_REMARK_KEYS = ("0040A043", "0040A0B0", "0040A130", "0040A132", "0040A138", "0040A30A", "004008EA", "0040A168")


_SIMPLE = simple()


@given(
    st.sampled_from([*CLASSES, "1.2.3"]),
    st.dictionaries(st.sampled_from(_ITEM_KEYS), _ELEMENTS, max_size=2),
    st.dictionaries(st.sampled_from(_CHANNEL_KEYS), _ELEMENTS, max_size=4),
    st.dictionaries(st.sampled_from(_REMARK_KEYS), _ELEMENTS, max_size=3),
)
@settings(max_examples=100)
def test_a_data_set_that_makes_no_sense_is_shown_as_far_as_it_does_or_is_not_renderable(
    sop_class: str, item: dict[str, Any], of_channel: dict[str, Any], of_remark: dict[str, Any]
):
    data_set = deepcopy(_SIMPLE.data_set)
    data_set["00080016"]["Value"] = [sop_class]
    found = data_set["54000100"]["Value"][0]
    targets = (found, item), (found["003A0200"]["Value"][1], of_channel), (data_set["0040B020"]["Value"][0], of_remark)
    for target, elements in targets:
        target.update(elements)
    try:
        plot = waveform(Attributes(data_set, _SIMPLE.read_bulk))
    except NotRenderable:
        return

    assert text_of(parsed(svg(plot)), "title")
    assert raster(plot, Viewport(64, 64)).ndim == 3


def test_a_group_that_cannot_be_shown_does_not_hide_the_others():
    good = group(sine(2, 1, 100)[:, None], [channel("A", "mm[Hg]")], 100)
    bad = group(sine(2, 1, 100)[:, None], [], 100, WaveformBitsAllocated=12)

    assert "Not shown: 1 multiplex group" in texts(page(built(bad, good, sop_class=HEMODYNAMIC)))


def test_the_first_of_very_many_groups_are_shown():
    groups = [group(sine(1, 1, 20)[:, None], [], 20, MultiplexGroupLabel=f"G{n}") for n in range(MOST_GROUPS + 4)]

    assert "Not shown: 4 multiplex groups" in texts(page(built(*groups, sop_class=HEMODYNAMIC)))


def test_an_instance_without_waveforms_is_not_rendered():
    with pytest.raises(NotRenderable):
        waveform(waveform_object())


def test_a_page_of_any_length_has_a_bounded_number_of_pixels():
    samples = np.stack([sine(0.1, 1, 100)] * 128, axis=1)
    groups = [group(samples, [], 100) for _ in range(2)]

    rows, columns, _ = raster(built(*groups, sop_class=HEMODYNAMIC), WHOLE).shape
    assert rows * columns <= (1 << 24) + rows + columns
