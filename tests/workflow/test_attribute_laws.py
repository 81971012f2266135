"""What holds of every workitem: of generated ones too."""

import orjson
from hypothesis import given
from hypothesis import strategies as st

from tests.full_workitems import full_update, full_workitem
from tests.workflow.checking import created, normalised, updated
from tests.workflow.published import BY_TAGS
from tests.workitems import PRESENT, VALUED, data_set, tag
from workflow.attribute_rules import merged

FULL, CHANGES = full_workitem(), full_update()
NEEDED = {tag(keyword) for keyword in VALUED}
EMPTY_OR_MISSING = {tag(keyword) for keyword in PRESENT} - {tag("WorklistLabel")}
MODIFIED_AT = tag("ScheduledProcedureStepModificationDateTime")
CHARACTER_SET = tag("SpecificCharacterSet")

texts = st.text(st.characters(codec="utf-8", exclude_categories=["C"], exclude_characters="\\="), max_size=20)


def some_of(data_set, can_be_empty, always=frozenset()):
    """Some of its attributes, and some of them empty."""
    gone = st.sets(st.sampled_from(sorted(set(data_set) - always)))
    emptied = st.sets(st.sampled_from(sorted(can_be_empty & set(data_set))))
    return st.builds(
        lambda gone, emptied: {
            key: {"vr": found["vr"]} if key in emptied else found for key, found in data_set.items() if key not in gone
        },
        gone,
        emptied,
    )


#: Workitems that a lenient archive creates.
workitems = st.builds(
    lambda found, label, comment: found | data_set(WorklistLabel=label, CommentsOnTheScheduledProcedureStep=comment),
    some_of(FULL, EMPTY_OR_MISSING, always=NEEDED),
    texts,
    texts,
)
updates = st.builds(
    lambda found, alerts: found | data_set(MedicalAlerts=alerts),
    some_of(CHANGES, {key for key in CHANGES if BY_TAGS[(key,)]["set"] in {"3/2", "3/3"}}),
    st.lists(texts, max_size=2),
)


@given(workitems)
def test_what_is_created_is_not_changed_by_being_created_again(given_workitem):
    once = created(given_workitem).data_set
    again = created(once)
    assert again.data_set == once
    assert not again.modified


@given(workitems)
def test_what_is_filled_in_is_what_a_strict_archive_asks_for(given_workitem):
    kept = created(given_workitem).data_set
    assert created(kept | data_set(TransactionUID=[]), strict=True).data_set == kept


@given(workitems)
def test_what_is_normalised_is_normal(given_workitem):
    once = normalised(given_workitem)
    assert normalised(once) == once
    assert list(once) == sorted(once)


@given(workitems, updates)
def test_an_update_changes_what_it_names_and_nothing_else(given_workitem, changes):
    before = created(given_workitem).data_set
    checked = updated(changes).data_set
    after = merged(before, checked)
    assert {key: after[key] for key in checked} == checked
    untouched = set(before) - set(checked) - {CHARACTER_SET}
    assert {key: after[key] for key in untouched} == {key: before[key] for key in untouched}
    assert set(after) - {CHARACTER_SET} == (set(before) | set(checked)) - {CHARACTER_SET}
    assert list(after) == sorted(after)


@given(workitems, updates)
def test_an_update_a_second_time_changes_nothing(given_workitem, changes):
    checked = updated(changes)
    once = merged(created(given_workitem).data_set, checked.data_set)
    assert merged(once, updated(changes).data_set) == once
    assert updated(checked.data_set).data_set == checked.data_set


@given(workitems, updates)
def test_a_workitem_stays_one_that_could_be_created(given_workitem, changes):
    """Save for what a new one has empty, and the issuers of other patient IDs, which an update cannot tell."""
    after = merged(created(given_workitem).data_set, updated(changes).data_set)
    new = after | data_set(
        ProcedureStepProgressInformationSequence=[], UnifiedProcedureStepPerformedProcedureSequence=[]
    )
    apart = {tag("OtherPatientIDsSequence")}
    again = created(new).data_set
    assert {key: again[key] for key in set(again) - apart} == {key: new[key] for key in set(new) - apart}


@given(workitems)
def test_the_character_set_is_named_when_it_is_needed(given_workitem):
    kept = created(given_workitem).data_set
    assert (CHARACTER_SET in kept) == (not orjson.dumps(given_workitem).isascii())
