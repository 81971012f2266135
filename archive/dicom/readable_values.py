"""Values as people read them: names, days, times and ages. What is no value of its kind stays as it is."""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class ReadableName:
    """A person name (PS3.5 Section 6.2.1): family name first; `others` are how it is written in other scripts."""

    text: str
    others: str = ""


def person_name(value: str) -> ReadableName:
    """The component groups of a name that have something.

    >>> person_name("Yamada^Tarou^^Dr.=山田^太郎")
    ReadableName(text='Yamada, Tarou (Dr.)', others='山田 太郎')
    """
    alphabetic, *others = value.split("=")
    family, given, middle, *affixes = [component.strip() for component in f"{alphabetic}^^".split("^")]
    first_names = " ".join(filter(None, (given, middle)))
    titles = ", ".join(filter(None, affixes))
    text = ", ".join(filter(None, (family, first_names))) + (f" ({titles})" if titles else "")
    written = [name for group in others if (name := " ".join(group.replace("^", " ").split()))]
    if not text.strip() and written:
        return ReadableName(written[0], " · ".join(written[1:]))
    return ReadableName(text.strip(), " · ".join(written))


def day(value: str) -> str:
    """`20240131` as `2024-01-31`, which nobody reads in two ways."""
    parsed = _date(value)
    return parsed.isoformat() if parsed else value


def clock(value: str) -> str:
    """`101530.25` as `10:15`, and `10:15:30`, which old equipment writes, too."""
    digits = value.replace(":", "")[:4]
    return f"{digits[:2]}:{digits[2:]}" if len(digits) == 4 and digits.isdecimal() else value


def age(born: str, on: str) -> str:
    """How old somebody who was born on one day is on another, as clinicians say it; empty when that is not known.

    >>> age("19500201", "20240131"), age("20230601", "20240131"), age("20240120", "20240131")
    ('73 y', '7 mo', '11 d')
    """
    birth, present = _date(born), _date(on)
    if birth is None or present is None or present < birth:
        return ""
    months = (present.year - birth.year) * 12 + present.month - birth.month - (present.day < birth.day)
    if months >= 24:
        return f"{months // 12} y"
    return f"{months} mo" if months else f"{(present - birth).days} d"


def _date(value: str) -> date | None:
    if len(value) != 8 or not (value.isascii() and value.isdecimal()):
        return None
    try:
        return datetime.strptime(value, "%Y%m%d").date()  # noqa: DTZ007  a day of the calendar is in no time zone
    except ValueError:
        return None
