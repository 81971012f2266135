"""Data sets in the DICOM JSON Model as `received_model` gives them, for laws."""

from base64 import b64encode
from struct import pack, unpack
from typing import Any

from hypothesis import strategies as st

from archive.dicom.native_xml import NAME_GROUPS

#: Text that XML can carry and a value field can hold, that is no padding, and that separates nothing.
CHARACTERS = st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"), exclude_characters="\\^=\ufffe\uffff")
WORDS = st.text(CHARACTERS, min_size=1, max_size=12).map(str.strip).filter(bool)
ASCII_WORDS = st.from_regex(r"\A[A-Z0-9_]{1,16}\Z")
FREE_TEXT = st.builds("{}\\{}\r\n{}".format, WORDS, WORDS, WORDS)
UIDS = st.from_regex(r"\A1\.2(\.[1-9][0-9]{0,6}){1,6}\Z")
NAMES = st.dictionaries(st.sampled_from(NAME_GROUPS), st.lists(WORDS, min_size=1, max_size=5).map("^".join), min_size=1)
DECIMALS = st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-9999, max_value=9999).map(str)
SINGLES = st.floats(width=32, allow_nan=False, allow_infinity=False)
DOUBLES = st.floats(allow_nan=False, allow_infinity=False)


def integers(bits: int, *, signed: bool) -> st.SearchStrategy[int]:
    return st.integers(-(1 << bits - 1), (1 << bits - 1) - 1) if signed else st.integers(0, (1 << bits) - 1)


#: The values of each VR; several of them unless a value is all of the field.
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "AE": ASCII_WORDS,
    "AS": st.from_regex(r"\A[0-9]{3}[DWMY]\Z"),
    "AT": st.from_regex(r"\A[0-9A-F]{8}\Z"),
    "CS": ASCII_WORDS,
    "DA": st.dates().map("{:%Y%m%d}".format),
    "DS": DECIMALS,
    "DT": st.datetimes().map("{:%Y%m%d%H%M%S}".format),
    "FD": DOUBLES,
    "FL": SINGLES,
    "IS": integers(32, signed=True).map(str),
    "LO": WORDS,
    "LT": FREE_TEXT,
    "PN": NAMES,
    "SH": WORDS,
    "SL": integers(32, signed=True),
    "SS": integers(16, signed=True),
    "ST": FREE_TEXT,
    "SV": integers(64, signed=True),
    "TM": st.times().map("{:%H%M%S}".format),
    "UC": WORDS,
    "UI": UIDS,
    "UL": integers(32, signed=False),
    "UR": st.just("https://host/path?query"),
    "US": integers(16, signed=False),
    "UT": FREE_TEXT,
    "UV": integers(64, signed=False),
}
SINGLE_VALUED = {"LT", "ST", "UR", "UT"}
#: Numbers of bytes that each binary VR can have.
BINARY = {"OB": 1, "OD": 8, "OF": 4, "OL": 4, "OV": 8, "OW": 2, "UN": 1}


def tags(vr: str, *, private: bool) -> st.SearchStrategy[str]:
    """Elements that PS3.6 does not have, or private ones of block 10, by VR: one element has one VR only."""
    number = sorted((*VALUES, *BINARY, "SQ")).index(vr)
    group, block = ("0009", "10") if private else ("0018", "F0")
    return st.integers(0, 4).map(lambda n: f"{group}{block}{5 * number + n:02X}")


def elements(data_sets: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[tuple[str, dict[str, Any]]]:
    """A tag with an element, empty or not."""
    kinds = []
    for vr, values in VALUES.items():
        several = st.lists(values, max_size=1 if vr in SINGLE_VALUED else 3)
        kinds.append((vr, several.map(lambda found, vr=vr: {"vr": vr, "Value": found} if found else {"vr": vr})))
    for vr, unit in BINARY.items():
        raw = st.binary(max_size=4).map(lambda data, unit=unit: data * unit * 2)
        kinds.append((vr, raw.map(lambda data, vr=vr: inline(vr, data))))
    items = st.lists(data_sets, max_size=2)
    kinds.append(("SQ", items.map(lambda found: {"vr": "SQ", "Value": found} if found else {"vr": "SQ"})))
    return st.one_of(
        st.tuples(tags(vr, private=private), element) for vr, element in kinds for private in (False, True)
    )


def inline(vr: str, data: bytes) -> dict[str, Any]:
    return {"vr": vr, "InlineBinary": b64encode(data).decode()} if data else {"vr": vr}


def ordered(found: list[tuple[str, dict[str, Any]]]) -> dict[str, Any]:
    """A data set of these elements, in ascending order; private ones have their creator."""
    data_set = dict(found)
    if any(tag.startswith("0009") for tag in data_set):
        data_set["00090010"] = {"vr": "LO", "Value": ["Somebody's"]}
    return dict(sorted(data_set.items()))


def data_sets(max_size: int = 8) -> st.SearchStrategy[dict[str, Any]]:
    return st.recursive(
        st.just({}), lambda inner: st.lists(elements(inner), max_size=max_size).map(ordered), max_leaves=6
    )


def single(number: float) -> float:
    """A number as FL holds it."""
    (held,) = unpack("<f", pack("<f", number))
    return held
