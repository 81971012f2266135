"""Codes that people choose from are those of PS3.16."""

import pytest
from pydicom.sr._cid_dict import cid_concepts
from pydicom.sr._concepts_dict import concepts

from tests.workitems import code
from workflow.codes import DISCONTINUATION_REASONS, WORKITEMS, Code, local

MEANINGS = {value: meaning for names in concepts["DCM"].values() for value, (meaning, _) in names.items()}


def context_group(number: int) -> set[str]:
    return {value for name in cid_concepts[number]["DCM"] for value in concepts["DCM"][name]}


@pytest.mark.parametrize(("codes", "number"), [(WORKITEMS, 9231), (DISCONTINUATION_REASONS, 9300)])
def test_codes_are_of_their_context_group_and_mean_what_they_say(codes, number):
    assert {one.value for one in codes} <= context_group(number)
    assert {one.value: one.meaning for one in codes} == {one.value: MEANINGS[one.value] for one in codes}


def test_a_code_is_read_as_it_is_written():
    for one in (Code("A", "99X", "An A"), local("somebody@hospital.example", "Some Body")):
        assert Code.of(one.item()) == one
    assert Code.of(code("A", "An A", "99X")) == Code("A", "99X", "An A")
    assert str(Code.of({})) == ""
