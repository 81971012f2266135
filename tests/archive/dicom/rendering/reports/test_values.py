"""Value types of content items: PS3.3 Section C.18."""

from typing import Any

import pytest
from pydicom.dataset import Dataset

from tests.archive.dicom.rendering.reports.built import code, content, number_item, only, text_item
from tests.archive.dicom.rendering.shown import item

NO_VALUE = code("Not a number", "114000", "DCM")


def measured(**elements: Any) -> Dataset:
    return content("NUM", "Ratio", MeasuredValueSequence=[item(**elements)])


@pytest.mark.parametrize(
    ("built", "text"),
    [
        (text_item("A mass."), "A mass."),
        (text_item("one\r\ntwo\rthree\n"), "one\ntwo\nthree"),
        (content("CODE", "Finding", ConceptCodeSequence=[code("Mass")]), "Mass"),
        (content("CODE", "Finding", ConceptCodeSequence=[code(value="M-3")]), "M-3"),
        (content("DATETIME", "When", DateTime="20240131101530.5+0100"), "2024-01-31 10:15:30.5 +01:00"),
        (content("DATE", "Day", Date="20240131"), "2024-01-31"),
        (content("TIME", "Hour", Time="101530.000000"), "10:15:30"),
        (content("UIDREF", "Which", UID="1.2.3"), "1.2.3"),
        (content("PNAME", "Who", PersonName="Fukuda^Katherine^M.^Dr.^MD"), "Dr. Katherine M. Fukuda, MD"),
        (number_item("3.5"), "3.5 mm"),
        (number_item("4", "no units"), "4"),
        (measured(FloatingPointValue=0.25, NumericValue=""), "0.25"),
        (measured(RationalNumeratorValue=1, RationalDenominatorValue=3), "1/3"),
        (content("NUM", "Depth", MeasuredValueSequence=[]), "no value"),
        (content("NUM", "Depth"), "no value"),
        (content("NUM", "Depth", NumericValueQualifierCodeSequence=[NO_VALUE]), "Not a number"),
    ],
)
def test_a_value_is_in_words(built, text):
    assert only(built).text == text


@pytest.mark.parametrize(
    ("kind", "data", "text"),
    [
        ("POINT", [169.5, 360], "Point (169.5, 360)"),
        ("POLYLINE", [1, 2, 3, 4, 5, 6], "Polyline (1, 2), (3, 4), (5, 6)"),
        ("CIRCLE", [0.1, 0.2, 1e6, 7], "Circle (0.1, 0.2), (1000000, 7)"),
        ("POINT", [1, 2, 3], "Point (1, 2)"),
        ("MULTIPOINT", [0] * 80, f"Multipoint {', '.join(['(0, 0)'] * 32)}, … (40 points)"),
    ],
)
def test_a_place_in_an_image_is_its_points(kind, data, text):
    assert only(content("SCOORD", GraphicType=kind, GraphicData=data)).text == text


def test_a_place_in_space_says_in_which():
    place = content("SCOORD3D", GraphicType="POINT", GraphicData=[1, 2.5, -3], ReferencedFrameOfReferenceUID="1.2.3")
    assert only(place).text == "Point (1, 2.5, -3) in frame of reference 1.2.3"


@pytest.mark.parametrize(
    ("elements", "text"),
    [
        ({"ReferencedSamplePositions": [1, 16777217]}, "Segment: samples 1, 16777217"),
        ({"ReferencedTimeOffsets": ["1.5", "2"]}, "Segment: seconds 1.5, 2"),
        ({"ReferencedDateTime": ["20240131", "20240201"]}, "Segment: 2024-01-31, 2024-02-01"),
        ({"ReferencedSamplePositions": [7] * 40}, f"Segment: samples {', '.join(['7'] * 32)}, …"),
        ({}, "Segment"),
    ],
)
def test_moments_are_samples_offsets_or_times(elements, text):
    assert only(content("TCOORD", TemporalRangeType="SEGMENT", **elements)).text == text


@pytest.mark.parametrize("value_type", ["", "NOTE"])
def test_a_value_of_a_type_that_is_not_known_is_shown_nonetheless(value_type):
    assert only(content(value_type, "Note", TextValue="Hidden?")).text == "Hidden?"


def test_units_without_a_meaning_are_those_of_the_code():
    unit = item(CodeValue="cm", CodingSchemeDesignator="UCUM")
    assert only(measured(NumericValue="2", MeasurementUnitsCodeSequence=[unit])).text == "2 cm"


def test_codes_may_be_long_or_urns():
    long, urn = item(LongCodeValue="a long one"), item(URNCodeValue="urn:a:b")
    assert only(content("CODE", ConceptCodeSequence=[long, urn])).text == "a long one, urn:a:b"


def test_the_code_of_a_plain_number_may_mean_pixels():
    unit = code("px", "1", "UCUM")
    assert only(measured(NumericValue="2", MeasurementUnitsCodeSequence=[unit])).text == "2 px"
