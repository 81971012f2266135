"""Bars are as high as what they stand for."""

from hypothesis import given
from hypothesis import strategies as st

from config.dashboard.plots import HEIGHT, LEAST, WIDTH, plot

VALUES = st.lists(st.integers(0, 10**9), max_size=40)


@given(VALUES)
def test_bars_stand_beside_each_other_on_the_ground_and_within_the_plot(values):
    bars = plot("Studies", [(str(number), value) for number, value in enumerate(values)]).bars

    ends = [0.0]
    for bar in bars:
        assert float(bar.x) >= ends[-1] - 0.01
        ends.append(float(bar.x) + float(bar.width))
        assert abs(float(bar.y) + float(bar.height) - HEIGHT) < 0.02
    assert ends[-1] <= WIDTH


@given(VALUES)
def test_bars_are_in_proportion_and_something_is_always_seen(values):
    found = plot("Studies", [("", value) for value in values])

    for bar, value in zip(found.bars, values, strict=True):
        height = float(bar.height)
        assert height == 0 if value == 0 else height >= LEAST
        assert not value or abs(height - max(LEAST, HEIGHT * value / found.most)) < 0.01


def test_nothing_makes_an_empty_plot():
    assert plot("Studies", []).most == 0
