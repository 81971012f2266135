"""The words of annotations: on the patient, and on how the image was made (PS3.18 Section 8.3.5.1.1)."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from archive.dicom.dicom_json import DataSet
from archive.dicom.matching.moments import date_key, time_key
from archive.dicom.pixel_data import PHOTOMETRIC_INTERPRETATION, number_of_frames
from archive.dicom.rendering.attributes import Attributes
from archive.dicom.rendering.frames import AS_STORED, Appearance
from archive.dicom.rendering.functional_groups import FRAME_CONTENT, PIXEL_MEASURES, macro
from archive.dicom.rendering.voi_lut import Window, voi_lut
from archive.dicom.value_representations import first_value

PATIENT_NAME, PATIENT_ID = "00100010", "00100020"
BIRTH_DATE, SEX, AGE = "00100030", "00100040", "00101010"
MODALITY, STUDY_DESCRIPTION, SERIES_DESCRIPTION, SERIES_NUMBER = "00080060", "00081030", "0008103E", "00200011"

FRAME_ACQUISITION_DATE_TIME, ACQUISITION_DATE_TIME = "00189074", "0008002A"
#: Dates and times, from those of the acquisition to those of the study.
_DATES_AND_TIMES = (
    ("00080022", "00080032"),
    ("00080023", "00080033"),
    ("00080021", "00080031"),
    ("00080020", "00080030"),
)

_SEXES = {"M": "male", "F": "female", "O": "other"}
_UNITS_OF_AGE = {"D": "days", "W": "weeks", "M": "months", "Y": "years"}


@dataclass(frozen=True, slots=True)
class _Quantity:
    """A number: how it is written, its attribute, and where the functional groups of multi-frame images have it."""

    form: str
    key: str
    group: str = ""
    key_in_group: str = ""


#: What was done to the patient, a line each.
_QUANTITIES = (
    (
        _Quantity("{} kV", "00180060", "00189325", "00180060"),
        _Quantity("{} mA", "00181151", "00189321", "00189330"),
        _Quantity("{} mAs", "00181152", "00189321", "00189332"),
    ),
    (
        _Quantity("TR {} ms", "00180080", "00189112", "00180080"),
        _Quantity("TE {} ms", "00180081", "00189114", "00189082"),
    ),
    (
        _Quantity("Thickness {} mm", "00180050", PIXEL_MEASURES, "00180050"),
        _Quantity("Location {} mm", "00201041"),
    ),
)


def patient_lines(attributes: Attributes) -> list[str]:
    """Name, ID, and birth date, sex and age, as far as they are known."""
    data_set = attributes.data_set
    birth, sex = _date(_text(data_set, BIRTH_DATE)), _text(data_set, SEX)
    lines = (
        readable_name(first_value(data_set, PATIENT_NAME)),
        _prefixed("ID ", _text(data_set, PATIENT_ID)),
        _joined(", ", (_prefixed("born ", birth), _SEXES.get(sex.upper(), sex), _age(_text(data_set, AGE)))),
    )
    return [line for line in lines if line]


def technique_lines(attributes: Attributes, number: int = 1, appearance: Appearance = AS_STORED) -> list[str]:
    """What was done, when and how; which frame it is, counted from 1, and the window in which it appears.

    Raises:
        NotRenderable: a VOI LUT is malformed, with which the frame is not rendered either.
    """
    data_set, frames = attributes.data_set, number_of_frames(attributes.data_set)
    window = _window(attributes, number, appearance)
    lines = (
        _joined(" ", (_text(data_set, MODALITY), _text(data_set, STUDY_DESCRIPTION))),
        _joined(" ", (_prefixed("Series ", _text(data_set, SERIES_NUMBER)), _text(data_set, SERIES_DESCRIPTION))),
        _moment(attributes, number),
        *(_joined(", ", (_quantity(one, attributes, number) for one in line)) for line in _QUANTITIES),
        f"Frame {number} of {frames}" if frames > 1 else "",
        f"Window {_number(window.center)} / {_number(window.width)}" if window else "",
    )
    return [line for line in lines if line]


def readable_name(name: Any) -> str:
    """A value of VR PN, of the DICOM JSON Model: `Yamada, Tarou (山田 太郎, やまだ たろう)` (PS3.5 Section 6.2.1)."""
    groups = name if isinstance(name, dict) else {"Alphabetic": name or ""}
    alphabetic = _western(str(groups.get("Alphabetic") or ""))
    others = [" ".join(str(groups.get(group) or "").replace("^", " ").split()) for group in ("Ideographic", "Phonetic")]
    if not alphabetic:
        return _joined(", ", others)
    return _joined(" ", (alphabetic, f"({_joined(', ', others)})" if any(others) else ""))


def _western(name: str) -> str:
    """Family name, given and middle names, prefix and suffix: `Adams, John Robert Quincy, Rev., B.A.`"""
    components = (" ".join(component.split()) for component in name.split("^")[:5])
    family, given, middle, prefix, suffix = (part for part, _ in zip_longest(components, range(5), fillvalue=""))
    return _joined(", ", (family, _joined(" ", (given, middle)), prefix, suffix))


def _moment(attributes: Attributes, number: int) -> str:
    """The frame's, the acquisition's, or the nearest to it that is known: `2024-01-31 10:15:30`."""
    data_set, frame = attributes.data_set, macro(attributes, FRAME_CONTENT, number).data_set
    in_one = (_text(frame, FRAME_ACQUISITION_DATE_TIME), _text(data_set, ACQUISITION_DATE_TIME))
    pairs = [(text[:8], text[8:14]) for text in in_one]
    pairs += [(_text(data_set, date), _text(data_set, time)) for date, time in _DATES_AND_TIMES]
    date, time = next((pair for pair in pairs if date_key(pair[0])), ("", ""))
    return _joined(" ", (_date(date), _time(time)))


def _window(attributes: Attributes, number: int, appearance: Appearance) -> Window | None:
    """The one that is asked for, or the data set's; None of colors, of tables, and where the pixels decide."""
    if not attributes.text(PHOTOMETRIC_INTERPRETATION).startswith("MONOCHROME"):
        return None
    shown = appearance.window or voi_lut(attributes, number, appearance.view, signed=False)
    return shown if isinstance(shown, Window) else None


def _quantity(quantity: _Quantity, attributes: Attributes, number: int) -> str:
    value = macro(attributes, quantity.group, number).number(quantity.key_in_group)
    value = attributes.number(quantity.key) if value is None else value
    return "" if value is None else quantity.form.format(_number(value))


def _text(data_set: DataSet, key: str) -> str:
    value = first_value(data_set, key)
    return "" if value is None or isinstance(value, dict) else str(value).strip()


def _date(text: str) -> str:
    """As ISO 8601 has it. What is no date stays as it is."""
    digits = date_key(text)
    return f"{digits[:4]}-{digits[4:6]}-{digits[6:]}" if digits else text


def _time(text: str) -> str:
    digits = time_key(text)
    return f"{digits[:2]}:{digits[2:4]}:{digits[4:6]}" if digits else ""


def _age(text: str) -> str:
    """`045Y` is 45 years (PS3.5 Table 6.2-1)."""
    count, unit = text[:-1], _UNITS_OF_AGE.get(text[-1:].upper())
    return f"{count.lstrip('0') or 0} {unit}" if unit and count.isdecimal() else text


def _number(value: float) -> str:
    return f"{value:.6g}"


def _prefixed(prefix: str, text: str) -> str:
    return prefix + text if text else ""


def _joined(separator: str, parts: Iterable[str]) -> str:
    return separator.join(part for part in parts if part)
