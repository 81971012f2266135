"""Segmented Palette Color Lookup Tables: PS3.3 Section C.7.9.2."""

import numpy as np
from numpy.typing import NDArray

from archive.dicom.errors import NotRenderable

_DISCRETE, _LINEAR, _INDIRECT = 0, 1, 2


def expanded(field: bytes, bits: int, count: int) -> NDArray[np.uint16]:
    """The entries that segments of bytes or words stand for.

    Args:
        field: the segments, little endian.
        bits: of an entry; up to 8 of them segments are made of bytes.
        count: how many entries there have to be. No more than these are ever made.
    """
    size = 1 if bits <= 8 else 2
    expansion = _Expansion(np.frombuffer(field, f"<u{size}", len(field) // size).tolist(), size, count)
    expansion.run()
    if len(expansion.entries) != count:
        raise NotRenderable(f"A segmented LUT has {len(expansion.entries)} entries where {count} belong.")
    return np.array(expansion.entries, np.uint16)


class _Expansion:
    """Segments as they are read: an opcode, a length, and what belongs to them. None is empty, so there is an end."""

    def __init__(self, units: list[int], size: int, count: int) -> None:
        self.entries: list[int] = []
        self._units, self._size, self._count = units, size, count

    def run(self) -> None:
        """All segments; what is left when there are enough entries is padding."""
        position = 0
        while len(self.entries) < self._count and position + 2 < len(self._units):
            opcode, length = self._take(position, 2)
            position = self._repeat(position + 2, length) if opcode == _INDIRECT else self._segment(position)

    def _segment(self, position: int) -> int:
        """A discrete (C.7.9.2.1) or a linear segment (C.7.9.2.2); where the next one begins."""
        opcode, length = self._take(position, 2)
        position += 2
        if opcode not in (_DISCRETE, _LINEAR) or not length:
            raise NotRenderable(f"A segmented LUT has a segment of kind {opcode} and length {length}.")
        if len(self.entries) + length > self._count:
            raise NotRenderable(f"A segmented LUT has more than the {self._count} entries that belong into it.")
        if opcode == _DISCRETE:
            self.entries += self._take(position, length)
            return position + length
        if not self.entries:
            raise NotRenderable("A segmented LUT begins with a linear segment.")
        before, (last,) = self.entries[-1], self._take(position, 1)
        self.entries += [round(before + (last - before) * step / length) for step in range(1, length + 1)]
        return position + 1

    def _repeat(self, position: int, count: int) -> int:
        """An indirect segment (C.7.9.2.3): `count` segments from an offset in bytes on, none of them indirect."""
        width = 4 // self._size
        offset = sum(unit << 8 * self._size * place for place, unit in enumerate(self._take(position, width)))
        if offset % self._size or not count:
            raise NotRenderable("A segmented LUT repeats no whole segments.")
        start = offset // self._size
        for _ in range(count):
            start = self._segment(start)
        return position + width

    def _take(self, position: int, count: int) -> list[int]:
        taken = self._units[position : position + count]
        if len(taken) != count:
            raise NotRenderable("A segmented LUT is cut off.")
        return taken
