"""Data sets for people to read."""

from archive.dicom.readable import LONGEST, Line, lines
from tests.workitems import code, data_set


def test_attributes_have_names_and_values_and_what_is_in_sequences_is_deeper():
    item = data_set(Rows=5, ProcedureStepLabel="Read")
    read = data_set(
        PatientName={"Alphabetic": "Yamada^Tarou", "Ideographic": "山田^太郎"},
        OtherPatientIDsSequence=[item],
        ReferencedRequestSequence=[data_set(AccessionNumber="1"), data_set(AccessionNumber="2")],
    )

    assert list(lines(read)) == [
        Line(0, "00100010", "Patient's Name", "Yamada^Tarou=山田^太郎"),
        Line(0, "00101002", "Other Patient IDs Sequence", ""),
        Line(1, "00280010", "Rows", "5"),
        Line(1, "00741204", "Procedure Step Label", "Read"),
        Line(0, "0040A370", "Referenced Request Sequence", ""),
        Line(1, "", "Item 1", ""),
        Line(2, "00080050", "Accession Number", "1"),
        Line(1, "", "Item 2", ""),
        Line(2, "00080050", "Accession Number", "2"),
    ]


def test_codes_are_read_by_what_they_mean():
    long = data_set(LongCodeValue="a long one", CodeMeaning="Long")
    read = data_set(
        ScheduledStationNameCodeSequence=[code("AI", "Algorithm", "99X")],
        ScheduledWorkitemCodeSequence=[code("1"), long],
    )

    assert [line.text for line in lines(read)] == [
        "What it means (1, 99TEST); Long (a long one)",
        "Algorithm (AI, 99X)",
    ]


def test_what_cannot_be_read_is_said_and_what_has_no_value_is_left_out():
    read = {
        "00091001": {"vr": "UN", "InlineBinary": "AAECAwQF"},
        "00091002": {"vr": "LO", "Value": ["one", None, "three"]},
        "00104000": {"vr": "LT", "Value": ["x" * (LONGEST + 1)]},
        "00100020": {"vr": "LO"},
        "00101002": {"vr": "SQ"},
    }

    unnamed, values, long = lines(read)

    assert (unnamed.name, unnamed.text) == ("(0009,1001)", "6 bytes")
    assert values.text == "one; ; three"
    assert long.text == "x" * LONGEST + "…"
