"""Values in words: names, dates, times and numbers as people write them."""

import re
from collections.abc import Callable
from itertools import zip_longest
from typing import Any

from archive.dicom.rendering.attributes import Attributes

#: What neither XML 1.0 (Section 2.2) nor HTML has, and C1 control characters, which show nothing.
_UNSHOWN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_LINE_BREAK = re.compile("\r\n?")

_DATE = re.compile(r"(\d{4})\.?(\d\d)?\.?(\d\d)?")
_TIME = re.compile(r"(\d\d):?(\d\d)?:?(\d\d)?(\.\d+)?")
_DATE_TIME = re.compile(r"(\d{4,8})(\d\d[\d.]*)?([+-]\d{4})?")


def words(attributes: Attributes, key: str) -> str:
    """All values of an element, with commas between; empty when there is none."""
    vr = attributes.data_set.get(key, {}).get("vr", "")
    return ", ".join(filter(None, (written(value, vr) for value in attributes.values(key))))


def written(value: Any, vr: str = "") -> str:
    """One value; empty when it is none, or an item of a sequence."""
    if isinstance(value, dict):
        return person_name(value) if vr == "PN" else ""
    text = shown(str(value)) if value is not None else ""
    return _WRITTEN.get(vr, str)(text)


def shown(text: str) -> str:
    """Without what cannot be shown, and with lines that end alike."""
    return _UNSHOWN.sub("", _LINE_BREAK.sub("\n", text)).strip()


def clipped(text: str, longest: int) -> str:
    """A text that many others repeat, or of which the beginning is enough."""
    return text if len(text) <= longest else f"{text[:longest]}…"


def person_name(groups: dict[str, str]) -> str:
    """`Dr. Jane Doe, MD`; ideographs and what they sound like behind it, the family's first (PS3.5 Section 6.2.1)."""
    alphabetic = _in_spoken_order(shown(groups.get("Alphabetic", "")))
    others = (shown(groups.get(group, "")).replace("^", " ").strip() for group in ("Ideographic", "Phonetic"))
    names = list(filter(None, (alphabetic, *others)))
    return f"{names[0]} ({', '.join(names[1:])})" if len(names) > 1 else "".join(names)


def _in_spoken_order(name: str) -> str:
    components = (component.strip() for component in name.split("^", 4))
    family, given, middle, prefix, suffix = (part for part, _ in zip_longest(components, range(5), fillvalue=""))
    return ", ".join(filter(None, (" ".join(filter(None, (prefix, given, middle, family))), suffix.replace("^", " "))))


def date(text: str) -> str:
    """`20240131` as `2024-01-31`; what is no date as it stands, as in the functions below."""
    found = _DATE.fullmatch(text)
    return "-".join(filter(None, found.groups())) if found else text


def time(text: str) -> str:
    """`101530.500000` as `10:15:30.5`."""
    found = _TIME.fullmatch(text)
    if not found:
        return text
    *parts, fraction = found.groups(default="")
    return ":".join(filter(None, parts)) + fraction.rstrip("0").rstrip(".")


def date_time(text: str) -> str:
    """`20240131101530+0100` as `2024-01-31 10:15:30 +01:00`."""
    found = _DATE_TIME.fullmatch(text)
    if not found:
        return text
    day, moment, zone = found.groups(default="")
    return " ".join(filter(None, (date(day), time(moment), zone and f"{zone[:3]}:{zone[3:]}")))


def number(value: float) -> str:
    """As precise as a value of VR FL is."""
    return f"{value:.7g}"


#: By VR; the others are written as they are.
_WRITTEN: dict[str, Callable[[str], str]] = {"DA": date, "TM": time, "DT": date_time}
