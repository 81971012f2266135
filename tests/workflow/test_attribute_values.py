"""The values of a workitem as they are kept."""

import pytest

from tests.workflow.checking import OTHER_VALUE, created, normalised, problems, updated
from tests.workitems import code, data_set, element, progress, references, tag, workitem
from workflow.errors import InvalidWorkitem

LABEL = tag("ProcedureStepLabel")


def kept(keyword, value):
    """What becomes of the value of an attribute."""
    return normalised({tag(keyword): value})[tag(keyword)]


# -- VRs -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("keyword", "sent", "expected"),
    [
        ("ProcedureStepLabel", {"vr": "SH", "Value": ["x"]}, {"vr": "LO", "Value": ["x"]}),
        ("ProcedureStepLabel", {"vr": "US", "Value": [7]}, {"vr": "LO", "Value": ["7"]}),
        ("ProcedureStepLabel", {"vr": "UN"}, {"vr": "LO"}),
        ("PregnancyStatus", {"vr": "LO", "Value": ["4"]}, {"vr": "US", "Value": [4]}),
        ("PatientName", {"vr": "LO", "Value": ["Doe^Jane"]}, {"vr": "PN", "Value": [{"Alphabetic": "Doe^Jane"}]}),
        ("PatientWeight", {"vr": "FD", "Value": [70.5]}, {"vr": "DS", "Value": [70.5]}),
        ("ScheduledStationNameCodeSequence", {"vr": "UN"}, {"vr": "SQ"}),
    ],
)
def test_the_dictionary_knows_the_vr_better_than_the_sender(keyword, sent, expected):
    assert kept(keyword, sent) == expected


@pytest.mark.parametrize(
    ("keyword", "sent"),
    [
        ("PregnancyStatus", {"vr": "LO", "Value": ["perhaps"]}),
        ("PregnancyStatus", {"vr": "US", "Value": [65536]}),
        ("ProcedureStepLabel", {"vr": "PN", "Value": [{"Alphabetic": "Doe^Jane"}]}),
        ("ProcedureStepLabel", {"vr": "SQ", "Value": [{}]}),
        ("ProcedureStepLabel", {"vr": "LO", "Value": ["a\\b"]}),
        ("ProcedureStepLabel", {"vr": "LO", "Value": [True]}),
        ("ProcedureStepLabel", {"vr": "OB", "InlineBinary": "AAAA"}),
        ("ScheduledStationNameCodeSequence", {"vr": "LO", "Value": ["A"]}),
    ],
)
def test_values_that_the_vr_does_not_allow(keyword, sent):
    assert problems(normalised, {tag(keyword): sent}) == {keyword: OTHER_VALUE}


def test_values_of_another_vr_in_an_item():
    item = data_set(CodingSchemeDesignator="99TEST", CodeMeaning="What") | {"00080100": {"vr": "LO", "Value": ["A"]}}
    stations = normalised(workitem(ScheduledStationNameCodeSequence=[item]))["00404025"]["Value"]
    assert stations == [code("A", "What")]


def test_values_have_to_be_within_the_workitem():
    sent = {LABEL: {"vr": "LT", "BulkDataURI": "https://elsewhere.example/1"}}
    with pytest.raises(InvalidWorkitem, match=r"ProcedureStepLabel .* BulkDataURI") as refused:
        normalised(sent)
    assert "elsewhere.example" not in str(refused.value)


# -- numbers and texts -----------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("50", 50),
        ("+050", 50),
        ("50.0", 50.0),
        ("-1.5e1", -15.0),
        (".5", 0.5),
        ("9" * 20, 1e20),
    ],
)
def test_numbers_that_are_texts_become_numbers(text, number):
    found = kept("PatientWeight", {"vr": "DS", "Value": [text]})["Value"][0]
    assert found == number
    assert type(found) is type(number)


@pytest.mark.parametrize("text", ["half", "1e999", "NaN", "1,5", "--1"])
def test_what_is_not_a_number(text):
    assert problems(updated, progress(text)) == {
        "ProcedureStepProgressInformationSequence[1].ProcedureStepProgress": OTHER_VALUE
    }
    assert kept("PatientWeight", {"vr": "DS", "Value": [text]}) == {"vr": "DS", "Value": [text]}


def test_values_may_leave_gaps():
    assert kept("PertinentResourcesSequence", {"vr": "SQ"}) == {"vr": "SQ"}
    assert kept("EthnicGroupCodeSequence", {"vr": "SQ", "Value": []}) == {"vr": "SQ"}
    assert kept("OtherPatientNames", {"vr": "PN", "Value": [None, "Doe^J"]})["Value"] == [None, {"Alphabetic": "Doe^J"}]


@pytest.mark.parametrize("number", [50, 50.5])
def test_numbers_stay_numbers(number):
    assert kept("PatientWeight", {"vr": "DS", "Value": [number]}) == {"vr": "DS", "Value": [number]}


@pytest.mark.parametrize(
    ("keyword", "sent", "expected"),
    [
        ("ProcedureStepLabel", "Check ", "Check"),
        ("ProcedureStepLabel", " Check", " Check"),
        ("InputReadinessState", "READY ", "READY"),
        ("ScheduledProcedureStepStartDateTime", "2026 ", "2026"),
        ("CommentsOnTheScheduledProcedureStep", "a\r\nb  ", "a\r\nb"),
        ("PatientName", "Doe^Jane ", {"Alphabetic": "Doe^Jane"}),
    ],
)
def test_spaces_at_the_end_say_nothing(keyword, sent, expected):
    assert kept(keyword, element(keyword, sent))["Value"] == [expected]


@pytest.mark.parametrize("values", [[""], ["  "], [None], [], [None, ""]])
def test_values_that_say_nothing_are_none(values):
    assert kept("AdmittingDiagnosesDescription", {"vr": "LO", "Value": values}) == {"vr": "LO"}


def test_a_label_of_spaces_is_none():
    assert problems(created, workitem(ProcedureStepLabel="   ")) == {"ProcedureStepLabel": 0x0121}


# -- what searches and reports rely on -------------------------------------------


@pytest.mark.parametrize("text", ["2026", "202611", "20261125101500.123456", "20261125101500+0100", "2026112510-0330"])
def test_dates_with_times(text):
    assert kept("ScheduledProcedureStepStartDateTime", element("ScheduledProcedureStepStartDateTime", text))


@pytest.mark.parametrize(
    "text", ["soon", "2026-11-25", "20261325", "20261125T101500", "20261125101500 0100", "20261125+9900", "20261125-"]
)
def test_what_is_not_a_date_with_time(text):
    given = workitem(ScheduledProcedureStepStartDateTime=text)
    assert problems(created, given) == {"ScheduledProcedureStepStartDateTime": OTHER_VALUE}


@pytest.mark.parametrize("uid", ["a study", "1..2 3", "1.2/3", "1." * 33 + "1"])
def test_what_is_not_a_uid(uid):
    assert problems(created, workitem(StudyInstanceUID=uid)) == {"StudyInstanceUID": OTHER_VALUE}


@pytest.mark.parametrize("uid", ["1.02.3", "7", "1.2.3"])
def test_uids_of_objects_are_taken_as_they_are(uid):
    """The archive stores instances with such UIDs."""
    given = workitem(InputInformationSequence=[references(("1.2.3", uid), study=uid)])
    assert not created(given, strict=True).modified


@pytest.mark.parametrize(
    ("keyword", "values"),
    [
        ("ScheduledProcedureStepPriority", ["HIGH", "MEDIUM", "LOW"]),
        ("InputReadinessState", ["INCOMPLETE", "UNAVAILABLE", "READY"]),
    ],
)
def test_enumerations(keyword, values):
    for value in values:
        assert not created(workitem(**{keyword: value}), strict=True).modified
    for value in ("FOO", values[0].lower()):
        assert problems(created, workitem(**{keyword: value})) == {keyword: OTHER_VALUE}


@pytest.mark.parametrize("state", ["SCHEDULED", "IN PROGRESS", "CANCELED", "COMPLETED"])
def test_states(state):
    assert kept("ProcedureStepState", element("ProcedureStepState", state))["Value"] == [state]


def test_one_value_where_there_can_be_one():
    given = workitem(ProcedureStepLabel=["a", "b"], WorklistLabel=["a", "b"])
    assert problems(created, given) == {"ProcedureStepLabel": OTHER_VALUE, "WorklistLabel": OTHER_VALUE}


def test_several_values_where_there_can_be_several():
    given = workitem(AdmittingDiagnosesDescription=["a", "b"], OtherPatientNames=["Doe^J", "Doe^John"])
    assert not created(given, strict=True).modified


def test_other_values_are_their_senders():
    """A rule that takes a patient's data from old images is not to fail for them."""
    assert not created(workitem(PatientBirthDate="unknown", PatientSex="X-Y"), strict=True).modified


# -- which attributes ------------------------------------------------------------


@pytest.mark.parametrize("name", ["00000100", "00001000", "00020010", "00041220", "00080000", "FFFEE000"])
def test_what_is_of_no_data_set_is_passed_over(name):
    checked = created(workitem() | {name: {"vr": "UL", "Value": [1]}}, strict=True)
    assert not checked.modified
    assert name not in checked.data_set


@pytest.mark.parametrize("name", ["Modality", "StudyDescription", "ScheduledProcedureStepID", "PixelData"])
def test_what_the_iod_does_not_have_is_dropped(name):
    checked = created(workitem() | {tag(name): {"vr": "LO", "Value": ["CT"]}}, strict=True)
    assert checked.modified
    assert tag(name) not in checked.data_set


@pytest.mark.parametrize("name", ["0008FFFE", "00100099"])
def test_what_nobody_knows_is_dropped(name):
    unknown = {name: {"vr": "LO", "Value": ["x"]}}
    checked = created(workitem(ScheduledStationNameCodeSequence=[code("A") | unknown]) | unknown, strict=True)
    assert checked.modified
    assert name not in checked.data_set
    assert checked.data_set["00404025"]["Value"] == [code("A")]


def test_items_have_any_attribute_of_the_dictionary():
    item = code("A") | data_set(ContextIdentifier="4031")
    checked = created(workitem(ScheduledStationNameCodeSequence=[item]), strict=True)
    assert not checked.modified
    assert checked.data_set["00404025"]["Value"] == [dict(sorted(item.items()))]


@pytest.mark.parametrize("keyword", ["PatientWeight", "VisitStatusID", "TimezoneOffsetFromUTC", "VisitComments"])
def test_other_attributes_of_the_modules_are_kept(keyword):
    value = element(keyword, {"PatientWeight": "70", "TimezoneOffsetFromUTC": "+0100"}.get(keyword, "x"))
    checked = created(workitem() | {tag(keyword): value}, strict=True)
    assert not checked.modified
    assert tag(keyword) in checked.data_set


PRIVATE = {
    "00290010": {"vr": "LO", "Value": ["ACME"]},
    "00291001": {"vr": "OB", "InlineBinary": "AAEC"},
    "00291002": {"vr": "DS", "Value": ["1.5", "2"]},
}


def test_private_attributes_are_kept():
    """The SOP Class is extended by them."""
    checked = created(workitem() | PRIVATE, strict=True)
    assert not checked.modified
    assert {name: checked.data_set[name] for name in PRIVATE} == PRIVATE | {"00291002": {"vr": "DS", "Value": [1.5, 2]}}


@pytest.mark.parametrize("name", ["00291001", "00291101", "00290001"])
def test_private_attributes_of_nobody_are_dropped(name):
    private = {"00290010": {"vr": "LO"}} | {name: {"vr": "LO", "Value": ["x"]}}
    checked = created(workitem() | private, strict=True)
    assert checked.modified
    assert name not in checked.data_set
