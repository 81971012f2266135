"""The words of annotations: on the patient, and on how the image was made (PS3.18 Section 8.3.5.1.1)."""

from dataclasses import dataclass

from archive.dicom.dicom_json import DataSet
from archive.dicom.matching.moments import date_key
from archive.dicom.pixel_data import PHOTOMETRIC_INTERPRETATION, number_of_frames
from archive.dicom.rendering import words
from archive.dicom.rendering.attributes import Attributes
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
    birth, sex = words.date(_text(data_set, BIRTH_DATE)), _text(data_set, SEX)
    lines = (
        _name(data_set),
        _prefixed("ID ", _text(data_set, PATIENT_ID)),
        words.joined(", ", _prefixed("born ", birth), _SEXES.get(sex.upper(), sex), _age(_text(data_set, AGE))),
    )
    return [line for line in lines if line]


def technique_lines(attributes: Attributes, number: int = 1, window: Window | None = None) -> list[str]:
    """What was done, when and how; which frame it is, counted from 1, and its window, or the one that goes before.

    Raises:
        NotRenderable: a VOI LUT is malformed, with which the frame is not rendered either.
    """
    data_set, frames = attributes.data_set, number_of_frames(attributes.data_set)
    seen = _window(attributes, number, window)
    lines = (
        words.joined(" ", _text(data_set, MODALITY), _text(data_set, STUDY_DESCRIPTION)),
        words.joined(" ", _prefixed("Series ", _text(data_set, SERIES_NUMBER)), _text(data_set, SERIES_DESCRIPTION)),
        *acquisition_lines(attributes, number),
        f"Frame {number} of {frames}" if frames > 1 else "",
        f"Window {words.number(seen.center)} / {words.number(seen.width)}" if seen else "",
    )
    return [line for line in lines if line]


def acquisition_lines(attributes: Attributes, number: int = 1) -> list[str]:
    """When a frame, counted from 1, was taken, and how."""
    lines = (
        _moment(attributes, number),
        *(words.joined(", ", *(_quantity(one, attributes, number) for one in line)) for line in _QUANTITIES),
    )
    return [line for line in lines if line]


def _name(data_set: DataSet) -> str:
    value = first_value(data_set, PATIENT_NAME)
    return words.person_name(value, words.family_first) if isinstance(value, dict) else _text(data_set, PATIENT_NAME)


def _moment(attributes: Attributes, number: int) -> str:
    """The frame's, the acquisition's, or the nearest to it that is known: `2024-01-31 10:15:30`."""
    data_set, frame = attributes.data_set, macro(attributes, FRAME_CONTENT, number).data_set
    in_one = (_text(frame, FRAME_ACQUISITION_DATE_TIME), _text(data_set, ACQUISITION_DATE_TIME))
    pairs = [(text[:8], text[8:14]) for text in in_one]
    pairs += [(_text(data_set, day), _text(data_set, moment)) for day, moment in _DATES_AND_TIMES]
    day, moment = next((pair for pair in pairs if date_key(pair[0])), ("", ""))
    return words.joined(" ", words.date(day), words.time(moment.partition(".")[0]))


def _window(attributes: Attributes, number: int, wanted: Window | None) -> Window | None:
    """The one that is asked for, or the data set's; None of colors, of tables, and where the pixels decide."""
    if not attributes.text(PHOTOMETRIC_INTERPRETATION).startswith("MONOCHROME"):
        return None
    shown = wanted or voi_lut(attributes, number, signed=lambda: False)
    return shown if isinstance(shown, Window) else None


def _quantity(quantity: _Quantity, attributes: Attributes, number: int) -> str:
    value = macro(attributes, quantity.group, number).number(quantity.key_in_group)
    value = attributes.number(quantity.key) if value is None else value
    return "" if value is None else quantity.form.format(words.number(value))


def _text(data_set: DataSet, key: str) -> str:
    value = first_value(data_set, key)
    return "" if value is None or isinstance(value, dict) else str(value).strip()


def _age(text: str) -> str:
    """`045Y` is 45 years (PS3.5 Table 6.2-1)."""
    count, unit = text[:-1], _UNITS_OF_AGE.get(text[-1:].upper())
    return f"{count.lstrip('0') or 0} {unit}" if unit and count.isdecimal() else text


def _prefixed(prefix: str, text: str) -> str:
    return prefix + text if text else ""
