"""What event reports say, and what is reason for one: PS3.4 Tables CC.2.4-1, PS3.18 Section 11.13."""

from typing import Any

import pytest

from archive.dicom.dicom_json import DataSet
from tests.workitems import code, data_set, element, performer, tag, workitem
from workflow.event_reports import (
    EventReport,
    EventType,
    assigned,
    cancel_requested,
    message,
    of_change,
    of_creation,
    progress_report,
    scp_status_change,
    state_report,
)

UID = "1.2.3"

STATE, READINESS = tag("ProcedureStepState"), tag("InputReadinessState")
REASON, REASON_CODE = tag("ReasonForCancellation"), tag("ProcedureStepDiscontinuationReasonCodeSequence")
STATIONS, PERFORMERS = tag("ScheduledStationNameCodeSequence"), tag("ScheduledHumanPerformersSequence")
PERFORMER_CODE, ORGANIZATION = tag("HumanPerformerCodeSequence"), tag("HumanPerformerOrganization")


def in_progress(**item: Any) -> DataSet:
    """A workitem with one item of progress."""
    progress = [data_set(**item)] if item else []
    return workitem(ProcedureStepState="IN PROGRESS", ProcedureStepProgressInformationSequence=progress)


def types(reports: list[EventReport]) -> list[int]:
    return [int(report.type) for report in reports]


# -- what they say ---------------------------------------------------------------


def test_a_state_report_tells_state_and_readiness():
    report = state_report(UID, workitem(InputReadinessState="INCOMPLETE"))

    assert (report.type, report.workitem) == (1, UID)
    assert report.attributes == data_set(InputReadinessState="INCOMPLETE", ProcedureStepState="SCHEDULED")


def test_a_state_report_tells_why_it_is_canceled():
    why = {"ReasonForCancellation": "Broken", "ProcedureStepDiscontinuationReasonCodeSequence": [code("110501")]}

    report = state_report(UID, in_progress(**why, ProcedureStepCancellationDateTime="20261125"))

    assert report.attributes == data_set(**why, InputReadinessState="READY", ProcedureStepState="IN PROGRESS")


def test_a_wish_to_cancel_tells_who_has_it_and_what_was_said():
    said = {"ReasonForCancellation": "Wrong patient", "ContactURI": "tel:1", "ContactDisplayName": "Ward^7"}

    assert cancel_requested(UID, data_set(**said), "RIS").attributes == data_set(**said, RequestingAE="RIS")
    assert cancel_requested(UID, {}, "RIS").attributes == data_set(RequestingAE="RIS")


def test_a_wish_to_cancel_tells_nothing_else():
    details = data_set(PatientName="Doe^Jane", TransactionUID="1.2.9", ContactURI=[])

    assert cancel_requested(UID, details, "RIS").attributes == data_set(RequestingAE="RIS")


def test_a_progress_report_tells_how_far_it_is_and_whom_to_ask():
    told = {
        "ProcedureStepProgress": 50,
        "ProcedureStepProgressDescription": "Half of it",
        "ProcedureStepProgressParametersSequence": [data_set(ValueType="TEXT")],
        "ProcedureStepCommunicationsURISequence": [data_set(ContactURI="tel:1")],
    }

    report = progress_report(UID, in_progress(**told, ReasonForCancellation="None yet"))

    assert report.type == EventType.PROGRESS_REPORT
    assert report.attributes == data_set(ProcedureStepProgressInformationSequence=[data_set(**told)])


@pytest.mark.parametrize("status", ["RESTARTED", "GOING DOWN"])
def test_a_change_of_the_archives_status_says_that_nothing_is_lost(status: str):
    report = scp_status_change(status)

    assert (report.type, report.workitem) == (4, "1.2.840.10008.5.1.4.34.5")
    assert report.attributes == data_set(
        SCPStatus=status, SubscriptionListStatus="WARM START", UnifiedProcedureStepListStatus="WARM START"
    )


def test_each_human_performer_is_told_apart_and_with_the_stations():
    stations = [code("CT1"), code("CT2")]
    performers = [performer(value="A", organization="Radiology"), performer(value="B", organization="Cardiology")]

    reports = assigned(
        UID, workitem(ScheduledStationNameCodeSequence=stations, ScheduledHumanPerformersSequence=performers)
    )

    assert [report.attributes for report in reports] == [
        data_set(
            ScheduledStationNameCodeSequence=stations,
            HumanPerformerCodeSequence=[code(value)],
            HumanPerformerOrganization=organization,
        )
        for value, organization in (("A", "Radiology"), ("B", "Cardiology"))
    ]


def test_stations_without_performers_are_one_report():
    [report] = assigned(UID, workitem(ScheduledStationNameCodeSequence=[code("CT1")]))

    assert report.attributes == data_set(ScheduledStationNameCodeSequence=[code("CT1")])


def test_the_attributes_of_every_report_ascend():
    data = in_progress(ReasonForCancellation="Broken", ProcedureStepProgress=50) | {
        STATIONS: element("ScheduledStationNameCodeSequence", [code("CT1")]),
        PERFORMERS: element("ScheduledHumanPerformersSequence", [performer()]),
    }
    details = data_set(ReasonForCancellation="Broken", ContactURI="tel:1")
    reports = [
        state_report(UID, data),
        cancel_requested(UID, details, "RIS"),
        progress_report(UID, data),
        scp_status_change("RESTARTED"),
        *assigned(UID, data),
    ]

    for report in reports:
        assert list(report.attributes) == sorted(report.attributes)


# -- what is reason for one ------------------------------------------------------


def test_a_new_workitem_is_reported_by_its_state_and_then_whom_it_is_assigned_to():
    assert types(of_creation(UID, workitem())) == [1]
    assert types(of_creation(UID, workitem(ScheduledStationNameCodeSequence=[code("CT1")]))) == [1, 5]
    performers = [performer(value="A"), performer(value="B")]
    assert types(of_creation(UID, workitem(ScheduledHumanPerformersSequence=performers))) == [1, 5, 5]


@pytest.mark.parametrize(
    ("changes", "reasons"),
    [
        ({}, []),
        ({"ProcedureStepLabel": "Another"}, []),
        ({"ScheduledProcedureStepModificationDateTime": "20270101"}, []),
        ({"InputReadinessState": "INCOMPLETE"}, [1]),
        ({"ProcedureStepState": "COMPLETED"}, [1]),
        ({"ScheduledStationNameCodeSequence": [code("MR1")]}, [5]),
        ({"ScheduledStationNameCodeSequence": []}, [5]),
        ({"ScheduledHumanPerformersSequence": [performer(value="A"), performer(value="B")]}, [5, 5]),
        ({"ScheduledStationClassCodeSequence": [code("CT")]}, []),
        ({"UnifiedProcedureStepPerformedProcedureSequence": [data_set(ProcedureStepLabel="Done")]}, []),
        ({"ProcedureStepProgressInformationSequence": [data_set(ProcedureStepProgress=50)]}, [3]),
        ({"ProcedureStepProgressInformationSequence": [data_set(ProcedureStepProgressDescription="Half")]}, [3]),
        (
            {
                "ProcedureStepProgressInformationSequence": [
                    data_set(ProcedureStepCommunicationsURISequence=[data_set(ContactURI="tel:1")])
                ]
            },
            [3],
        ),
        (
            {
                "ProcedureStepProgressInformationSequence": [
                    data_set(
                        ProcedureStepCancellationDateTime="20261125",
                        ReasonForCancellation="Broken",
                        ProcedureStepDiscontinuationReasonCodeSequence=[code("110501")],
                        ProcedureStepProgressParametersSequence=[data_set(ValueType="TEXT")],
                    )
                ]
            },
            [],
        ),
        (
            {
                "ScheduledHumanPerformersSequence": [performer()],
                "ProcedureStepProgressInformationSequence": [data_set(ProcedureStepProgress=50)],
                "InputReadinessState": "UNAVAILABLE",
            },
            [1, 3, 5],
        ),
    ],
)
def test_a_change_is_reported_if_subscribers_care_about_it(changes: dict[str, Any], reasons: list[int]):
    before = workitem(ScheduledStationNameCodeSequence=[code("CT1")])

    assert types(of_change(UID, before, before | data_set(**changes))) == reasons


def test_an_assignment_is_told_whole_whichever_half_of_it_changed():
    before = workitem(
        ScheduledStationNameCodeSequence=[code("CT1")], ScheduledHumanPerformersSequence=[performer(value="A")]
    )

    [moved] = of_change(UID, before, before | data_set(ScheduledStationNameCodeSequence=[code("CT2")]))
    [handed_over] = of_change(UID, before, before | data_set(ScheduledHumanPerformersSequence=[performer(value="B")]))

    assert set(moved.attributes) == set(handed_over.attributes) == {STATIONS, PERFORMER_CODE, ORGANIZATION}


def test_progress_that_is_repeated_is_no_news():
    before = in_progress(ProcedureStepProgress=50)

    assert of_change(UID, before, in_progress(ProcedureStepProgress=50.0)) == []
    assert types(of_change(UID, before, in_progress(ProcedureStepProgress=51))) == [3]


# -- the message -----------------------------------------------------------------


def test_a_message_begins_with_the_elements_of_its_command():
    attributes = state_report(UID, workitem()).attributes

    text = message(EventType.STATE_REPORT, UID, attributes, 17)

    assert text == {
        "00000002": {"vr": "UI", "Value": ["1.2.840.10008.5.1.4.34.6.1"]},
        "00000110": {"vr": "US", "Value": [17]},
        "00001000": {"vr": "UI", "Value": [UID]},
        "00001002": {"vr": "US", "Value": [1]},
        "00404041": {"vr": "CS", "Value": ["READY"]},
        "00741000": {"vr": "CS", "Value": ["SCHEDULED"]},
    }
    assert list(text) == sorted(text)


@pytest.mark.parametrize(("sequence", "message_id"), [(1, 1), (65535, 65535), (65536, 1), (131070, 65535), (131071, 1)])
def test_message_ids_go_round_from_1_to_65535(sequence: int, message_id: int):
    assert message(1, UID, {}, sequence)["00000110"]["Value"] == [message_id]
    assert (message_id - sequence) % 65535 == 0
