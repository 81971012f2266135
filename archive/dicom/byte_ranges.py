"""Spans of bytes."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ByteRange:
    """Half-open span of one stored blob: bytes[start:stop]."""

    start: int
    stop: int

    def __post_init__(self) -> None:
        if not 0 <= self.start <= self.stop:
            raise ValueError(f"bytes {self.start} to {self.stop} are no range")

    @property
    def length(self) -> int:
        return self.stop - self.start
