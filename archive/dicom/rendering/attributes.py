"""The attributes that say how pixels are shown, out of the DICOM JSON Model (PS3.18 Annex F) of their data set."""

from base64 import b64decode
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import nan
from typing import Any, Self

import numpy as np

from archive.dicom.charsets import DEFAULT_DECODER, TEXT_DELIMITERS
from archive.dicom.dicom_json import DataSet
from archive.dicom.value_representations import first_value

#: Gives the value field, little endian, of a path as the bulk data index has it: `00283010/0/00283006`.
ReadBulk = Callable[[str], bytes]

_NUMBER_TYPES = {
    "FD": "<f8", "FL": "<f4", "SL": "<i4", "SS": "<i2", "SV": "<i8", "UL": "<u4", "US": "<u2", "UV": "<u8",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Attributes:
    """A data set, or an item of it, whose long values are read when they are asked for.

    `path`: of the item, up to and with its last slash.
    """

    data_set: DataSet
    read_bulk: ReadBulk
    path: str = ""

    def __contains__(self, key: str) -> bool:
        return key in self.data_set

    def text(self, key: str) -> str:
        """The first value in upper case, as PS3.5 Table 6.2-1 wants codes; empty when there is none."""
        value = first_value(self.data_set, key)
        return value.strip().upper() if isinstance(value, str) else ""

    def values(self, key: str) -> list[Any]:
        """As the model has them, None for those that are empty; bytes that are no numbers are read as one text.

        That text is taken as UTF-8, else as Latin-1: the model no longer has the character set of the file.
        """
        element = self.data_set.get(key, {})
        if "BulkDataURI" in element and element["vr"] in _NUMBER_TYPES:
            return list(self.numbers(key))
        if "BulkDataURI" in element or "InlineBinary" in element:
            return [DEFAULT_DECODER.decode(self.field(key), delimiters=TEXT_DELIMITERS).rstrip(" \0") or None]
        found: list[Any] = element.get("Value", [])
        return found

    def number(self, key: str) -> float | None:
        """The first value, None when it is absent or no number."""
        values = self.numbers(key)
        return values[0] if values and np.isfinite(values[0]) else None

    def integer(self, key: str) -> int | None:
        number = self.number(key)
        return None if number is None else int(number)

    def plain_text(self, key: str) -> str:
        """The first value as it stands; empty when there is none, or it is no text."""
        value = next(iter(self.values(key)), None)
        return value if isinstance(value, str) else ""

    def numbers(self, key: str) -> list[float]:
        """All values; NaN for those that are no numbers, so that each keeps its place."""
        element = self.data_set.get(key, {})
        if "BulkDataURI" not in element:
            return [_number(value) for value in element.get("Value", ())]
        if element["vr"] not in _NUMBER_TYPES:
            return []
        kind, field = np.dtype(_NUMBER_TYPES[element["vr"]]), self.field(key)
        return [float(number) for number in np.frombuffer(field, kind, len(field) // kind.itemsize)]

    def count(self, key: str) -> int:
        """How many items a sequence has."""
        return len(self._items(key))

    def item(self, key: str, number: int = 0) -> Self | None:
        """One item of a sequence, counted from 0; None when there is no such item."""
        items = self._items(key)
        if not 0 <= number < len(items):
            return None
        return type(self)(items[number] or {}, self.read_bulk, f"{self.path}{key}/{number}/")

    def found(self, sequence: str, key: str, text: str) -> Self | None:
        """The first item of a sequence in which `text(key)` is as given; None when there is none."""
        items = (self.item(sequence, number) for number in range(self.count(sequence)))
        return next((item for item in items if item and item.text(key) == text), None)

    def items(self, key: str) -> Iterator[Self]:
        """The items of a sequence in their order."""
        for number, item in enumerate(self._items(key)):
            yield type(self)(item or {}, self.read_bulk, f"{self.path}{key}/{number}/")

    def field(self, key: str) -> bytes:
        """The value field of a binary element, or of one of binary numbers, little endian; empty when there is none."""
        element = self.data_set.get(key, {})
        if "BulkDataURI" in element:
            return self.read_bulk(self.path + key)
        if "InlineBinary" in element:
            return b64decode(element["InlineBinary"])
        kind = _NUMBER_TYPES.get(element.get("vr", ""))
        return np.array(element.get("Value", ()), kind).tobytes() if kind else b""

    def _items(self, key: str) -> list[DataSet | None]:
        """Files may state any VR for a sequence; it has no items then."""
        element = self.data_set.get(key, {})
        return element.get("Value", []) if element.get("vr") == "SQ" else []


def _number(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        return nan
