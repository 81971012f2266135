"""Curves below each other: each in its range, or at one gain."""

import numpy as np
import pytest

from archive.dicom.rendering.waveforms import pages
from archive.dicom.rendering.waveforms.drawings import Color
from archive.dicom.rendering.waveforms.pages import page
from tests.archive.dicom.rendering.waveforms.built import (
    EEG,
    HEMODYNAMIC,
    built,
    channel,
    group,
    remark,
    sine,
)
from tests.archive.dicom.rendering.waveforms.plots import curves, lines, texts

LEFT, WIDTH = 55.0, 215.0


def pressures(**elements: object):
    samples = np.stack((sine(20, 1, 100, 80), sine(20, 0.5, 100, 300)), axis=1)
    return group(samples, [channel("AO", "mm[Hg]", 0.5), channel("Flow", "L/min")], frequency=100, **elements)


def montage(*amplitudes: float, **elements: object):
    samples = np.stack([sine(10, 10, 250, amplitude) for amplitude in amplitudes], axis=1)
    return group(samples, [channel(f"C{number}") for number in range(len(amplitudes))], frequency=250, **elements)


def test_each_channel_has_its_name_its_unit_and_its_range():
    plot = page(built(pressures(), sop_class=HEMODYNAMIC))

    assert {"AO", "mmHg", "40", "-40", "Flow", "L/min", "300", "-300"} <= set(texts(plot))


def test_each_curve_fills_its_strip():
    upper, lower = curves(page(built(pressures(), sop_class=HEMODYNAMIC)))

    assert np.ptp(upper.points[:, 1]) == pytest.approx(np.ptp(lower.points[:, 1]), abs=0.1)
    assert upper.points[:, 1].max() < lower.points[:, 1].min()


def test_the_curve_goes_over_all_of_the_time():
    first, _ = curves(page(built(pressures(), sop_class=HEMODYNAMIC)))

    assert first.points[0, 0] == LEFT
    assert first.points[-1, 0] == pytest.approx(LEFT + WIDTH, abs=0.2)
    assert first.points[first.points[:, 1].argmin(), 0] == pytest.approx(LEFT + WIDTH * 0.25 / 20, abs=0.2)


@pytest.mark.parametrize(
    ("offset", "expected"),
    [("0", ["0 s", "2 s", "20 s"]), ("1500", ["2 s", "20 s"]), ("-500", ["0 s", "18 s"]), ("90000", ["0:01:50"])],
)
def test_the_time_is_counted_from_the_reference_time(offset: str, expected: list[str]):
    plot = page(built(pressures(MultiplexGroupTimeOffset=offset), sop_class=HEMODYNAMIC))

    assert set(expected) <= set(texts(plot))


def test_labels_of_a_short_part_of_a_long_time_differ():
    samples = sine(0.5, 10, 1000)[:, None]
    late = group(samples, [channel("AO", "mm[Hg]")], frequency=1000, MultiplexGroupTimeOffset="3600000")

    assert {"3600.05 s", "3600.1 s", "3600.5 s"} <= set(texts(page(built(late, sop_class=HEMODYNAMIC))))


def test_flat_channels_do_not_set_the_gain_of_a_montage():
    plot, with_flat = (page(built(montage(*amplitudes), sop_class=EEG)) for amplitudes in ((80,), (80, 0, 0)))

    assert [text for text in texts(plot) if "µV/mm" in text] == [text for text in texts(with_flat) if "µV/mm" in text]


@pytest.mark.parametrize("frequency", [0, -1, None, "NaN", ""])
def test_without_a_frequency_samples_are_counted(frequency: object):
    samples = np.stack((sine(3, 1, 100), sine(3, 1, 100)), axis=1)
    built_group = group(samples, [channel("A"), channel("B")], frequency=None)
    if frequency is not None:
        built_group.add_new("SamplingFrequency", "LO", str(frequency))
    plot = page(built(built_group))

    assert "RHYTHM: 2 channels, sampling frequency unknown, 300 samples" in texts(plot)
    assert {"0", "50", "300"} <= set(texts(plot))


def test_a_montage_has_one_gain():
    shown = curves(page(built(montage(50, 100, 200), sop_class=EEG)))

    heights = [np.ptp(curve.points[:, 1]) for curve in shown]
    assert heights[1] == pytest.approx(2 * heights[0], rel=0.05)
    assert heights[2] == pytest.approx(4 * heights[0], rel=0.05)


def test_the_gain_of_a_montage_is_said():
    plot = page(built(montage(50, 100, 200), sop_class=EEG))
    (scale,) = (text for text in texts(plot) if "µV/mm" in text)
    microvolts = float(scale.split(", ")[1].split()[0])

    assert scale.startswith("21.5 mm/s, ")
    assert scale.endswith("negative up")
    assert np.ptp(curves(plot)[1].points[:, 1]) * microvolts == pytest.approx(200, rel=0.02)


def test_in_a_montage_negative_voltages_go_up():
    samples = np.zeros((2500, 1), "<i2")
    samples[1000] = -100
    (curve,) = curves(page(built(group(samples, [channel("C3")], frequency=250), sop_class=EEG)))
    spike = curve.points[:, 1].argmin()

    assert curve.points[spike, 0] == pytest.approx(LEFT + WIDTH * 4 / 10, abs=0.2)


def test_the_heart_in_a_montage_is_in_a_range_of_its_own():
    samples = np.stack((sine(10, 10, 250, 50), sine(10, 1, 250, 1000)), axis=1)
    plot = page(built(group(samples, [channel("C3"), channel("ECG")], frequency=250), sop_class=EEG))
    brain, heart = curves(plot)

    assert heart.points[:, 1].max() > brain.points[:, 1].max()
    assert heart.points[:, 1].min() > brain.points[:, 1].max()
    assert "1000" in texts(plot)


def test_a_curve_of_a_montage_that_is_too_high_is_cut_and_says_so():
    plot = page(built(montage(50, 50, 50, 5000), sop_class=EEG))

    assert "C3; cut" in texts(plot)
    assert np.ptp(curves(plot)[3].points[:, 1]) < 3 * 28


def test_a_channel_of_a_montage_may_be_at_any_potential():
    samples = np.stack([sine(10, 10, 250, 50)] * 3, axis=1)
    channels = [channel("C3"), channel("C4"), channel("Cz", ChannelBaseline="1e50")]
    plot = page(built(group(samples, channels, frequency=250), sop_class=EEG))

    assert len(curves(plot)) == 3
    assert all(np.isfinite(curve.points).all() for curve in curves(plot))


def test_of_a_long_montage_a_page_is_shown_and_then_all_of_it():
    samples = sine(120, 10, 250, 50)[:, None]
    plot = page(built(group(samples, [channel("C3")], frequency=250), sop_class=EEG))

    assert "RHYTHM: 1 channel, 250 Hz, first 10 s of 0:02:00" in texts(plot)
    assert "RHYTHM: 1 channel, 250 Hz, 0:02:00" in texts(plot)


def test_of_a_very_long_recording_the_beginning_is_shown(monkeypatch):
    monkeypatch.setattr(pages, "MOST_BYTES", 4000)
    plot = page(built(pressures(), sop_class=HEMODYNAMIC))

    assert "RHYTHM: 2 channels, 100 Hz, first 10 s of 20 s" in texts(plot)


def test_a_flat_curve_is_in_the_middle_of_its_strip():
    samples = np.full((100, 1), 500, "<i2")
    plot = page(built(group(samples, [channel("A", "mm[Hg]")]), sop_class=HEMODYNAMIC))
    (curve,) = curves(plot)
    top, bottom = sorted(line.points[0, 1] for line in lines(plot, Color.FRAME) if np.ptp(line.points[:, 0]) > 100)[::2]

    assert curve.points[0, 1] == pytest.approx((top + bottom) / 2)


def test_a_channel_without_values_says_so():
    padded = group(np.full((100, 1), 7, "<i2"), [channel("A", "mm[Hg]")], WaveformPaddingValue=b"\x07\x00")

    assert "A; no values" in texts(page(built(padded, sop_class=HEMODYNAMIC)))


def test_channels_without_a_definition_are_numbered():
    plot = page(built(group(np.stack([sine(3, 1)] * 3, axis=1), [channel("A", "mm[Hg]")]), sop_class=HEMODYNAMIC))

    assert {"A", "Channel 2", "Channel 3"} <= set(texts(plot))


def test_the_first_of_very_many_channels_are_shown():
    samples = np.stack([sine(1, 1, 100)] * 200, axis=1)
    plot = page(built(group(samples, [], frequency=100), sop_class=HEMODYNAMIC))

    assert "RHYTHM: 200 channels, the first 128 are shown, 100 Hz, 1 s" in texts(plot)
    assert len(curves(plot)) == 128


def test_remarks_are_at_their_times():
    plot = page(
        built(
            pressures(),
            sop_class=HEMODYNAMIC,
            remarks=[remark("cough", 1, 501), remark("apnea", 1, 1001, 1501, range_type="SEGMENT")],
        )
    )
    ticks = {round(line.points[0, 0], 1) for line in lines(plot, Color.REMARK)}

    assert {"cough", "apnea"} <= set(texts(plot))
    assert ticks == {round(LEFT + WIDTH * second / 20, 1) for second in (5, 10, 15)}
