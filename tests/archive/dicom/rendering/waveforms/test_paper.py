"""Electrocardiograms are as large on paper as they are everywhere."""

import numpy as np
import pytest

from archive.dicom.rendering.waveforms.pages import page, raster
from archive.dicom.rendering.waveforms.waveform import waveform
from tests.archive.dicom.rendering.waveforms.built import (
    AMBULATORY,
    HEMODYNAMIC,
    LEADS,
    built,
    channel,
    ecg,
    group,
    sine,
    twelve_leads,
)
from tests.archive.dicom.rendering.waveforms.plots import curves, grids, ink, texts

#: Where curves begin, from the left of the page.
CURVES = 20.0


def single(samples: np.ndarray, **elements: object):
    return built(group(samples[:, None], [channel("II", **elements)]))


def test_a_millivolt_is_10_mm_and_a_second_is_25_mm():
    plot = single(sine(5, hertz=1, amplitude=1000))
    (grid,), raster_ = grids(page(plot)), raster(plot)
    within = grid.top + 0.5, grid.top + grid.height - 0.5
    _, foot = ink(raster_, 11.5, *within)
    top, _ = ink(raster_, 15, *within)
    peak, _ = ink(raster_, CURVES + 25 / 4, *within)
    next_peak, _ = ink(raster_, CURVES + 25 + 25 / 4, *within)
    _, trough = ink(raster_, CURVES + 75 / 4, *within)

    assert foot - top == pytest.approx(10.3, abs=0.2)  # the line itself is 0.3 mm
    assert foot - peak == pytest.approx(10.3, abs=0.2)
    assert next_peak == pytest.approx(peak, abs=0.13)
    assert trough - foot == pytest.approx(10, abs=0.2)


def test_the_baseline_is_on_a_strong_line_of_the_paper():
    plot = page(single(sine(5, hertz=1)))
    (grid,) = grids(plot)
    (curve,) = curves(plot)

    assert (curve.points[0, 1] - grid.top) % 5 == pytest.approx(0, abs=0.05)
    assert curve.points[0, 0] == CURVES


@pytest.mark.parametrize(("unit", "sensitivity"), [("uV", 1), ("mV", 0.001), ("V", 1e-6), ("nV", 1000)])
def test_voltages_of_any_unit_are_as_high(unit: str, sensitivity: float):
    (curve,) = curves(page(single(sine(5, hertz=1), unit=unit, sensitivity=sensitivity)))

    assert np.ptp(curve.points[:, 1]) == pytest.approx(20, abs=0.01)


@pytest.mark.parametrize(("amplitude", "gain"), [(1000, 10), (1900, 10), (2100, 5), (4500, 2.5), (30000, 0.625)])
def test_the_gain_is_halved_until_the_curve_fits_and_is_said(amplitude: float, gain: float):
    plot = page(single(sine(5, hertz=1, amplitude=amplitude)))
    (grid,), (curve,) = grids(plot), curves(plot)

    assert any(f"25 mm/s, {gain:.4g} mm/mV" in text for text in texts(plot))
    assert np.ptp(curve.points[:, 1]) == pytest.approx(2 * amplitude / 1000 * gain, abs=0.05)
    assert grid.top < curve.points[:, 1].min()
    assert curve.points[:, 1].max() < grid.top + grid.height


def test_a_potential_of_the_electrodes_is_left_out():
    samples = np.rint(20_000 + 1000 * np.sin(np.arange(2500) / 500 * 2 * np.pi)).astype("<i2")
    (curve,) = curves(page(single(samples)))

    assert np.ptp(curve.points[:, 1]) == pytest.approx(20, abs=0.05)


def test_twelve_leads_of_ten_seconds_are_in_three_rows_of_four_with_lead_II_below_them():
    plot = page(built(twelve_leads(sine(10, hertz=1))))
    found = [text for text in texts(plot) if text in LEADS]

    assert found == ["I", "aVR", "V1", "V4", "II", "aVL", "V2", "V5", "III", "aVF", "V3", "V6", "II"]
    *leads, rhythm = curves(plot)
    for number, lead in enumerate(leads):
        left = CURVES + number % 4 * 62.5
        assert lead.points[0, 0] == pytest.approx(left, abs=0.1)
        assert lead.points[-1, 0] == pytest.approx(left + 62.5, abs=0.1)
    assert np.ptp(rhythm.points[:, 0]) == pytest.approx(250, abs=0.1)


def test_the_columns_of_leads_follow_each_other_in_time():
    samples = np.zeros(5000, "<i2")
    samples[(6 * 500)] = 1500
    plot = page(built(twelve_leads(samples)))
    spiked = [number for number, curve in enumerate(curves(plot)) if np.ptp(curve.points[:, 1]) > 10]

    assert spiked == [2, 6, 10, 12]  # V1, V2, V3 and the rhythm strip: from 5 to 7.5 s


def test_twelve_leads_of_less_than_ten_seconds_have_a_row_each():
    plot = page(built(twelve_leads(sine(8, hertz=1))))

    assert [text for text in texts(plot) if text in LEADS] == list(LEADS)
    assert {round(curve.points[0, 0]) for curve in curves(plot)} == {20}


def test_an_average_beat_is_shown_whole_in_every_lead():
    plot = page(built(twelve_leads(sine(1.2, hertz=1), WaveformOriginality="DERIVED", MultiplexGroupLabel="BEAT")))

    assert "BEAT (derived): 12 channels, 500 Hz, 1.2 s" in texts(plot)
    assert [round(np.ptp(curve.points[:, 0])) for curve in curves(plot)] == [30] * 12


def test_a_recording_of_pydicom_is_shown_with_its_average_beat_and_what_is_said_of_it():
    plot = page(waveform(ecg()))
    said = texts(plot)

    assert {"ECG NORMALE", "QRS Duration 75 ms", "P Axis 74 °"} <= set(said)
    assert "RHYTHM: 12 channels, 1000 Hz, 10 s" in said
    assert said.count("25 mm/s, 10 mm/mV, 0.05–300 Hz") == 2
    assert len(grids(plot)) == 2


def test_a_channel_begins_when_it_was_sampled():
    (curve,) = curves(page(single(sine(5, hertz=1), ChannelTimeSkew=None, ChannelSampleSkew=50, ChannelOffset=0.1)))

    assert curve.points[0, 0] == pytest.approx(CURVES + 0.2 * 25)


def test_a_lead_that_is_not_as_it_should_be_says_so():
    limits = {"ChannelMinimumValue": b"\x18\xfc", "ChannelMaximumValue": b"\xe8\x03"}  # -1000 and 1000
    item = channel("II", ChannelStatus="QUESTIONABLE", **limits)
    for keyword in limits:
        item[keyword].VR = "OW"
    samples = sine(5, hertz=1)[:, None]

    assert "II (questionable, at its limits)" in texts(page(built(group(samples, [item]))))
    assert "II (questionable)" in texts(page(built(group(samples // 2, [item]))))


def test_padding_interrupts_the_curve():
    samples = sine(5, hertz=1)
    samples[1000:1100] = -32768
    padded = group(samples[:, None], [channel("II")], WaveformPaddingValue=b"\x00\x80")
    before, after = curves(page(built(padded)))

    assert before.points[-1, 0] == pytest.approx(CURVES + 999 / 500 * 25)
    assert after.points[0, 0] == pytest.approx(CURVES + 1100 / 500 * 25)


def test_of_a_long_recording_ten_seconds_are_on_paper_and_all_of_it_is_below():
    samples = np.zeros(250 * 3600, "<i2")
    samples[250 * 1800] = 5000
    plot = page(built(group(samples[:, None], [channel("CH1")], frequency=250), sop_class=AMBULATORY))

    assert "RHYTHM: 1 channel, 250 Hz, first 10 s of 1:00:00" in texts(plot)
    assert "RHYTHM: 1 channel, 250 Hz, 1:00:00" in texts(plot)
    *_, overview = curves(plot)
    spike = overview.points[overview.points[:, 1].argmin()]
    assert spike[0] == pytest.approx(55 + 215 / 2, abs=0.5)


@pytest.mark.parametrize(
    ("elements", "sop_class"),
    [({"unit": "mm[Hg]"}, AMBULATORY), ({"sensitivity": 0}, AMBULATORY), ({}, HEMODYNAMIC)],
)
def test_what_is_no_electrocardiogram_is_not_on_paper(elements: dict[str, object], sop_class: str):
    plot = page(built(group(sine(5, 1)[:, None], [channel("II", **elements)]), sop_class=sop_class))

    assert not grids(plot)


def test_a_lead_without_values_leaves_its_row_empty():
    padded = group(np.full((5000, 1), 7, "<i2"), [channel("II")], WaveformPaddingValue=b"\x07\x00")

    assert not curves(page(built(padded)))
