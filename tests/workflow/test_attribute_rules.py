"""What a workitem has to be when it is created and updated: PS3.4 Section CC.2.5, Table CC.2.5-3, row by row."""

import pytest

from tests.full_workitems import full_update, full_workitem
from tests.workflow.checking import MISSING, NOT_ALLOWED, NOW, OTHER_VALUE, WITHOUT_VALUE, created, problems, updated
from tests.workflow.published import ROWS
from tests.workitems import (
    PRESENT,
    VALUED,
    code,
    data_set,
    element,
    progress,
    tag,
    workitem,
)
from workflow.attribute_rules import for_creation, merged
from workflow.errors import InvalidWorkitem, NotScheduled, Problem

#: Present, and may be empty; what a missing one makes of it.
FILLED_IN = set(PRESENT) - {"TransactionUID", "WorklistLabel"}
HAS_TO_BE_EMPTY = {
    "TransactionUID": "1.2.3",
    "ProcedureStepProgressInformationSequence": [data_set(ProcedureStepProgress="1")],
    "UnifiedProcedureStepPerformedProcedureSequence": [data_set(PerformedProcedureStepDescription="x")],
}


strictly = pytest.mark.parametrize("strict", [False, True], ids=["lenient", "strict"])


# -- created: the data set -------------------------------------------------------


@strictly
def test_the_smallest_workitem_is_created(strict):
    checked = created(workitem(), strict=strict)
    assert not checked.modified
    assert set(checked.data_set) == {*workitem(), tag("SOPClassUID"), "00404010"} - {tag("TransactionUID")}


@strictly
def test_a_workitem_with_everything_is_created_as_it_is(strict):
    checked = created(full_workitem(), strict=strict)
    assert not checked.modified
    own = {tag("SOPClassUID"), tag("ScheduledProcedureStepModificationDateTime")}
    of_numbers = {tag("ScheduledProcessingParametersSequence")}
    assert set(checked.data_set) == own | set(full_workitem()) - {tag("TransactionUID")}
    for key in set(checked.data_set) - own - of_numbers:
        assert checked.data_set[key] == full_workitem()[key]


@strictly
@pytest.mark.parametrize("keyword", VALUED)
def test_what_has_to_have_a_value_is_missed(keyword, strict):
    assert problems(created, workitem(**{keyword: None}), strict=strict) == {keyword: MISSING}


@strictly
@pytest.mark.parametrize("keyword", VALUED)
def test_what_has_to_have_a_value_cannot_be_empty(keyword, strict):
    assert problems(created, workitem(**{keyword: []}), strict=strict) == {keyword: WITHOUT_VALUE}


@pytest.mark.parametrize("keyword", PRESENT)
def test_what_has_to_be_there_is_missed_by_a_strict_archive(keyword):
    assert problems(created, workitem(**{keyword: None}), strict=True) == {keyword: MISSING}


@pytest.mark.parametrize("keyword", sorted(FILLED_IN))
def test_what_has_to_be_there_is_filled_in(keyword):
    checked = created(workitem(**{keyword: None}))
    assert checked.modified
    assert checked.data_set[tag(keyword)] == element(keyword, [])
    assert list(checked.data_set) == sorted(checked.data_set)


def test_the_transaction_uid_leaves_nothing_to_fill_in():
    checked = created(workitem(TransactionUID=None))
    assert not checked.modified
    assert tag("TransactionUID") not in checked.data_set


@pytest.mark.parametrize(("value", "strict"), [(None, False), ([], False), ([], True)])
def test_a_worklist_label_is_chosen_for_a_workitem_without_one(value, strict):
    checked = for_creation(workitem(WorklistLabel=value), strict=strict, now=NOW, worklist_label="REST")
    assert checked.modified
    assert checked.data_set[tag("WorklistLabel")] == element("WorklistLabel", "REST")


@strictly
@pytest.mark.parametrize("keyword", sorted(set(PRESENT) - {"WorklistLabel"}))
def test_what_may_be_empty_may_be_empty(keyword, strict):
    assert not created(workitem(**{keyword: []}), strict=strict).modified


@strictly
@pytest.mark.parametrize(("keyword", "value"), HAS_TO_BE_EMPTY.items())
def test_what_has_to_be_empty_cannot_have_a_value(keyword, value, strict):
    assert problems(created, workitem(**{keyword: value}), strict=strict) == {keyword: OTHER_VALUE}


@pytest.mark.parametrize("keyword", ["StudyInstanceUID", "PatientID", "ScheduledHumanPerformersSequence"])
def test_what_only_the_sender_knows_to_be_needed_is_not_missed(keyword):
    checked = created(workitem(**{keyword: None}), strict=True)
    assert tag(keyword) not in checked.data_set
    assert created(workitem(**{keyword: []}), strict=True).data_set[tag(keyword)] == element(keyword, [])


def test_an_optional_attribute_has_a_value_if_it_is_there():
    """3/1."""
    assert problems(created, workitem(ExpectedCompletionDateTime=[])) == {"ExpectedCompletionDateTime": WITHOUT_VALUE}


@pytest.mark.parametrize("keyword", ["MedicalAlerts", "ScheduledProcedureStepExpirationDateTime", "PatientWeight"])
def test_other_optional_attributes_may_be_empty(keyword):
    """3/2, 3/3."""
    assert not created(workitem(**{keyword: []}), strict=True).modified


# -- created: states and what the archive sets -----------------------------------


@strictly
@pytest.mark.parametrize("state", ["IN PROGRESS", "COMPLETED", "CANCELED", "CANCELLED", "scheduled", "FOO"])
def test_a_new_workitem_is_scheduled(state, strict):
    with pytest.raises(NotScheduled):
        created(workitem(ProcedureStepState=state), strict=strict)


def test_class_and_modification_time_are_the_archives():
    checked = created(workitem())
    assert checked.data_set["00080016"] == element("SOPClassUID", "1.2.840.10008.5.1.4.34.6.1")
    assert checked.data_set["00404010"] == element("ScheduledProcedureStepModificationDateTime", NOW)


@pytest.mark.parametrize(
    ("keyword", "value"),
    [
        ("ScheduledProcedureStepModificationDateTime", "20200101"),
        ("SOPClassUID", "1.2.840.10008.5.1.4.34.6.3"),
    ],
)
def test_what_the_archive_sets_is_not_the_clients(keyword, value):
    checked = created(workitem(**{keyword: value}))
    assert checked.modified
    assert checked.data_set[tag(keyword)] == created(workitem()).data_set[tag(keyword)]


def test_the_class_of_a_client_that_knows_it_changes_nothing():
    assert not created(workitem(SOPClassUID="1.2.840.10008.5.1.4.34.6.1")).modified


def test_a_uid_within_the_data_set_stays():
    assert created(workitem(SOPInstanceUID="1.2.3"), strict=True).data_set["00080018"]["Value"] == ["1.2.3"]


def test_a_uid_within_the_data_set_that_is_none():
    assert problems(created, workitem(SOPInstanceUID="1.02.3")) == {"SOPInstanceUID": OTHER_VALUE}
    assert problems(created, workitem(SOPInstanceUID=[])) == {"SOPInstanceUID": WITHOUT_VALUE}


# -- updated: the data set -------------------------------------------------------

#: PS3.4 Table CC.2.5-3, Not Allowed in N-SET.
CANNOT_BE_UPDATED = {
    "TransactionUID": "1.2.3",
    "SOPClassUID": "1.2.840.10008.5.1.4.34.6.1",
    "SOPInstanceUID": "1.2.3",
    "PatientName": "Doe^Jane",
    "PatientID": "ID-1",
    "IssuerOfPatientID": "HOSPITAL",
    "IssuerOfPatientIDQualifiersSequence": [data_set(IdentifierTypeCode="MR")],
    "PatientBirthDate": "19700101",
    "PatientSex": "F",
    "GenderIdentitySequence": [data_set(GenderIdentityCodeSequence=[code("NB")])],
    "SexParametersForClinicalUseCategorySequence": [
        data_set(SexParametersForClinicalUseCategoryCodeSequence=[code("131233")])
    ],
    "PersonNamesToUseSequence": [data_set(NameToUse="Jay")],
    "ThirdPersonPronounsSequence": [data_set(PronounCodeSequence=[code("THEY")])],
    "AdmissionID": "ADM-1",
    "IssuerOfAdmissionIDSequence": [data_set(LocalNamespaceEntityID="HOSPITAL")],
    "AdmittingDiagnosesDescription": "Cough",
    "AdmittingDiagnosesCodeSequence": [code("COUGH")],
    "ReferencedRequestSequence": [data_set(StudyInstanceUID="1.2.3")],
    "ReplacedProcedureStepSequence": [data_set(ReferencedSOPClassUID="1.2", ReferencedSOPInstanceUID="1.3")],
    "ProcedureStepState": "IN PROGRESS",
}


def test_they_are_all_that_the_table_does_not_let_be_updated():
    assert {cells["path"] for cells in ROWS if cells["set"] in {"NA", "LOCK"} and "." not in cells["path"]} == set(
        CANNOT_BE_UPDATED
    )


@pytest.mark.parametrize("keyword", CANNOT_BE_UPDATED)
@pytest.mark.parametrize("is_empty", [False, True], ids=["valued", "empty"])
def test_what_cannot_be_updated(keyword, is_empty):
    value = [] if is_empty else CANNOT_BE_UPDATED[keyword]
    assert problems(updated, data_set(**{keyword: value})) == {keyword: NOT_ALLOWED}


def test_all_that_can_be_updated():
    checked = updated(full_update())
    assert not checked.modified
    assert set(checked.data_set) == {*full_update(), tag("ScheduledProcedureStepModificationDateTime")}
    assert list(checked.data_set) == sorted(checked.data_set)


def test_the_modification_time_is_the_archives():
    expected = data_set(ScheduledProcedureStepModificationDateTime=NOW)
    assert updated({}).data_set == expected
    assert not updated({}).modified
    theirs = updated(data_set(ScheduledProcedureStepModificationDateTime="20200101"))
    assert theirs.data_set == expected
    assert theirs.modified


@pytest.mark.parametrize(
    "keyword",
    [
        *("ScheduledProcedureStepPriority", "ProcedureStepLabel", "WorklistLabel", "InputReadinessState"),
        *("ScheduledProcedureStepStartDateTime", "ExpectedCompletionDateTime", "CommentsOnTheScheduledProcedureStep"),
        "ScheduledWorkitemCodeSequence",
    ],
)
def test_what_cannot_be_cleared(keyword):
    """3/1."""
    assert problems(updated, data_set(**{keyword: []})) == {keyword: WITHOUT_VALUE}


@pytest.mark.parametrize(
    "keyword",
    [
        *("ScheduledProcessingParametersSequence", "ScheduledStationNameCodeSequence", "StudyInstanceUID"),
        *("ScheduledStationClassCodeSequence", "ScheduledStationGeographicLocationCodeSequence", "MedicalAlerts"),
        *("ScheduledHumanPerformersSequence", "ScheduledProcedureStepExpirationDateTime", "InputInformationSequence"),
        *("OutputDestinationSequence", "OtherPatientIDsSequence", "ReferencedPatientPhotoSequence", "PregnancyStatus"),
        *("SpecialNeeds", "ProcedureStepProgressInformationSequence", "PatientWeight"),
        "UnifiedProcedureStepPerformedProcedureSequence",
    ],
)
def test_what_can_be_cleared(keyword):
    """3/2, 3/3."""
    checked = updated(data_set(**{keyword: []}))
    assert not checked.modified
    assert merged(created(full_workitem()).data_set, checked.data_set)[tag(keyword)] == element(keyword, [])


# -- merged ----------------------------------------------------------------------


def test_a_sequence_is_replaced_as_a_whole():
    before = created(workitem(ScheduledStationNameCodeSequence=[code("A"), code("B")])).data_set
    after = merged(before, updated(data_set(ScheduledStationNameCodeSequence=[code("C")])).data_set)
    assert after["00404025"]["Value"] == [code("C")]
    assert {t: e for t, e in after.items() if t != "00404025"} == {t: e for t, e in before.items() if t != "00404025"}


def test_a_workitem_is_in_order_after_an_update():
    after = merged(created(workitem()).data_set, updated(data_set(StudyInstanceUID="1.2")).data_set)
    assert list(after) == sorted(after)


def test_progress_is_a_number():
    assert updated(progress("50")).data_set["00741002"]["Value"][0]["00741004"] == {"vr": "DS", "Value": [50]}


def test_a_block_of_another_creator_does_not_keep_what_it_had():
    """PS3.5 Section 7.8.1: the creator says what the elements of its block are."""
    of_acme = {
        "00290010": {"vr": "LO", "Value": ["ACME"]},
        "00291001": {"vr": "LO", "Value": ["a"]},
        "00291002": {"vr": "LO", "Value": ["b"]},
    }
    before = created(workitem() | of_acme).data_set
    same = updated({"00290010": of_acme["00290010"], "00291001": {"vr": "LO", "Value": ["c"]}}).data_set
    assert merged(before, same)["00291002"] == of_acme["00291002"]
    other = updated({"00290010": {"vr": "LO", "Value": ["OTHER"]}, "00291001": {"vr": "LO", "Value": ["c"]}}).data_set
    after = merged(before, other)
    assert after["00291001"]["Value"] == ["c"]
    assert "00291002" not in after


# -- character sets --------------------------------------------------------------

UNICODE = element("SpecificCharacterSet", "ISO_IR 192")


@pytest.mark.parametrize("character_set", ["ISO_IR 100", "ISO_IR 192", ["", "ISO 2022 IR 87"]])
def test_texts_are_kept_in_unicode(character_set):
    """PS3.18 Section F.2: which is what JSON has, whatever the client encoded its request in."""
    checked = created(workitem(PatientName="Müller^Jörg", SpecificCharacterSet=character_set))
    assert not checked.modified
    assert checked.data_set[tag("SpecificCharacterSet")] == UNICODE


def test_texts_that_need_no_character_set_have_none():
    checked = created(workitem(SpecificCharacterSet="ISO_IR 192"))
    assert not checked.modified
    assert tag("SpecificCharacterSet") not in checked.data_set


def test_the_character_set_is_named_with_the_first_text_that_needs_it():
    before = created(workitem()).data_set
    changes = updated(data_set(MedicalAlerts="Hühnereiweiß", SpecificCharacterSet="ISO_IR 100"))
    assert not changes.modified
    assert tag("SpecificCharacterSet") not in {*before, *changes.data_set}
    assert merged(before, changes.data_set)[tag("SpecificCharacterSet")] == UNICODE


def test_items_have_no_character_set_of_their_own():
    item = code("A") | data_set(SpecificCharacterSet="ISO_IR 100")
    assert created(workitem(ScheduledStationNameCodeSequence=[item])).data_set["00404025"]["Value"] == [code("A")]


# -- too much --------------------------------------------------------------------


@pytest.mark.parametrize("item", [{"00080100": {"vr": "SH"}}, code("A") | data_set(ContextGroupVersion="soon")])
def test_nobody_looks_for_more_problems_than_anybody_reads(item):
    with pytest.raises(InvalidWorkitem) as refused:
        created(workitem(ScheduledStationNameCodeSequence=[item] * 1000))
    assert len(refused.value.problems) == 100
    assert len(str(refused.value)) < 3000


def test_problems_do_not_repeat_values():
    given = workitem(PatientName=None, ProcedureStepLabel=["Secret", "Secret"], StudyInstanceUID="Secret Secret")
    with pytest.raises(InvalidWorkitem) as refused:
        created(given, strict=True)
    assert "Secret" not in str(refused.value)
    assert set(refused.value.problems) == {
        Problem("PatientName", "is missing", MISSING),
        Problem("ProcedureStepLabel", "has several values, where there can be one", OTHER_VALUE),
        Problem("StudyInstanceUID", "has a value that is not a UID", OTHER_VALUE),
    }


@pytest.mark.parametrize(
    ("check", "given", "told"),
    [
        (created, workitem(InputReadinessState=None), "InputReadinessState (0040,4041) is missing"),
        (
            created,
            workitem(ScheduledProcedureStepPriority="URGENT"),
            "ScheduledProcedureStepPriority (0074,1200) has another value than HIGH, LOW, MEDIUM",
        ),
        (
            created,
            workitem(ScheduledProcedureStepStartDateTime="2026-11-25T10:00:00"),
            "ScheduledProcedureStepStartDateTime (0040,4005) has a value that is not a date with time such as 2026",
        ),
        (
            created,
            workitem(ScheduledStationNameCodeSequence=[data_set(CodeValue="A", CodingSchemeDesignator="99TEST")]),
            "ScheduledStationNameCodeSequence[1].CodeMeaning (0008,0104) is missing",
        ),
        (updated, data_set(ProcedureStepState="COMPLETED"), "ProcedureStepState (0074,1000) cannot be updated"),
    ],
)
def test_a_problem_says_where_to_look_and_what_would_do(check, given, told):
    with pytest.raises(InvalidWorkitem) as refused:
        check(given)
    assert told in str(refused.value)
