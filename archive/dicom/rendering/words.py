"""Values in words: names, dates, times and numbers as people write them."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from archive.dicom.rendering.attributes import Attributes

#: What neither XML 1.0 (Section 2.2) nor HTML has, and C1 control characters, which show nothing.
_UNSHOWN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_LINE_BREAK = re.compile("\r\n?")

#: Of texts on pictures and plots: a name may have a megabyte.
LONGEST_LINE = 64

_DATE = re.compile(r"(\d{4})\.?(\d\d)?\.?(\d\d)?")
_TIME = re.compile(r"(\d\d):?(\d\d)?:?(\d\d)?(\.\d+)?")
_DATE_TIME = re.compile(r"(\d{4,8})(\d\d[\d.]*)?([+-]\d{4})?")


def words(attributes: Attributes, key: str) -> str:
    """All values of an element, with commas between; empty when there is none."""
    vr = attributes.data_set.get(key, {}).get("vr", "")
    return joined(", ", *(written(value, vr) for value in attributes.values(key)))


def written(value: Any, vr: str = "") -> str:
    """One value; empty when it is none, or an item of a sequence."""
    if isinstance(value, dict):
        return person_name(value) if vr == "PN" else ""
    text = printable(str(value)) if value is not None else ""
    return _WRITTEN.get(vr, str)(text)


def joined(separator: str, *texts: str) -> str:
    """Those of the texts that say something, in one."""
    return separator.join(filter(None, texts))


def printable(text: str) -> str:
    """Without what cannot be shown, and with lines that end alike."""
    return _UNSHOWN.sub("", _LINE_BREAK.sub("\n", text)).strip()


def one_line(text: str) -> str:
    """A text of `LONGEST_LINE` letters at most, without what cannot be seen."""
    seen = "".join(letter if letter.isprintable() else " " for letter in text[: 4 * LONGEST_LINE])
    line = " ".join(seen.split())
    return line if len(line) <= LONGEST_LINE else f"{line[: LONGEST_LINE - 1]}…"


def clipped(text: str, longest: int) -> str:
    """A text that many others repeat, or of which the beginning is enough."""
    return text if len(text) <= longest else f"{text[:longest]}…"


def as_spoken(family: str, given: str, middle: str, prefix: str, suffix: str) -> str:
    """`Dr. Jane Doe, MD`."""
    return joined(", ", joined(" ", prefix, given, middle, family), suffix)


def family_first(family: str, given: str, middle: str, prefix: str, suffix: str) -> str:
    """`Doe, Jane, Dr., MD`."""
    return joined(", ", family, joined(" ", given, middle), prefix, suffix)


def person_name(
    groups: Mapping[str, str | None], arranged: Callable[[str, str, str, str, str], str] = as_spoken
) -> str:
    """A value of VR PN; ideographs and what they sound like behind it, the family's first (PS3.5 Section 6.2.1).

    Args:
        arranged: in which order the components of an alphabetic name are written.
    """
    components = [_component(text) for text in (groups.get("Alphabetic") or "").split("^", 4)]
    alphabetic = arranged(*components, *[""] * (5 - len(components)))
    others = (_component(groups.get(group) or "") for group in ("Ideographic", "Phonetic"))
    names = [name for name in (alphabetic, *others) if name]
    return f"{names[0]} ({', '.join(names[1:])})" if len(names) > 1 else "".join(names)


def _component(text: str) -> str:
    return " ".join(printable(text.replace("^", " ")).split())


def date(text: str) -> str:
    """`20240131` as `2024-01-31`; what is no date as it stands, as in the functions below."""
    found = _DATE.fullmatch(text)
    return joined("-", *found.groups("")) if found else text


def time(text: str) -> str:
    """`101530.500000` as `10:15:30.5`."""
    found = _TIME.fullmatch(text)
    if not found:
        return text
    *parts, fraction = found.groups(default="")
    return joined(":", *parts) + fraction.rstrip("0").rstrip(".")


def date_time(text: str) -> str:
    """`20240131101530+0100` as `2024-01-31 10:15:30 +01:00`."""
    found = _DATE_TIME.fullmatch(text)
    if not found:
        return text
    day, moment, zone = found.groups(default="")
    return joined(" ", date(day), time(moment), zone and f"{zone[:3]}:{zone[3:]}")


def number(value: float) -> str:
    """As precise as a value of VR FL is."""
    return f"{value:.7g}"


#: By VR; the others are written as they are.
_WRITTEN: dict[str, Callable[[str], str]] = {"DA": date, "TM": time, "DT": date_time}
