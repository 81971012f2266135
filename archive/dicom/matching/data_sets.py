"""Attribute matching (PS3.4 Section C.2.2.2) against a data set in the DICOM JSON Model."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from archive.dicom.dicom_json import DataSet
from archive.dicom.matching import person_names
from archive.dicom.matching.attribute_paths import Tag, find, vr_of
from archive.dicom.matching.moments import (
    TIMEZONE_OFFSET_FROM_UTC,
    date_key,
    moment,
    offset_minutes,
    shifted,
    time_key,
    times_of_dates,
)
from archive.dicom.matching.numbers import NUMBERS
from archive.dicom.matching.rules import Keys, Match, Universal, Value, matches, range_of_moments
from archive.dicom.value_representations import first_value

#: What stands for a value that is there, and of which nothing is known.
UNREADABLE = ""
#: Longer texts are not compared.
LONGEST_TEXT = 1 << 16


def data_set_matches(keys: Keys, data_set: DataSet, timezone: int | None = None) -> bool:
    """Whether the data set meets all keys.

    Args:
        timezone: the zone in which the keys give dates and times, in minutes from UTC. Where the data set names its own
            too, its dates with times are moved into the zone of the keys; else they are compared as they stand.
    """
    return _Reader(offset_of(data_set), timezone).meets(keys, data_set)


def offset_of(data_set: DataSet) -> int | None:
    """The data set's own Timezone Offset From UTC (0008,0201) in minutes, which holds for its items too."""
    return offset_minutes(str(first_value(data_set, TIMEZONE_OFFSET_FROM_UTC) or ""))


class _Reader:
    """The values of a data set and its items, in the forms that keys are compared with."""

    def __init__(self, offset: int | None, timezone: int | None) -> None:
        self._offset = offset
        self._shift = timezone - offset if timezone is not None and offset is not None else 0

    def meets(self, keys: Keys, data_set: DataSet) -> bool:
        own: dict[Tag, Match] = {}
        of_items: dict[Tag, dict[tuple[Tag, ...], Match]] = {}
        for (tag, *rest), match in keys.items():
            if match != Universal() and rest:
                of_items.setdefault(tag, {})[tuple(rest)] = match
            elif match != Universal():
                own[tag] = match
        return all(matches(match, values) for match, values in self._asked(own, data_set)) and all(
            self._any_item_meets(within, data_set, tag) for tag, within in of_items.items()
        )

    def _any_item_meets(self, keys: Keys, data_set: DataSet, tag: Tag) -> bool:
        """PS3.4 Section C.2.2.2.6: one item has to meet all keys together."""
        found = find(data_set, tag)
        items = found[1].get("Value", ()) if found else ()
        return any(isinstance(item, dict) and self.meets(keys, item) for item in items)

    def _asked(self, keys: Mapping[Tag, Match], data_set: DataSet) -> Iterator[tuple[Match, Collection[Value]]]:
        """What is asked for, and of which values: dates and the times beside them are one where they are ranges."""
        alone = dict(keys)
        for date, time in times_of_dates().items():
            if date not in keys and time not in keys:
                continue
            dates, times = self._in_zone(self._values(data_set, date), self._values(data_set, time))
            asked = alone.pop(date, Universal()), alone.pop(time, Universal())
            if moments := range_of_moments(*asked):
                yield moments, [f"{day}{clock}" for day, clock in zip(dates, times, strict=False) if day and clock]
            else:
                yield from zip(asked, (dates, times), strict=True)
        for tag, match in alone.items():
            yield match, self._values(data_set, tag)

    def _in_zone(self, dates: Sequence[Value], times: Sequence[Value]) -> tuple[Sequence[Value], Sequence[Value]]:
        """Dates and times in the zone of the keys."""
        if not self._shift or len(dates) != len(times) or UNREADABLE in (*dates, *times):
            return dates, times
        moved = [shifted(str(day), str(clock), self._shift) for day, clock in zip(dates, times, strict=True)]
        return [day for day, _ in moved], [clock for _, clock in moved]

    def _values(self, data_set: DataSet, tag: Tag) -> list[Value]:
        found = find(data_set, tag)
        if found is None:
            return []
        _, element = found
        if "Value" not in element:
            return [UNREADABLE] if len(element) > 1 else []
        vr = vr_of(tag)
        return [read for value in element["Value"] if value is not None for read in self._read(vr, value)]

    def _read(self, vr: str, value: Any) -> Collection[Value]:
        if vr == "PN":
            return person_names.search_keys(person_names.text_of(value))
        text = str(value).strip(" ")
        if isinstance(value, dict) or len(text) > LONGEST_TEXT:
            return [UNREADABLE]
        if number := NUMBERS.get(vr):
            found: Value | None = number(text)
            return [UNREADABLE if found is None else found]
        match vr:
            case "DA":
                return [date_key(text) or UNREADABLE]
            case "TM":
                return [time_key(text) or UNREADABLE]
            case "DT":
                return [moment(text, offset=self._offset) or UNREADABLE]
        return [text]
