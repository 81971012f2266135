"""Curves of few points in which no spike is lost."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from archive.dicom.rendering.waveforms import envelopes
from archive.dicom.rendering.waveforms.envelopes import Block, Envelope

_SIZES = st.tuples(st.integers(1, 5), st.integers(1, 400), st.integers(1, 60), st.integers(0, 1000))


def enveloped(stored: np.ndarray, columns: int, known: np.ndarray | None = None) -> Envelope:
    def read(start: int, stop: int) -> Block:
        return Block(stored[:, start:stop], None if known is None else known[:, start:stop])

    return Envelope.of(read, stored.shape[1], columns)


def made(channels: int, count: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(-32768, 32768, (channels, count)).astype("<i2")


@given(_SIZES)
def test_the_least_and_the_greatest_value_are_kept(size: tuple[int, int, int, int]):
    channels, count, columns, seed = size
    stored = made(channels, count, seed)
    envelope = enveloped(stored, columns)

    assert np.array_equal(np.min(envelope.lows, axis=1), stored.min(axis=1))
    assert np.array_equal(np.max(envelope.highs, axis=1), stored.max(axis=1))


@given(_SIZES)
def test_every_sample_is_within_the_column_that_is_nearest_to_it(size: tuple[int, int, int, int]):
    channels, count, columns, seed = size
    stored = made(channels, count, seed)
    envelope = enveloped(stored, columns)
    nearest = np.abs(np.arange(count)[:, None] - envelope.positions).argmin(axis=1)
    step = -(-count // len(envelope.positions))

    for sample, column in enumerate(nearest):
        around = slice(max(column - 1, 0), column + 2) if step > 1 else slice(column, column + 1)
        assert (envelope.lows[:, around].min(axis=1) <= stored[:, sample]).all()
        assert (envelope.highs[:, around].max(axis=1) >= stored[:, sample]).all()


@given(_SIZES)
def test_there_are_no_more_points_than_wanted(size: tuple[int, int, int, int]):
    channels, count, columns, seed = size
    envelope = enveloped(made(channels, count, seed), columns)

    for channel in range(channels):
        positions, values = envelope.curve(channel)
        assert len(positions) == len(values) <= 2 * columns
        assert (np.diff(positions) >= 0).all()
        assert positions[0] >= 0
        assert positions[-1] <= count - 1


@given(_SIZES, st.floats(0, 1))
def test_samples_that_are_not_known_are_left_out(size: tuple[int, int, int, int], share: float):
    channels, count, columns, seed = size
    stored = made(channels, count, seed)
    known = np.random.default_rng(seed + 1).random(stored.shape) < share
    envelope = enveloped(stored, columns, known)

    for channel in range(channels):
        kept = stored[channel][known[channel]]
        lows, highs = envelope.lows[channel], envelope.highs[channel]
        assert np.array_equal(np.isnan(lows), np.isnan(highs))
        if not len(kept):
            assert np.isnan(lows).all()
            continue
        assert (np.nanmin(lows), np.nanmax(highs)) == (kept.min(), kept.max())


def test_reading_in_parts_gives_the_same(monkeypatch):
    stored = made(3, 5000, 1)
    whole = enveloped(stored, 100)
    monkeypatch.setattr(envelopes, "_AT_ONCE", 1000)
    in_parts = enveloped(stored, 100)

    assert np.array_equal(whole.lows, in_parts.lows)
    assert np.array_equal(whole.highs, in_parts.highs)


def test_a_spike_of_one_sample_is_seen_in_a_million():
    stored = np.zeros((1, 1_000_000), "<i2")
    stored[0, 654_321] = 500
    positions, values = enveloped(stored, 1000).curve(0)

    assert values.max() == 500
    assert abs(positions[values.argmax()] - 654_321) <= 500


@given(st.floats(-1e3, 1e3), st.floats(-1e3, 1e3))
def test_a_negative_sensitivity_turns_the_curve_over(factor: float, baseline: float):
    stored = made(1, 300, 2)
    scaled = enveloped(stored, 20).scaled(np.array([factor]), np.array([baseline]))
    expected = stored * factor + baseline

    assert (scaled.lows.min(), scaled.highs.max()) == (expected.min(), expected.max())
