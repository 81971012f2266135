import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dicomweb.http.media_types import MalformedMediaType, MediaType

TOKENS = st.text(string.ascii_lowercase + string.digits + "!#$%&'*+.^_`|~-", min_size=1, max_size=12)
VALUES = st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF, exclude_characters="\x7f"), max_size=20) | TOKENS
MEDIA_TYPES = st.builds(
    MediaType,
    TOKENS,
    TOKENS,
    st.dictionaries(TOKENS, VALUES, max_size=4).map(lambda parameters: tuple(parameters.items())),
)


@given(MEDIA_TYPES)
def test_what_is_written_as_a_header_reads_back_the_same(media_type):
    assert MediaType.parse(media_type.to_header()) == media_type


@given(st.text() | st.text('ab/;="\\ \t*,\r\n'))
def test_any_text_is_a_media_type_or_malformed(text):
    try:
        media_type = MediaType.parse(text)
    except MalformedMediaType:
        return
    assert MediaType.parse(media_type.to_header()) == media_type


SAME = MediaType(
    "multipart", "related", (("type", "application/dicom"), ("boundary", "Xy"), ("transfer-syntax", "1.2.3"))
)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(
            'multipart/related; type="application/dicom"; boundary="Xy"; transfer-syntax="1.2.3"', id="quoted"
        ),
        pytest.param("multipart/related; type=application/dicom; boundary=Xy; transfer-syntax=1.2.3", id="bare"),
        pytest.param('Multipart/RELATED;TYPE="Application/DICOM";Boundary=Xy;Transfer-Syntax=1.2.3', id="any-case"),
        pytest.param(
            "multipart/related ; ;type=application/dicom ;\tboundary= Xy ;transfer-syntax=1.2.3;", id="spaces"
        ),
        pytest.param(
            r'multipart/related; type="application\/dicom"; boundary="X\y"; transfer-syntax=1.2.3', id="escapes"
        ),
        pytest.param(
            "multipart/related; type=application/dicom; boundary=Xy; transfer-syntax=1.2.3; transfer-syntax=1.2.3",
            id="parameter-repeated-with-the-same-value",
        ),
    ],
)
def test_spellings_of_a_content_type_are_one_value(text):
    """STOW-07, NEG-14."""
    assert MediaType.parse(text) == SAME


@pytest.mark.parametrize("boundary", ["x", "a" * 70, "'()+_,-./:=?", "two words", "gc0pJq0M:08jU534c0p"])
@pytest.mark.parametrize("form", ["boundary={}; start=1", 'start=1; boundary="{}"'])
def test_a_boundary_is_read_quoted_or_bare(boundary, form):
    """STOW-08."""
    assert MediaType.parse("multipart/related; " + form.format(boundary)).parameter("boundary") == boundary


@pytest.mark.parametrize(
    "text",
    [
        "",
        "multipart",
        "/related",
        "multipart/",
        "multi part/related",
        "a/b/c",
        "a/b, c/d",
        "a/b; x",
        "a/b; x=",
        "a/b; =x",
        "a/b; x y=z",
        'a/b; x="open',
        'a/b; x="closed" and more',
        'a/b; x=half"quoted"',
        "a/b; x=1; x=2",
        "a/b\r\nX: y",
        "a/b; x=\x00",
        "multipart/related; type=dicom",
        'multipart/related; type="image/jpeg; transfer-syntax=1.2"; transfer-syntax=3.4',
    ],
)
def test_what_breaks_the_grammar_is_malformed(text):
    with pytest.raises(MalformedMediaType):
        MediaType.parse(text)


@pytest.mark.parametrize(
    ("text", "root"),
    [
        ('multipart/related; type="application/dicom"', "application/dicom"),
        ("multipart/related; type=image/jpeg; transfer-syntax=1.2.3; q=0.5", "image/jpeg; transfer-syntax=1.2.3"),
        ('multipart/related; type="image/jpeg; transfer-syntax=1.2.3"', "image/jpeg; transfer-syntax=1.2.3"),
        ('multipart/related; type="*/*"; transfer-syntax=*', "*/*; transfer-syntax=*"),
    ],
)
def test_the_root_is_the_type_of_the_parts_with_its_transfer_syntax(text, root):
    assert MediaType.parse(text).root == MediaType.parse(root)


@pytest.mark.parametrize("text", ["multipart/related; boundary=x", "application/dicom; type=image/jpeg"])
def test_there_is_no_root_where_none_is_said(text):
    assert MediaType.parse(text).root is None


def test_a_value_that_is_no_token_is_quoted():
    """MP-02."""
    media_type = MediaType("multipart", "related", (("type", "application/dicom"), ("boundary", "b"), ("x", 'a"\\')))
    assert media_type.to_header() == r'multipart/related; type="application/dicom"; boundary=b; x="a\"\\"'


@pytest.mark.parametrize(
    ("media_range", "covered"),
    [("*/*", True), ("image/*", True), ("image/jpeg", True), ("image/png", False), ("application/*", False)],
)
def test_a_range_covers_its_types(media_range, covered):
    assert MediaType.parse(media_range).covers("image/jpeg") is covered
