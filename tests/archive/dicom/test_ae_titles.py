"""AE titles: PS3.5 Table 6.2-1."""

import pytest

from archive.dicom.ae_titles import ae_title


@pytest.mark.parametrize("text", ["A", "AIALG", "WATCHER 1", "A/B", "100%", "a?b#c", "SIXTEEN_LETTERS_"])
def test_a_title_is_1_to_16_characters(text):
    assert ae_title(text) == text


def test_spaces_around_say_nothing():
    assert ae_title(" AIALG  ") == "AIALG"


@pytest.mark.parametrize(
    "text", ["", " ", " " * 16, "SEVENTEEN_LETTERS", "A\\B", "A\nB", "A\0", "A\n", "A\x7f", "Ä", "\u3042", "A\ufffd"]
)
def test_anything_else_is_none(text):
    assert ae_title(text) is None
