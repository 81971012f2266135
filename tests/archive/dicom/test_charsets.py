"""Samples are those of PS3.3 Section C.12.1.1.2 and PS3.5 Annexes H, I, J and K."""

import warnings
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.charset import python_encoding

from archive.dicom.charsets import NAME_DELIMITERS, VALUES_DELIMITERS, TextDecoder, text_decoder
from tests.archive.dicom.raw import element, json_of

SAMPLES = [
    pytest.param(b"", b"Doe^Jane", "Doe^Jane", id="default"),
    pytest.param(b"ISO_IR 6", b"Doe^Jane", "Doe^Jane", id="ISO_IR 6"),
    pytest.param(b"ISO_IR 100", b"Buc^J\xe9r\xf4me", "Buc^Jérôme", id="French"),
    pytest.param(b"ISO_IR 100", b"\xc4neas^R\xfcdiger", "Äneas^Rüdiger", id="German"),
    pytest.param(b"ISO_IR 101", b"Wa\xb3\xeasa", "Wałęsa", id="Latin-2"),
    pytest.param(b"ISO_IR 109", b"\xa6afar", "Ĥafar", id="Latin-3"),
    pytest.param(b"ISO_IR 110", b"\xa9\xe0", "Šā", id="Latin-4"),
    pytest.param(b"ISO_IR 126", b"\xc4\xe9\xef\xed\xf5\xf3\xe9\xef\xf2", "Διονυσιος", id="Greek"),
    pytest.param(b"ISO_IR 127", b"\xe2\xc8\xc7\xe6\xea^\xe4\xe6\xd2\xc7\xd1", "قباني^لنزار", id="Arabic"),
    pytest.param(b"ISO_IR 138", b"\xf9\xf8\xe5\xef^\xe3\xe1\xe5\xf8\xe4", "שרון^דבורה", id="Hebrew"),
    pytest.param(b"ISO_IR 144", b"\xbb\xee\xda\x63\x65\xdc\xd1\x79\x70\xd3", "Люкceмбypг", id="Russian"),
    pytest.param(b"ISO_IR 148", b"\xc7avu\xfeo\xf0lu", "Çavuşoğlu", id="Turkish"),
    pytest.param(b"ISO_IR 166", b"\xb9\xd2\xc1\xca\xa1\xd8\xc5", "นามสกุล", id="Thai"),
    pytest.param(b"ISO_IR 203", b"\xbduvre \xa4", "œuvre €", id="Latin-9"),
    pytest.param(b"ISO_IR 13", b"\xd4\xcf\xc0\xde^\xc0\xdb\xb3", "ﾔﾏﾀﾞ^ﾀﾛｳ", id="katakana"),
    pytest.param(b"ISO_IR 192", "Wang^XiaoDong=王^小東".encode(), "Wang^XiaoDong=王^小東", id="J.1"),
    pytest.param(b"GB18030", b"Wang^XiaoDong=\xcd\xf5^\xd0\xa1\xb6\xab", "Wang^XiaoDong=王^小东", id="J.2"),
    pytest.param(b"GBK", b"Wang^XiaoDong=\xcd\xf5^\xd0\xa1\xb6\xab", "Wang^XiaoDong=王^小东", id="J.3"),
    pytest.param(
        b"\\ISO 2022 IR 58",
        b"Zhang^XiaoDong=\x1b$)A\xd5\xc5^\x1b$)A\xd0\xa1\xb6\xab=",
        "Zhang^XiaoDong=张^小东=",
        id="K.2",
    ),
    pytest.param(
        b"\\ISO 2022 IR 87",
        b"Yamada^Tarou=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B=\x1b$B$d$^$@\x1b(B^\x1b$B$?$m$&\x1b(B",
        "Yamada^Tarou=山田^太郎=やまだ^たろう",
        id="H.3.1",
    ),
    pytest.param(
        b"ISO 2022 IR 13\\ISO 2022 IR 87",
        b"\xd4\xcf\xc0\xde^\xc0\xdb\xb3=\x1b$B;3ED\x1b(J^\x1b$BB@O:\x1b(J=\x1b$B$d$^$@\x1b(J^\x1b$B$?$m$&\x1b(J",
        "ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎=やまだ^たろう",
        id="H.3.2",
    ),
    pytest.param(
        b"\\ISO 2022 IR 159",
        "丂丄".encode("iso2022_jp_2"),
        "丂丄",
        id="JIS X 0212",
    ),
    pytest.param(
        b"\\ISO 2022 IR 149",
        b"Hong^Gildong=\x1b$)C\xfb\xf3^\x1b$)C\xd1\xce\xd4\xd7=\x1b$)C\xc8\xab^\x1b$)C\xb1\xe6\xb5\xbf",
        "Hong^Gildong=洪^吉洞=홍^길동",
        id="I.2",
    ),
    pytest.param(
        b"ISO 2022 IR 100\\ISO 2022 IR 144\\ISO 2022 IR 126",
        b"J\xe9r\xf4me \x1b-L\xbb\xee\xda \x1b-F\xc4\xe9\xef",
        "Jérôme Люк Διο",
        id="three-single-byte-sets",
    ),
    pytest.param(b"\\ISO 2022 IR 203", b"\x1b-b\xbduvre", "œuvre", id="Latin-9-by-escape"),
]


@pytest.mark.parametrize(("declared", "raw", "text"), SAMPLES)
def test_JSON_21_names_in_every_character_set_become_unicode(declared: bytes, raw: bytes, text: str) -> None:
    assert text_decoder(declared).decode(raw, delimiters=NAME_DELIMITERS) == text


def test_every_defined_term_is_tested() -> None:
    def number(term: str) -> str:
        return term.removeprefix("ISO 2022 IR").removeprefix("ISO_IR")

    tested = {number(term) for sample in SAMPLES for term in cast(bytes, sample.values[0]).decode().split("\\")}
    second_names = {"ISO 2022 GBK", "ISO 2022 58"}
    assert {number(term) for term in python_encoding} - second_names <= tested


@pytest.mark.parametrize("spelling", [b"ISO-IR 100", b"ISO IR 100", b"iso_ir_100", b"ISO_IR 100 ", b"ISO 2022 IR 100"])
def test_a_misspelt_term_is_understood(spelling: bytes) -> None:
    assert text_decoder(spelling).decode(b"J\xe9r\xf4me") == "Jérôme"


@pytest.mark.parametrize(
    ("declared", "raw", "text"),
    [
        pytest.param(b"", "Jérôme".encode(), "Jérôme", id="UTF-8 without a declaration"),
        pytest.param(b"", b"J\xe9r\xf4me", "Jérôme", id="Latin-1 without a declaration"),
        pytest.param(b"ISO_IR 192", b"J\xe9r\xf4me", "Jérôme", id="Latin-1 declared as UTF-8"),
        pytest.param(b"GB18030", b"\xff", "ÿ", id="not GB18030"),
        pytest.param(b"NO SUCH SET", "Jérôme".encode(), "Jérôme", id="unknown term"),
        pytest.param(b"utf_7", b"+AGEA-", "+AGEA-", id="a codec of Python's is not a term"),
        pytest.param(b"\\ISO 2022 IR 87", b"\x1b%Xabc", "\x1b%Xabc", id="unknown escape sequence"),
        pytest.param(b"", b"\x1b$)C\xc8\xab", "홍", id="escape sequence of a set that is not declared"),
        pytest.param(
            b"\\ISO 2022 IR 149", b"\x1b$)C\xc8\xab^\xb1\xe6", "홍^길", id="one escape sequence for all components"
        ),
    ],
)
def test_a_wrong_declaration_gives_the_best_guess(declared: bytes, raw: bytes, text: str) -> None:
    assert text_decoder(declared).decode(raw, delimiters=NAME_DELIMITERS) == text


@pytest.mark.parametrize(
    ("declared", "character"),
    [(b"GB18030", "昞"), (b"GBK", "昞"), (b"ISO 2022 IR 13", "ｱ"), (b"\\ISO 2022 IR 87", "昭")],
)
def test_a_backslash_within_a_character_does_not_split_values(declared: bytes, character: str) -> None:
    codec = {b"GB18030": "gb18030", b"GBK": "gbk", b"ISO 2022 IR 13": "shift_jis"}.get(declared, "iso2022_jp")
    raw = character.encode(codec) + b"\\B" + b" " * (len(character.encode(codec)) % 2)
    data_set = element(0x00080005, "CS", declared) + element(0x00081030, "LO", raw)
    assert json_of(data_set)["00081030"]["Value"] == [character, "B"]


def test_the_gbk_sample_does_hold_a_backslash() -> None:
    assert b"\\" in "昞".encode("gbk")


def test_a_delimiter_returns_to_the_initial_character_set() -> None:
    decoder = text_decoder(b"ISO 2022 IR 100\\ISO 2022 IR 144")
    assert decoder.decode(b"\x1b-L\xbb\xee\\\xe9", delimiters=VALUES_DELIMITERS) == "Лю\\é"


def test_an_item_inherits_the_character_set_and_may_have_its_own() -> None:
    name = element(0x00100010, "PN", b"\xc4\xe9")
    own = element(0x00080005, "CS", b"ISO_IR 126")
    items = (b"\xfe\xff\x00\xe0" + len(content).to_bytes(4, "little") + content for content in (name, own + name))
    sequence = element(0x00081140, "SQ", b"".join(items))
    inherited, stated = json_of(element(0x00080005, "CS", b"ISO_IR 100") + sequence)["00081140"]["Value"]
    assert inherited["00100010"]["Value"] == [{"Alphabetic": "Äé"}]
    assert stated["00100010"]["Value"] == [{"Alphabetic": "Δι"}]
    assert stated["00080005"]["Value"] == ["ISO_IR 192"]


@given(st.lists(st.one_of(st.sampled_from(sorted(python_encoding)), st.text(max_size=20))), st.binary(max_size=64))
def test_decoding_never_fails_and_never_warns(terms: list[str], raw: bytes) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        TextDecoder(terms).decode(raw).encode("utf-8")


@given(st.sampled_from([b"ISO_IR 192", b"GB18030"]), st.text(st.characters(exclude_categories=["Cs"])))
def test_what_holds_all_of_unicode_gives_back_any_text(declared: bytes, text: str) -> None:
    raw = text.encode({b"ISO_IR 192": "utf-8", b"GB18030": "gb18030"}[declared])
    assert text_decoder(declared).decode(raw) == text
