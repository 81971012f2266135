"""What a workitem has to have in the end: Final State Requirements of PS3.4 Table CC.2.5-3, and how they are met."""

import pytest

from tests.full_workitems import full_update, full_workitem
from tests.workflow.checking import MISSING, NOW, OTHER_VALUE, WITHOUT_VALUE, created, problems, updated
from tests.workflow.published import ROWS
from tests.workitems import code, data_set, element, performed, progress, tag, workitem
from workflow.attribute_rules import for_cancellation, merged, missing_for, with_cancellation

PERFORMED = "UnifiedProcedureStepPerformedProcedureSequence"
PROGRESS = "ProcedureStepProgressInformationSequence"

#: R
OF_BOTH = (
    *("SOPClassUID", "SOPInstanceUID", "ScheduledProcedureStepPriority", "ScheduledProcedureStepModificationDateTime"),
    *("ScheduledProcedureStepStartDateTime", "InputReadinessState", "ProcedureStepState"),
)
#: P
OF_COMPLETED = (
    PERFORMED,
    f"{PERFORMED}.PerformedStationNameCodeSequence",
    f"{PERFORMED}.PerformedProcedureStepStartDateTime",
    f"{PERFORMED}.PerformedWorkitemCodeSequence",
    f"{PERFORMED}.PerformedProcedureStepEndDateTime",
    f"{PERFORMED}.OutputInformationSequence",
)
#: X
OF_CANCELED = (
    PROGRESS,
    f"{PROGRESS}.ProcedureStepCancellationDateTime",
    f"{PROGRESS}.ProcedureStepDiscontinuationReasonCodeSequence",
)


def kept(*changes, **attributes):
    """A workitem in the archive, after updates."""
    data_set = created(workitem(SOPInstanceUID="1.2.3", **attributes)).data_set
    for change in changes:
        data_set = merged(data_set, updated(change).data_set)
    return data_set


def test_they_are_those_of_the_table():
    by_code = {found: {cells["path"] for cells in ROWS if cells["final"] == found} for found in ("R", "P", "X", "RC")}
    performers = f"{PERFORMED}.ActualHumanPerformersSequence"
    assert by_code == {
        "R": set(OF_BOTH),
        "P": set(OF_COMPLETED),
        "X": set(OF_CANCELED),
        "RC": {
            "SpecificCharacterSet",
            performers,
            f"{performers}.HumanPerformerCodeSequence",
            f"{performers}.HumanPerformerName",
        },
    }


# -- completed -------------------------------------------------------------------


def test_what_is_performed_can_be_completed():
    assert missing_for("COMPLETED", kept(performed())) == []


def test_what_has_everything_can_be_completed_and_canceled():
    everything = merged(created(full_workitem(SOPInstanceUID="1.2.3")).data_set, updated(full_update()).data_set)
    assert missing_for("COMPLETED", everything) == missing_for("CANCELED", everything) == []


def test_what_is_not_performed_cannot_be_completed():
    assert missing_for("COMPLETED", kept()) == list(OF_COMPLETED)


@pytest.mark.parametrize("keywords", OF_COMPLETED[1:])
def test_completed_misses_what_the_performer_did_not_tell(keywords):
    keyword = keywords.rpartition(".")[2]
    assert missing_for("COMPLETED", kept(performed(**{keyword: None}))) == [keywords]


@pytest.mark.parametrize(
    "keyword",
    ["PerformedStationNameCodeSequence", "PerformedWorkitemCodeSequence", "PerformedProcedureStepEndDateTime"],
)
def test_completed_misses_what_the_performer_left_empty(keyword):
    told = kept(performed())
    told[tag(PERFORMED)]["Value"][0][tag(keyword)] = element(keyword, [])
    assert missing_for("COMPLETED", told) == [f"{PERFORMED}.{keyword}"]


def test_there_may_be_no_output():
    assert missing_for("COMPLETED", kept(performed(OutputInformationSequence=[]))) == []


def test_every_item_of_what_was_performed_is_looked_at():
    (first,) = performed()[tag(PERFORMED)]["Value"]
    (second,) = performed(PerformedWorkitemCodeSequence=None)[tag(PERFORMED)]["Value"]
    told = kept(data_set(**{PERFORMED: [first, second]}))
    assert missing_for("COMPLETED", told) == [f"{PERFORMED}.PerformedWorkitemCodeSequence"]


def test_performed_data_that_is_cleared_is_missed():
    assert missing_for("COMPLETED", kept(performed(), data_set(**{PERFORMED: []}))) == list(OF_COMPLETED)


@pytest.mark.parametrize("state", ["COMPLETED", "CANCELED"])
@pytest.mark.parametrize("keyword", OF_BOTH)
def test_both_miss_what_has_to_have_a_value(keyword, state):
    whole = with_cancellation(kept(performed()), now=NOW)
    assert missing_for(state, whole) == []
    assert missing_for(state, {key: found for key, found in whole.items() if key != tag(keyword)}) == [keyword]
    assert missing_for(state, whole | {tag(keyword): {"vr": whole[tag(keyword)]["vr"]}}) == [keyword]


# -- canceled --------------------------------------------------------------------


def test_what_is_not_canceled_misses_why_and_when():
    assert missing_for("CANCELED", kept()) == list(OF_CANCELED)
    assert missing_for("CANCELED", kept(progress())) == list(OF_CANCELED[1:])


def test_canceled_misses_nothing_of_what_was_performed():
    assert missing_for("CANCELED", with_cancellation(kept(), now=NOW)) == []


def test_the_archive_says_when_and_that_nobody_said_why():
    canceled = with_cancellation(kept(), now=NOW)
    assert canceled[tag(PROGRESS)]["Value"] == [
        data_set(
            ProcedureStepCancellationDateTime=NOW,
            ProcedureStepDiscontinuationReasonCodeSequence=[
                code("110513", "Discontinued for unspecified reason", "DCM")
            ],
        )
    ]
    assert list(canceled) == sorted(canceled)


def test_what_the_performer_said_stays():
    said = data_set(
        ProcedureStepProgress="50",
        ProcedureStepCancellationDateTime="20261125120000",
        ProcedureStepDiscontinuationReasonCodeSequence=[code("110514", "Incorrect worklist entry selected", "DCM")],
    )
    before = kept(data_set(**{PROGRESS: [said]}))
    assert with_cancellation(before, now=NOW) == before


REQUEST = data_set(
    ReasonForCancellation="The patient went home",
    ProcedureStepDiscontinuationReasonCodeSequence=[code("110501", "Equipment failure", "DCM")],
    ContactURI="tel:+1-555-0100",
    ContactDisplayName="Front desk",
)


def test_what_the_request_said_is_kept():
    canceled = with_cancellation(kept(), now=NOW, reason=for_cancellation(REQUEST))
    assert canceled[tag(PROGRESS)]["Value"] == [
        data_set(
            ProcedureStepCancellationDateTime=NOW,
            ReasonForCancellation="The patient went home",
            ProcedureStepDiscontinuationReasonCodeSequence=[code("110501", "Equipment failure", "DCM")],
            ProcedureStepCommunicationsURISequence=[
                data_set(ContactURI="tel:+1-555-0100", ContactDisplayName="Front desk")
            ],
        )
    ]


def test_the_reason_of_the_request_outranks_the_one_held_and_its_contact_is_added():
    desk, office = data_set(ContactURI="tel:1"), data_set(ContactURI="tel:2")
    before = kept(progress(ProcedureStepCommunicationsURISequence=[desk], ReasonForCancellation="Perhaps"))
    reason = for_cancellation(data_set(ReasonForCancellation="Certainly", ContactURI="tel:2"))
    (item,) = with_cancellation(before, now=NOW, reason=reason)[tag(PROGRESS)]["Value"]
    assert item[tag("ReasonForCancellation")]["Value"] == ["Certainly"]
    assert item[tag("ProcedureStepCommunicationsURISequence")]["Value"] == [desk, office]
    assert item[tag("ProcedureStepProgress")]["Value"] == [50]


def test_a_contact_that_cannot_be_reached_is_not_kept():
    reason = for_cancellation(data_set(ContactDisplayName="Front desk"))
    assert reason == data_set(ContactDisplayName="Front desk")
    (item,) = with_cancellation(kept(), now=NOW, reason=reason)[tag(PROGRESS)]["Value"]
    assert tag("ProcedureStepCommunicationsURISequence") not in item


# -- requests to cancel ----------------------------------------------------------


def test_a_request_to_cancel_need_not_say_anything():
    assert for_cancellation({}) == {}


def test_a_request_to_cancel_says_so_much():
    assert for_cancellation(REQUEST | data_set(PatientName="Doe^Jane", ProcedureStepState="CANCELED")) == REQUEST


@pytest.mark.parametrize("keyword", ["ReasonForCancellation", "ContactURI", "ContactDisplayName"])
def test_what_a_request_says_has_a_value(keyword):
    assert set(problems(for_cancellation, data_set(**{keyword: []})).values()) == {WITHOUT_VALUE}
    several = {tag(keyword): {"vr": "LO", "Value": ["a", "b"]}}
    assert set(problems(for_cancellation, several).values()) == {OTHER_VALUE}


def test_the_code_of_a_request_is_a_code():
    given = data_set(ProcedureStepDiscontinuationReasonCodeSequence=[data_set(CodeValue="110501")])
    name = f"{PROGRESS}[1].ProcedureStepDiscontinuationReasonCodeSequence"
    assert problems(for_cancellation, given) == {
        f"{name}[1].CodingSchemeDesignator": MISSING,
        f"{name}[1].CodeMeaning": MISSING,
    }
    empty = data_set(ProcedureStepDiscontinuationReasonCodeSequence=[])
    assert problems(for_cancellation, empty) == {name: WITHOUT_VALUE}
