import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.uid import generate_uid

from archive.dicom.uids import is_tolerable_uid, is_uid


@pytest.mark.parametrize("uid", ["1.2.840.10008.1.2", "0", "0.0", "2.25.0", "1." + "2" * 62])
def test_a_uid_of_the_standard_is_one(uid: str) -> None:
    assert is_uid(uid)


@pytest.mark.parametrize(
    "text", ["", ".", "1.", ".1", "1..2", "1.02", "01", "1.2a", "1.2\n", " 1.2", "1." + "2" * 63, "1.٢", "../1"]
)
def test_what_breaks_a_rule_is_no_uid(text: str) -> None:
    assert not is_uid(text)


@given(st.lists(st.integers(min_value=0, max_value=10**9), min_size=1, max_size=6))
def test_numbers_joined_by_dots_are_a_uid(components: list[int]) -> None:
    assert is_uid(".".join(map(str, components)))


def test_generated_uids_are_uids() -> None:
    assert is_uid(generate_uid())


@pytest.mark.parametrize("uid", ["111", "1.2.03", "1.2.840", "dccc9599087131742838cc1162a630fe", "1" * 64])
def test_uids_of_the_wild_are_tolerated(uid: str) -> None:
    assert is_tolerable_uid(uid)


@pytest.mark.parametrize("text", ["", ".1", "..", "1/2", "1.2\n", "1 2", "1%2F", "1" * 65, "é"])
def test_what_could_do_harm_in_a_path_is_not_tolerated(text: str) -> None:
    assert not is_tolerable_uid(text)
