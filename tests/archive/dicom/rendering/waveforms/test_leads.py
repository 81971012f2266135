"""What leads are called."""

import pytest

from archive.dicom.rendering.waveforms.leads import RHYTHM, TWELVE, lead
from archive.dicom.rendering.waveforms.waveform import waveform
from tests.archive.dicom.rendering.waveforms.built import LEADS, ecg


@pytest.mark.parametrize(
    ("source", "texts", "name"),
    [
        (("5.6.3-9-1", "SCPECG"), (), "I"),
        (("5.6.3-9-62", "SCPECG"), (), "aVR"),
        (("2:8", "MDC"), (), "V6"),
        (("2:61", "MDC"), ("Lead V1",), "III"),
        (("5.6.3-9-1", "99LOCAL"), ("", "Lead aVF"), "aVF"),
        (("", ""), ("AVL",), "aVL"),
        (("", ""), ("lead I (Einthoven)",), "I"),
        (("", ""), ("CH1 V5",), ""),
        (("", ""), ("Leading edge",), ""),
        (("5.6.3-9-999", "SCPECG"), (), ""),
    ],
)
def test_a_lead_is_known_by_its_code_or_else_by_its_label(source: tuple[str, str], texts: tuple[str, ...], name: str):
    assert lead(source, *texts) == name


def test_the_leads_of_a_recording_are_known():
    assert tuple(channel.name for channel in waveform(ecg()).groups[0].channels) == LEADS


def test_the_twelve_are_those_that_are_printed():
    assert {name for row in TWELVE for name in row} == set(LEADS)
    assert RHYTHM in LEADS
