"""Where the bulk values of one stored object lie: what a BulkDataURI of its DICOM JSON stands for."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Self

import orjson

from archive.dicom.byte_ranges import ByteRange
from archive.dicom.transfer_syntaxes import OCTET_STREAM


@dataclass(frozen=True, slots=True)
class BulkValue:
    """One value field. `swap` is the size of the units to byte-swap when stored big endian, 1 for none.

    An `encapsulated` value runs from its first item tag to the end of its last fragment (PS3.5 Section A.4).
    """

    range: ByteRange
    vr: str
    swap: int = 1
    media_type: str = OCTET_STREAM
    encapsulated: bool = False


class BulkdataIndex(Mapping[str, BulkValue]):
    """Bulk values by path: a tag, or `tag/item number from 0/tag` in sequences, as in `00400275/0/00420011`."""

    __slots__ = ("_values",)

    def __init__(self, values: Mapping[str, BulkValue]) -> None:
        self._values = dict(values)

    def __getitem__(self, path: str) -> BulkValue:
        return self._values[path]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def to_bytes(self) -> bytes:
        return orjson.dumps(
            {
                path: (value.range.start, value.range.stop, value.vr, value.swap, value.media_type, value.encapsulated)
                for path, value in self._values.items()
            }
        )

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        return cls(
            {
                path: BulkValue(ByteRange(start, stop), *properties)
                for path, (start, stop, *properties) in orjson.loads(data).items()
            }
        )
