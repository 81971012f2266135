"""The parts of answers: what there is to say of each before it is sent."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Part:
    """One part.

    Args:
        length: None when it is not known although the part has been made.
        read: starts to read the payload, or, where nothing has to be made, a range of it; it raises when there is
            nothing to read.
    """

    content_type: str
    location: str
    length: int | None
    read: Callable[..., Iterator[bytes]]

    @property
    def headers(self) -> list[tuple[str, str]]:
        length = [] if self.length is None else [("Content-Length", str(self.length))]
        return [("Content-Type", self.content_type), *length, ("Content-Location", self.location)]


@dataclass(frozen=True, slots=True)
class Made:
    """A part that has yet to be made, from other bytes than its own; `make` raises when it cannot be."""

    make: Callable[[], Part]


AnyPart = Part | Made
