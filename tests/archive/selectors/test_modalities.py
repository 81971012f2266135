"""Which modalities studies have."""

import pytest

from archive.selectors.modalities import combinations, combinations_with, modalities
from tests import factories

pytestmark = pytest.mark.django_db


def test_there_are_none_in_an_empty_archive():
    assert modalities() == []


def test_each_combination_is_found_once_and_taken_apart():
    for text in ("CT", "CT\\SR", "CT", "MR", ""):
        factories.study(modalities_in_study=text)

    assert sorted(combinations()) == ["", "CT", "CT\\SR", "MR"]
    assert modalities() == ["CT", "MR", "SR"]
    assert sorted(combinations_with(["SR", "MR"])) == ["CT\\SR", "MR"]
    assert combinations_with(["S"]) == []
