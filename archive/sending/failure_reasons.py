"""Why a destination does not store an instance: Failure Reason (0008,1197), in plain words.

PS3.18 Table I.2-2 and PS3.7 Annex C. The ranges of the tables are asked last.
"""

from dataclasses import dataclass

#: PS3.7 Section C.5.6.
DUPLICATE_SOP_INSTANCE = 0x0111


@dataclass(frozen=True, slots=True)
class Reason:
    """`passes`: the same instance may be taken later."""

    words: str
    passes: bool = False


_REASONS = {
    0x0105: Reason("The destination does not know an attribute of it."),
    0x0106: Reason("The destination does not accept the value of an attribute."),
    0x0110: Reason("The destination failed to work on it."),
    DUPLICATE_SOP_INSTANCE: Reason("The destination has an object of this UID, and keeps that."),
    0x0117: Reason("The destination takes its UID for a wrong one."),
    0x0119: Reason("The destination finds that its SOP Class and its UID do not belong together."),
    0x0122: Reason("The destination does not store objects of its SOP Class."),
    0x0124: Reason("The destination does not allow it to be stored by this archive."),
    0x0213: Reason("The destination has not enough room at present.", passes=True),
    0xC122: Reason("The destination does not take its transfer syntax."),
}

#: By what the codes have in common: a mask, and what is left.
_RANGES = (
    (0xFF00, 0xA700, Reason("The destination has not enough room at present.", passes=True)),
    (0xFF00, 0xA900, Reason("The destination finds that it does not fit its SOP Class.")),
    (0xF000, 0xC000, Reason("The destination cannot understand it.")),
)


def reason(code: int | None) -> Reason:
    """What a code says; with the code itself where no table has it."""
    if code is None:
        return Reason("The destination refused it and did not say why.")
    if found := _REASONS.get(code):
        return found
    ranges = (said for mask, value, said in _RANGES if code & mask == value)
    return next(ranges, Reason(f"The destination refused it (code {code:04X})."))
