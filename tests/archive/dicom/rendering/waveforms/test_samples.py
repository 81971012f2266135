"""Samples against pydicom's, companded ones against G.711, and data that are not as their group says."""

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.filereader import dcmread
from pydicom.waveforms import multiplex_array

from archive.dicom.errors import NotRenderable
from archive.dicom.rendering.waveforms.groups import MultiplexGroup
from archive.dicom.rendering.waveforms.waveform import waveform
from tests.archive.dicom.rendering.waveforms.built import built, channel, ecg, ecg_file, group, waveform_object

INTEGERS = ["i1", "u1", "<i2", "<u2", "<i4", "<u4", "<i8", "<u8"]


def values(group: MultiplexGroup) -> np.ndarray:
    """Every sample in the units of its channel, in the shape (samples, channels)."""
    envelope = group.envelope(group.duration, columns=group.samples.count)
    return envelope.lows.T


@pytest.mark.parametrize("index", [0, 1])
def test_values_are_those_of_pydicom(index: int):
    expected = multiplex_array(dcmread(ecg_file()), index, as_raw=False)

    assert np.array_equal(values(waveform(ecg()).groups[index]), expected)


@pytest.mark.parametrize("kind", INTEGERS)
def test_samples_of_every_kind_are_those_of_pydicom(kind: str):
    range_ = np.iinfo(kind)
    samples = np.array([[range_.min, 1], [range_.max, 2], [3, 0]], kind)
    dataset = Dataset()
    dataset.WaveformSequence = [group(samples, [])]

    assert np.array_equal(values(built(group(samples, [])).groups[0]), multiplex_array(dataset, 0).astype(float))


def test_a_value_is_a_sample_times_the_sensitivity_corrected_and_the_baseline():
    samples = np.array([[-2], [0], [3]], "<i2")
    of_pressure = channel("AO", "mm[Hg]", 0.5, ChannelSensitivityCorrectionFactor=1.1, ChannelBaseline=7)

    assert values(built(group(samples, [of_pressure])).groups[0])[:, 0].tolist() == pytest.approx([5.9, 7, 8.65])


@pytest.mark.parametrize("sensitivity", [0, None, "NaN", "1e400", "1e300", "1e-300", "x"])
def test_samples_without_a_sensitivity_that_makes_sense_are_shown_in_arbitrary_units(sensitivity: object):
    samples = np.array([[-2], [0], [3]], "<i2")
    item = channel("AO", sensitivity=None, ChannelBaseline=7)
    if sensitivity is not None:
        item.add_new("ChannelSensitivity", "LO", str(sensitivity))
    (shown,) = built(group(samples, [item])).groups

    assert values(shown)[:, 0].tolist() == [-2, 0, 3]
    assert (shown.channels[0].unit, shown.channels[0].millivolts) == ("", None)


@pytest.mark.parametrize("kind", INTEGERS)
def test_padding_is_no_value(kind: str):
    samples = np.array([[1, 9], [9, 2], [3, 3]], kind)
    padded = group(samples, [], WaveformPaddingValue=np.array([9, 9], kind).tobytes())

    assert np.array_equal(np.isnan(values(built(padded).groups[0])), samples == 9)


@pytest.mark.parametrize(
    ("code", "value"),
    [(0x80, 8031), (0x00, -8031), (0xFF, 0), (0x7F, 0), (0xFE, 2), (0xEF, 33), (0x8F, 4191)],
)
def test_mu_law_is_that_of_G_711(code: int, value: int):
    samples = np.array([[code], [code]], "u1")

    assert values(built(group(samples, [], WaveformSampleInterpretation="MB")).groups[0])[0, 0] == value


@pytest.mark.parametrize(("code", "value"), [(0xAA, 4032), (0x2A, -4032), (0xD5, 1), (0x55, -1), (0xC5, 33)])
def test_A_law_is_that_of_G_711(code: int, value: int):
    samples = np.array([[code], [code]], "u1")

    assert values(built(group(samples, [], WaveformSampleInterpretation="AB")).groups[0])[0, 0] == value


@pytest.mark.parametrize("interpretation", ["MB", "AB"])
def test_codes_that_differ_in_their_first_bit_are_opposite(interpretation: str):
    samples = np.arange(256, dtype="u1")[:, None]
    expanded = values(built(group(samples, [], WaveformSampleInterpretation=interpretation)).groups[0])

    assert len(np.unique(expanded)) == (255 if interpretation == "MB" else 256)
    assert np.array_equal(expanded[:128], -expanded[128:])


def test_a_group_that_claims_more_samples_than_it_has_shows_those_that_it_has():
    samples = np.arange(20, dtype="<i2").reshape(10, 2)

    (shown,) = built(group(samples, [], NumberOfWaveformSamples=2**32 - 1)).groups

    assert shown.samples.count == 10
    assert np.array_equal(values(shown), samples)


def test_a_group_shows_no_more_samples_than_it_claims():
    samples = np.arange(20, dtype="<i2").reshape(10, 2)

    assert np.array_equal(values(built(group(samples, [], NumberOfWaveformSamples=4)).groups[0]), samples[:4])


@pytest.mark.parametrize(
    "elements",
    [
        {"NumberOfWaveformChannels": 0},
        {"NumberOfWaveformChannels": None},
        {"NumberOfWaveformSamples": 0},
        {"NumberOfWaveformSamples": None},
        {"WaveformData": None},
        {"WaveformData": b"\0\0"},
        {"WaveformBitsAllocated": 24},
        {"WaveformBitsAllocated": None},
        {"WaveformSampleInterpretation": "SB"},
        {"WaveformSampleInterpretation": None},
        {"NumberOfWaveformChannels": 65535},
    ],
)
def test_a_group_without_samples_that_can_be_told_is_not_rendered(elements: dict[str, object]):
    attributes = waveform_object(group(np.zeros((10, 2), "<i2"), [], **elements))

    with pytest.raises(NotRenderable):
        waveform(attributes)


def test_only_what_is_shown_is_read_of_bulk_data():
    read: list[slice] = []
    samples = np.arange(200_000, dtype="<i2").reshape(-1, 2)
    data = samples.tobytes()

    class Field:
        def __len__(self) -> int:
            return len(data)

        def __getitem__(self, part: slice, /) -> bytes:
            read.append(part)
            return data[part]

    attributes = waveform_object(group(samples, [], frequency=100))
    (shown,) = waveform(attributes, {"54000100/0/54001010": Field()}.__getitem__).groups
    first = shown.envelope(seconds=10, columns=10_000)

    assert np.array_equal(first.lows.T, samples[:1000])
    assert max(part.stop for part in read) == 4 * 1000
