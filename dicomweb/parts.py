"""The parts of answers: what there is to say of each before it is sent."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, Self

from archive.dicom.byte_ranges import ByteRange


@dataclass(frozen=True, slots=True)
class Part:
    """One part.

    Args:
        length: None when it is not known although the part has been made.
        read: starts to read the payload, or, where nothing has to be made, a range of it; it raises when there is
            nothing to read.
        in_order: whether it is to be opened after those before it have been read.
    """

    content_type: str
    location: str
    length: int | None
    read: Callable[..., Iterator[bytes]]
    in_order: bool = False

    @classmethod
    def of_bytes(cls, content_type: str, location: str, body: bytes) -> Self:
        """A part that is there."""

        def read(byte_range: ByteRange | None = None) -> Iterator[bytes]:
            return iter([body[byte_range.start : byte_range.stop] if byte_range else body])

        return cls(content_type, location, len(body), read)

    @property
    def headers(self) -> list[tuple[str, str]]:
        length = [] if self.length is None else [("Content-Length", str(self.length))]
        return [("Content-Type", self.content_type), *length, ("Content-Location", self.location)]


@dataclass(frozen=True, slots=True)
class Made:
    """A part that has yet to be made, from other bytes than its own; `make` raises when it cannot be.

    Args:
        may_fail: what, when `make` raises it, leaves this part out of an answer of several.
        location: of what may fail, for the log.
    """

    make: Callable[[], Part]
    may_fail: tuple[type[Exception], ...] = ()
    location: str = ""


AnyPart = Part | Made


@dataclass(frozen=True, slots=True)
class FrameParts(Sequence[AnyPart]):
    """A part for each of these frames, made whenever it is looked at: an object of a megabyte can have millions."""

    numbers: Sequence[int]
    make: Callable[[int], AnyPart]

    def __len__(self) -> int:
        return len(self.numbers)

    def __getitem__(self, index: Any) -> Any:
        return self.make(self.numbers[index])


@dataclass(frozen=True, slots=True)
class Groups(Collection[AnyPart]):
    """The parts of several values, one after the other."""

    groups: Sequence[Sequence[AnyPart]]

    def __len__(self) -> int:
        return sum(map(len, self.groups))

    def __iter__(self) -> Iterator[AnyPart]:
        return chain.from_iterable(self.groups)

    def __contains__(self, part: object) -> bool:
        return any(part in group for group in self.groups)
