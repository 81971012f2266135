import re

from hypothesis import given
from hypothesis import strategies as st

from dicomweb.http.warnings import service_warning, warning


def test_a_warning_is_a_code_an_agent_and_a_text():
    """STOW-68."""
    assert warning("A700: out of resources") == '299 dicomweb-archive "A700: out of resources"'


def test_quotes_and_backslashes_are_escaped():
    assert warning(r'a "b" \c') == r'299 dicomweb-archive "a \"b\" \\c"'


def test_a_text_stays_on_one_line():
    assert warning("one\r\nSet-Cookie: two\tthree") == '299 dicomweb-archive "one Set-Cookie: two three"'


@given(st.text())
def test_any_text_gives_one_header_value(text):
    assert re.fullmatch(r'299 dicomweb-archive "(?:[ !#-\[\]-~]|\\["\\])*"', warning(text))


def test_the_worklist_has_warnings_as_ps3_18_prints_them():
    assert service_warning("https://pacs.example.org/dicom-web", "The Transaction UID is missing.") == (
        "299 https://pacs.example.org/dicom-web: The Transaction UID is missing."
    )
