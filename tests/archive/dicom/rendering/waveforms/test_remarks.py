"""What is said of waveforms within them."""

import pytest

from archive.dicom.rendering.waveforms.remarks import Remark, remarks
from tests.archive.dicom.rendering.shown import attributes_in
from tests.archive.dicom.rendering.waveforms.built import (
    built,
    channel,
    code,
    ecg,
    group,
    remark,
    sine,
    waveform_object,
)
from tests.builders import instance, part10


def only(**elements: object) -> Remark:
    text = elements.pop("text", "")
    found = remark(str(text), **elements)
    (made,) = remarks(waveform_object(remarks=[found]))
    return made


@pytest.mark.parametrize(
    ("elements", "text"),
    [
        ({"text": "ECG NORMALE"}, "ECG NORMALE"),
        ({"text": "two\r\nlines"}, "two lines"),
        ({"ConceptNameCodeSequence": code("1", meaning="P Onset")}, "P Onset"),
        (
            {
                "ConceptNameCodeSequence": code("1", meaning="QT Interval"),
                "NumericValue": "368",
                "MeasurementUnitsCodeSequence": code("ms"),
            },
            "QT Interval 368 ms",
        ),
        (
            {"ConceptNameCodeSequence": code("1", meaning="Ectopics"), "NumericValue": "3",
             "MeasurementUnitsCodeSequence": code("1")},
            "Ectopics 3",
        ),
        (
            {"ConceptNameCodeSequence": code("1", meaning="Rhythm"),
             "ConceptCodeSequence": code("2", meaning="Sinus rhythm")},
            "Rhythm: Sinus rhythm",
        ),
        ({"ConceptNameCodeSequence": code("5.10.3-1", "SCPECG", " ")}, "5.10.3-1"),
    ],
)  # fmt: skip
def test_a_remark_is_a_text_a_measurement_or_a_category(elements: dict[str, object], text: str):
    assert only(**elements).text == text


def test_a_remark_that_says_nothing_is_left_out():
    assert not list(remarks(waveform_object(remarks=[remark("", 1, 5)])))
    assert not list(remarks(attributes_in(part10(instance()))))


@pytest.mark.parametrize(
    ("range_type", "positions", "spans"),
    [
        ("POINT", (501,), [(1, 1)]),
        ("MULTIPOINT", (501, 1001), [(1, 1), (2, 2)]),
        ("SEGMENT", (501, 1001), [(1, 2)]),
        ("MULTISEGMENT", (1, 501, 1001, 1501), [(0, 1), (2, 3)]),
        ("BEGIN", (501,), [(1, 5)]),
        ("END", (501,), [(0, 1)]),
        ("", (501,), [(1, 1)]),
    ],
)
def test_a_remark_is_of_points_or_spans_of_time(
    range_type: str, positions: tuple[int, ...], spans: list[tuple[float, float]]
):
    shown = built(
        group(sine(5, 1)[:, None], [channel("II")]), remarks=[remark("x", 1, *positions, range_type=range_type)]
    )

    assert shown.remarks[0].spans(shown.groups[0]) == spans
    assert shown.remarks[0].is_placed


def test_a_remark_may_be_placed_in_seconds():
    shown = built(
        group(sine(5, 1)[:, None], [channel("II")]),
        remarks=[remark("x", TemporalRangeType="POINT", ReferencedTimeOffsets=["1.5"])],
    )

    assert shown.remarks[0].spans(shown.groups[0]) == [(1.5, 1.5)]


def test_a_remark_of_another_group_is_not_of_this_one():
    shown = built(group(sine(5, 1)[:, None], [channel("II")]), remarks=[remark("x", 2, 501)])

    assert shown.remarks[0].spans(shown.groups[0]) == []


def test_the_remarks_of_a_recording_are_those_of_its_file():
    found = list(remarks(ecg()))

    assert len(found) == 77
    assert [one.text for one in found[:2]] == ["RITMO SINUSALE", "ECG NORMALE"]
    assert [one.positions for one in found[11:13]] == [(299,), (413,)]
