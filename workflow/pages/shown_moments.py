"""Moments for people: days and times of the zone that they are in."""

from dataclasses import dataclass
from datetime import UTC, datetime

from archive.dicom.dicom_json import DataSet
from archive.dicom.matching import moments
from archive.dicom.matching.data_sets import offset_of
from archive.dicom.matching.moments import Moment
from workflow.readable_steps import text


@dataclass(frozen=True, slots=True)
class ShownMoment:
    """`2026-11-25 10:15`, and whether that is over."""

    text: str
    is_over: bool

    def __str__(self) -> str:
        return self.text


def of_columns(moment: str, as_shown: str, now: datetime) -> ShownMoment | None:
    """The moment of two columns of a `Workitem`."""
    return shown(Moment(moment, 0 if as_shown else None), now) if moment else None


def of_attribute(data_set: DataSet, tag: str, now: datetime, around: DataSet | None = None) -> ShownMoment | None:
    """A DT of a data set, or of an item of the one `around` it."""
    moment = moments.moment(text(data_set, tag), offset=offset_of(around or data_set))
    return shown(moment, now) if moment else None


def shown(moment: Moment, now: datetime) -> ShownMoment:
    """As a clock beside `now` shows it; what the clocks showed where nobody knows of which zone they were."""
    if moment.offset is None:
        return ShownMoment(_written(moment.local), moment.local < f"{now:%Y%m%d%H%M%S}")
    utc = moment.utc()
    try:
        time = datetime.strptime(utc[:12], "%Y%m%d%H%M").replace(tzinfo=UTC).astimezone(now.tzinfo)
    except (ValueError, OverflowError):  # at the ends of the calendar
        return ShownMoment(_written(utc), utc < f"{now.astimezone(UTC):%Y%m%d%H%M%S}")
    return ShownMoment(f"{time:%Y-%m-%d %H:%M}", utc < f"{now.astimezone(UTC):%Y%m%d%H%M%S}")


def _written(digits: str) -> str:
    return f"{digits[:4]}-{digits[4:6]}-{digits[6:8]} {digits[8:10]}:{digits[10:12]}"
