"""The potential of a heart beat over time, as a sum of bells: P, Q, R, S and T."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

Curve = NDArray[np.float64]

#: Middle, in beats from the onset of P, and width of each wave.
_WAVES = {"P": (0.09, 0.022), "Q": (0.222, 0.0085), "R": (0.245, 0.0105), "S": (0.27, 0.0105), "T": (0.50, 0.048)}

#: Millivolts of each wave: the leads of the frontal plane follow from I and II.
LEADS: Mapping[str, Mapping[str, float]] = {
    "I": {"P": 0.09, "Q": -0.05, "R": 0.75, "S": -0.12, "T": 0.24},
    "II": {"P": 0.15, "Q": -0.08, "R": 1.15, "S": -0.18, "T": 0.33},
    "V1": {"P": 0.06, "Q": 0.0, "R": 0.22, "S": -0.95, "T": -0.09},
    "V2": {"P": 0.08, "Q": 0.0, "R": 0.42, "S": -1.45, "T": 0.34},
    "V3": {"P": 0.09, "Q": 0.0, "R": 0.85, "S": -0.95, "T": 0.45},
    "V4": {"P": 0.10, "Q": -0.06, "R": 1.50, "S": -0.50, "T": 0.44},
    "V5": {"P": 0.10, "Q": -0.09, "R": 1.40, "S": -0.24, "T": 0.37},
    "V6": {"P": 0.09, "Q": -0.10, "R": 1.05, "S": -0.12, "T": 0.28},
}


def beat(phase: Curve, lead: str = "II") -> Curve:
    """Millivolts at the phases of a beat, from 0 to 1."""
    bells = (
        height * np.exp(-0.5 * ((phase - _WAVES[wave][0]) / _WAVES[wave][1]) ** 2)
        for wave, height in LEADS[lead].items()
    )
    return np.asarray(sum(bells))


def twelve_leads(seconds: float, frequency: int) -> dict[str, Curve]:
    """Millivolts of the standard leads, at about 72 beats a minute that follow each other as breath has it."""
    random = np.random.default_rng(9)
    times = np.arange(round(seconds * frequency)) / frequency
    beats = times * 1.2 + 0.035 * np.sin(2 * np.pi * times / 4.2)
    measured = {
        lead: beat(beats % 1, lead)
        + 0.025 * np.sin(2 * np.pi * times / 3.7 + place)
        + random.normal(0, 0.006, times.size)
        for place, lead in enumerate(LEADS)
    }
    one, two = measured.pop("I"), measured.pop("II")
    frontal = {"I": one, "II": two, "III": two - one}
    augmented = {"aVR": -(one + two) / 2, "aVL": one - two / 2, "aVF": two - one / 2}
    return frontal | augmented | measured
