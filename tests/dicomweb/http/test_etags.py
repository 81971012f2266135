import pytest
from hypothesis import given
from hypothesis import strategies as st

from dicomweb.http import etags
from dicomweb.http.etags import EntityTag, MalformedEntityTag

OPAQUE = st.text(st.characters(min_codepoint=0x21, max_codepoint=0xFF, exclude_characters='"\x7f'))
TAGS = st.builds(EntityTag, OPAQUE, st.booleans())


@pytest.mark.parametrize(
    ("first", "second", "strong", "weak"),
    [
        ('W/"1"', 'W/"1"', False, True),
        ('W/"1"', 'W/"2"', False, False),
        ('W/"1"', '"1"', False, True),
        ('"1"', 'W/"1"', False, True),
        ('"1"', '"1"', True, True),
    ],
)
def test_comparison_as_in_the_table_of_rfc_9110_section_8_8_3_2(first, second, strong, weak):
    assert etags.strongly_matches(first, second) is strong
    assert etags.matches(first, second) is weak


@given(TAGS)
def test_what_is_written_reads_back_the_same(tag):
    assert EntityTag.parse(tag.to_header()) == tag


@given(st.lists(TAGS, max_size=4), st.sampled_from([",", ", ", " ,,\t"]))
def test_a_list_names_each_of_its_tags(tags, separator):
    header = separator.join(tag.to_header() for tag in tags)
    assert etags.parse_list(header) == tuple(tags)


def test_commas_and_backslashes_are_part_of_a_tag():
    assert etags.parse_list(r'"a,b", W/"c\"') == (EntityTag("a,b"), EntityTag("c\\", weak=True))


@pytest.mark.parametrize(
    "header", ["", "abc", '"abc', 'w/"abc"', '"a" "abc"', '"a";"abc"', "Sat, 29 Oct 1994 19:43:31 GMT"]
)
def test_a_date_or_a_malformed_list_matches_nothing(header):
    assert not etags.matches(header, '"abc"')
    assert not etags.strongly_matches(header, '"abc"')


def test_an_asterisk_matches_any_tag():
    assert etags.matches("*", '"abc"')
    assert etags.matches(" * ", 'W/"abc"')
    assert etags.strongly_matches("*", '"abc"')


@given(st.text() | st.text('"abcW/, *'))
def test_any_text_can_be_a_condition_and_matches_only_what_is_in_it(text):
    assert not etags.matches(text, '"abc"') or '"abc"' in text or text.strip() == "*"


def test_our_own_tag_must_be_one():
    with pytest.raises(MalformedEntityTag):
        etags.matches('"abc"', "abc")
