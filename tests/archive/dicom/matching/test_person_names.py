"""Person names for searching."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.dicom.matching.person_names import fold, search_keys, sounds, text_of


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ångström", "ANGSTROM"),
        ("Müller", "muller"),
        ("Łukasz", "lukasz"),
        ("Strauß", "STRAUSS"),
        ("Ｙａｍａｄａ", "yamada"),
        ("İnci", "inci"),
        ("Søren", "soren"),
    ],
)
def test_QIDO_31_case_accents_and_width_do_not_matter(one: str, other: str):
    assert fold(one) == fold(other)


def test_QIDO_31_a_name_is_found_by_each_group_component_and_word():
    assert search_keys("Van Der Berg^Jan=山田^太郎") == {
        *("van der berg^jan", "van der berg", "van", "der", "berg", "jan"),
        *("山田^太郎", "山田", "太郎"),
    }
    assert search_keys("^^^=") == frozenset()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Meier", "Mayer"),
        ("Schmidt", "Smith"),
        ("Müller", "Mueller"),
        ("Catherine", "Kathryn"),
        ("Stephen", "Steven"),
        ("Philip", "Filip"),
        ("O'Neil", "ONeill"),
    ],
)
def test_QIDO_50_names_that_sound_alike_share_a_code(one: str, other: str):
    assert not sounds(one).isdisjoint(sounds(other))


@pytest.mark.parametrize(("one", "other"), [("Smith", "Jones"), ("Yamada", "Tanaka"), ("Doe", "Roe")])
def test_QIDO_50_names_that_sound_different_do_not(one: str, other: str):
    assert sounds(one).isdisjoint(sounds(other))


def test_initials_and_other_scripts_have_no_sound():
    assert sounds("J^O'=山田^太郎") == frozenset()
    assert sounds("Smith-Jones") == sounds("Jones^Smith")


@given(st.text(max_size=60))
def test_any_text_has_keys_and_sounds_of_some_kind(text: str):
    assert all(key and fold(key) == key for key in search_keys(text))
    assert all(code.isascii() and code for code in sounds(text))


def test_a_name_of_the_json_model_is_written_with_its_groups():
    assert text_of({"Alphabetic": "A^B", "Phonetic": "C"}) == "A^B==C"
    assert text_of({"Ideographic": "山"}) == "=山"
    assert text_of("A^B") == "A^B"
