"""What labels can be called."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive import label_names
from archive.errors import MalformedLabel


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("teaching", "teaching"),
        ("  second \t opinion\n", "second opinion"),
        ("Studie 研究 ★", "Studie 研究 ★"),
        ("Kontrolle u\u0308ber", "Kontrolle über"),
        ("x" * 40, "x" * 40),
    ],
)
def test_a_name_is_what_was_meant(typed, name):
    assert label_names.clean(typed) == name


@pytest.mark.parametrize("typed", ["", " \n", "x" * 41, "a\0b", "a\x1bb", "\ud800", "\u202eevil"])
def test_what_is_no_name_is_refused(typed):
    with pytest.raises(MalformedLabel):
        label_names.clean(typed)


@given(st.text(max_size=60))
def test_a_name_stays_as_it_is_and_its_key_fits_its_column(typed):
    try:
        name = label_names.clean(typed)
    except MalformedLabel:
        return
    assert label_names.clean(name) == name
    assert len(label_names.key(name)) <= label_names.LONGEST_KEY


@given(st.text("abcäöüßéñ 0-9", min_size=1, max_size=20))
def test_capitals_make_no_other_label(name):
    assert label_names.key(name) == label_names.key(name.upper())
