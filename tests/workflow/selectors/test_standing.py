"""How it stands with the steps about studies."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.workflow import building
from tests.workitems import data_set
from workflow.selectors import standing
from workflow.selectors.standing import Standing, open_studies
from workflow.states import FINAL, STATES

pytestmark = pytest.mark.django_db

STUDY, OTHER, THIRD = "1.2.5", "1.2.6", "1.2.7"


def step(state: str = "SCHEDULED", priority: str = "MEDIUM", *studies: str) -> None:
    """A step that reads these studies."""
    building.workitem(
        ProcedureStepState=state,
        ScheduledProcedureStepPriority=priority,
        InputInformationSequence=[data_set(StudyInstanceUID=study) for study in studies or (STUDY,)],
    )


@pytest.mark.parametrize(
    ("steps", "found"),
    [
        ([("COMPLETED", "HIGH")], Standing("COMPLETED", 1, 1, "")),
        ([("CANCELED", "HIGH"), ("COMPLETED", "LOW")], Standing("COMPLETED", 1, 2, "")),
        ([("COMPLETED", "HIGH"), ("SCHEDULED", "LOW")], Standing("SCHEDULED", 1, 2, "LOW")),
        (
            [("SCHEDULED", "HIGH"), ("IN PROGRESS", "LOW"), ("IN PROGRESS", "MEDIUM")],
            Standing("IN PROGRESS", 2, 3, "HIGH"),
        ),
        ([("SCHEDULED", "LOW"), ("SCHEDULED", "")], Standing("SCHEDULED", 2, 2, "MEDIUM")),
    ],
)
def test_the_state_that_matters_most_and_the_highest_priority_of_what_is_open(steps, found):
    for state, priority in steps:
        step(state, priority)

    assert standing.standing([STUDY, OTHER]) == {STUDY: found}


def test_a_step_that_names_a_study_twice_is_one():
    building.workitem(StudyInstanceUID=STUDY, InputInformationSequence=[data_set(StudyInstanceUID=STUDY)])

    assert standing.standing([STUDY])[STUDY].total == 1


def test_a_page_of_studies_is_one_query(django_assert_num_queries):
    for _ in range(3):
        step("SCHEDULED", "HIGH", STUDY, OTHER)

    with django_assert_num_queries(1):
        found = standing.standing([STUDY, OTHER, THIRD])

    assert {uid: one.total for uid, one in found.items()} == {STUDY: 3, OTHER: 3}


def test_studies_with_something_to_be_done_are_found():
    step("IN PROGRESS", "LOW", STUDY)
    step("COMPLETED", "LOW", STUDY, OTHER)
    step("SCHEDULED", "LOW", THIRD)

    assert {row["study_instance_uid"] for row in open_studies()} == {STUDY, THIRD}


@given(
    st.dictionaries(
        st.tuples(st.sampled_from(STATES), st.sampled_from(["HIGH", "MEDIUM", "LOW", "", "X"])),
        st.integers(1, 9),
        min_size=1,
    )
)
def test_whatever_steps_there_are_what_is_said_of_them_is_true(numbers):
    found = standing._of(numbers)

    assert found.total == sum(numbers.values())
    assert found.steps == sum(number for (state, _), number in numbers.items() if state == found.state)
    assert (found.priority == "") == all(state in FINAL for state, _ in numbers)
    assert (found.state in FINAL) == (found.priority == "")
