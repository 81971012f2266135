"""Reports as pages: HTML, and the same as XML."""

from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser
from typing import Any
from xml.etree.ElementTree import Element, fromstring

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.dicom.rendering.reports.documents import report
from archive.dicom.rendering.reports.pages import CONTENT_SECURITY_POLICY, html, xml
from archive.dicom.rendering.reports.report import CONTAINER, Field, Item, Reference, Report, Table
from tests.archive.dicom.rendering.reports.built import (
    attributes_of,
    by_reference,
    code,
    content,
    evidence,
    number_item,
    sop,
    text_item,
)

XHTML = "{http://www.w3.org/1999/xhtml}"
HOSTILE = """</title></style><script>alert("1 & 'x'")</script>"""
VOID = {"meta"}


def link(study: str, series: str, instance: str) -> str:
    return f"/studies/{study}/series/{series}/instances/{instance}/rendered?a=1&b=2"


def page_of(*items: Any, **elements: Any) -> Element:
    """The page of a document, read as XML."""
    return fromstring(xml(report(attributes_of(*items, **elements)), link))


def found(page: Element, tag: str) -> list[str]:
    """The texts in all elements of a kind, in their order."""
    return ["".join(element.itertext()).strip() for element in page.iter(XHTML + tag)]


class Outline(HTMLParser):
    """What a browser meets: elements in their order, which it sees closed in the reverse order."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.texts: list[str] = []
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes.update(name for name, _ in attrs)
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def close(self) -> None:
        super().close()
        assert not self._open


def outline(page: str) -> Outline:
    parser = Outline()
    parser.feed(page)
    parser.close()
    return parser


def test_WADO_85_a_report_is_a_complete_page():
    page = html(report(attributes_of(text_item("A mass."), title="Chest Report")))
    seen = outline(page)
    assert page.startswith('<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">')
    assert seen.tags[:6] == ["html", "head", "meta", "meta", "title", "style"]
    places = [seen.texts.index(text) for text in ("Chest Report", "Jane Doe", "A mass.")]
    assert places == sorted(places)


def test_WADO_85_the_xml_of_a_report_is_the_same_page():
    document = report(attributes_of(text_item("Größe & <Form>"), number_item("3")))
    page = fromstring(xml(document, link))
    assert page.tag == XHTML + "html"
    assert "".join(page.itertext()) == "".join(outline(html(document, link)).texts).lstrip("\n")


def test_containers_are_sections_with_headings_in_their_order():
    inner = text_item("A mass.")
    for number in range(9, 0, -1):
        inner = content("CONTAINER", f"Level {number}", items=[inner])
    page = page_of(inner, title="Report")
    headings = [element.tag.removeprefix(XHTML) for element in page.iter() if element.tag[-2:-1] == "h"]
    assert headings == ["h1", "h2", "h3", "h4", "h5", "h6", "h6", "h6", "h6", "h6"]


def test_a_container_without_a_name_takes_no_heading():
    page = page_of(content("CONTAINER", items=[content("CONTAINER", "Findings", items=[text_item("A mass.")])]))
    assert found(page, "h2") == ["Findings"]


def test_items_are_lists_within_each_other():
    site = content("CODE", "Site", "HAS CONCEPT MOD", ConceptCodeSequence=[code("Lung")])
    page = page_of(number_item("3", items=[site]), text_item("A mass.", ObservationDateTime="20240131"))
    assert found(page, "li") == [
        "Diameter 3 mmModifier Site Lung",
        "Modifier Site Lung",
        "Finding A mass. observed 2024-01-31",
    ]


def test_sentences_are_paragraphs_and_what_is_said_of_their_parts_is_in_parentheses():
    site = content("CODE", "Site", "HAS CONCEPT MOD", ConceptCodeSequence=[code("Lung")])
    side = content("CODE", "Side", "HAS CONCEPT MOD", ConceptCodeSequence=[code("Left")])
    prose = content(
        "CONTAINER",
        "Findings",
        ContinuityOfContent="CONTINUOUS",
        items=[text_item("A mass of"), number_item("3", items=[site, side]), text_item(", calcified.")],
    )
    assert found(page_of(prose), "p") == ["A mass of 3 mm (Modifier Site: Lung; Modifier Side: Left), calcified."]


def test_what_cannot_stand_in_a_sentence_stands_between_paragraphs():
    inner = content("CONTAINER", "Inner", items=[text_item("Apart.")])
    page = page_of(text_item("Before."), inner, text_item("After."), ContinuityOfContent="CONTINUOUS")
    assert found(page, "p") == ["Before.", "After."]
    assert found(page, "h2") == ["Inner"]


def test_an_object_that_is_somewhere_is_a_link():
    image = content("IMAGE", ReferencedSOPSequence=[sop("1.2.3.4", ReferencedFrameNumber=5)])
    elsewhere = content("IMAGE", ReferencedSOPSequence=[sop("1.2.3.5")])
    page = page_of(image, elsewhere, CurrentRequestedProcedureEvidenceSequence=[evidence(sop("1.2.3.4"))])
    (anchor,) = page.iter(XHTML + "a")
    assert anchor.get("href") == "/studies/1.2/series/1.2.3/instances/1.2.3.4/rendered?a=1&b=2"
    assert found(page, "li") == ["CT Image, frame 5 1.2.3.4", "CT Image 1.2.3.5"]


def test_pages_lead_nowhere_unless_they_are_told_where():
    image = content("IMAGE", ReferencedSOPSequence=[sop("1.2.3.4")])
    document = report(attributes_of(image, CurrentRequestedProcedureEvidenceSequence=[evidence(sop("1.2.3.4"))]))
    assert "href" not in html(document)


def test_an_item_by_reference_leads_to_where_it_is():
    page = page_of(number_item("3"), text_item("Malignant.", items=[by_reference(1, 1)]), by_reference(1, 9))
    (anchor,) = page.iter(XHTML + "a")
    (target,) = (element for element in page.iter() if element.get("id"))
    assert anchor.get("href") == f"#{target.get('id')}"
    assert "".join(target.itertext()) == "Diameter 3 mm [1.1]"


def test_the_language_of_the_content_is_said():
    spoken = content("CODE", ConceptCodeSequence=[code("German", "de")])
    spoken.ConceptNameCodeSequence = [code("Language", "121049", "DCM")]
    (main,) = page_of(spoken).iter(XHTML + "main")
    assert main.get("lang") == "de"


def test_a_table_has_headings_of_columns_and_rows():
    item = Item("1.1", table=Table(("Depth",), (("Left", ("1.5",)),)))
    page = fromstring(xml(Report("Report", (), Item("1", CONTAINER, items=(item,)), {})))
    assert [(heading.text, heading.get("scope")) for heading in page.iter(XHTML + "th")] == [
        ("Depth", "col"),
        ("Left", "row"),
    ]
    assert found(page, "td") == ["", "1.5"]


def test_a_document_whose_root_is_no_container_is_shown():
    assert found(page_of(ValueType="TEXT", TextValue="All there is"), "li") == ["Report All there is"]


def test_a_browser_is_told_to_run_nothing_and_to_fetch_nothing():
    (style,) = fromstring(xml(report(attributes_of()))).iter(XHTML + "style")
    digest = b64encode(sha256(style.text.encode()).digest()).decode()
    assert f"default-src 'none'; style-src 'sha256-{digest}'" == CONTENT_SECURITY_POLICY
    assert "url(" not in style.text
    assert "@import" not in style.text


@pytest.mark.parametrize("ground", [(255, 255, 255), (0x12, 0x12, 0x12)])
def test_quiet_text_has_the_contrast_of_wcag_aa(ground):
    quiet = (0x59, 0x59, 0x59) if ground[0] == 255 else (0xA8, 0xA8, 0xA8)
    page = html(report(attributes_of()))
    assert f"--quiet: #{bytes(quiet).hex()}" in page
    lighter, darker = sorted((luminance(ground), luminance(quiet)), reverse=True)
    assert (lighter + 0.05) / (darker + 0.05) >= 4.5


def luminance(color: tuple[int, int, int]) -> float:
    """WCAG 2, relative luminance."""
    parts = (part / 255 for part in color)
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


WORDS = st.one_of(st.just(HOSTILE), st.sampled_from(["", "<", "&amp;", "]]>", "<!--", '"', "\n"]), st.text(max_size=20))
#: What `words.shown` lets pass.
SHOWN = WORDS.map(lambda text: "".join(filter(lambda character: character.isprintable() or character == "\n", text)))
REFERENCES = st.builds(Reference, SHOWN, SHOWN, SHOWN, SHOWN, SHOWN)
TABLES = st.builds(lambda heading, cell: Table((heading,), ((heading, (cell,)),)), heading=SHOWN, cell=SHOWN)
ITEMS = st.recursive(
    st.builds(Item, SHOWN, st.sampled_from(["TEXT", CONTAINER]), SHOWN, SHOWN, SHOWN),
    lambda inner: st.builds(
        Item,
        position=SHOWN,
        value_type=st.sampled_from(["TEXT", CONTAINER]),
        name=SHOWN,
        text=SHOWN,
        references=st.lists(REFERENCES, max_size=2).map(tuple),
        table=st.none() | TABLES,
        target=SHOWN,
        observed=SHOWN,
        is_prose=st.booleans(),
        items=st.lists(inner, max_size=3).map(tuple),
    ),
    max_leaves=8,
)
REPORTS = st.builds(
    Report,
    title=SHOWN,
    head=st.lists(st.builds(Field, SHOWN, st.tuples(SHOWN, REFERENCES)), max_size=2).map(tuple),
    content=ITEMS,
    targets=st.dictionaries(SHOWN, SHOWN, max_size=2),
    is_cut=st.booleans(),
    language=st.sampled_from(["", "de"]),
)
KNOWN_TAGS = {
    "html", "head", "meta", "title", "style", "body", "header", "main", "h1", "h2", "h3", "h4", "h5", "h6",
    "dl", "dt", "dd", "ul", "li", "section", "div", "p", "span", "b", "i", "small", "code", "a",
    "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(REPORTS)
def test_a_page_has_our_elements_only_whatever_is_in_a_report(document):
    seen = outline(html(document, link))
    assert set(seen.tags) <= KNOWN_TAGS
    assert seen.attributes <= {
        "lang", "charset", "name", "content", "class", "dir", "id", "href", "scope"
    }  # fmt: skip
    assert document.title in seen.texts or not document.title


@settings(max_examples=60, deadline=None)
@given(REPORTS)
def test_the_xml_can_be_read_whatever_is_in_a_report(document):
    page = fromstring(xml(document, link))
    assert {element.tag for element in page.iter()} <= {XHTML + tag for tag in KNOWN_TAGS}
