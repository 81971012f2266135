"""Numbers by their meaning (PS3.4 Section C.2.2.2.1): however they are written, the same ones compare equal."""

import re
import struct
from collections.abc import Callable, Mapping
from math import isfinite

_INTEGER = re.compile(r"([+-]?[0-9]{1,18})(?:\.0*)?")
_LONG_INTEGER = re.compile(r"[+-]?[0-9]{1,20}")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?")


def integer(text: str) -> int | None:
    """`7`, `07` and `+7` are the same number; None when it is none."""
    found = _INTEGER.fullmatch(text)
    return int(found[1]) if found else None


def long_integer(text: str) -> int | None:
    """As `integer`, of the 64 bits of VR SV and UV."""
    return int(text) if _LONG_INTEGER.fullmatch(text) else None


def number(text: str) -> float | None:
    """`1.5`, `1.50` and `15e-1` are the same number; None when it is none."""
    return found if _NUMBER.fullmatch(text) and isfinite(found := float(text)) else None


def single_precision(text: str) -> float | None:
    """The number of VR FL that is nearest: `0.1` has no other form in single precision."""
    found = number(text)
    try:
        return None if found is None else float(struct.unpack("<f", struct.pack("<f", found))[0])
    except OverflowError:
        return None


#: How the values of the VRs of numbers are read, in keys and in data sets.
NUMBERS: Mapping[str, Callable[[str], float | None]] = {
    **dict.fromkeys(["IS", "SL", "SS", "UL", "US", "US or SS"], integer),
    **dict.fromkeys(["SV", "UV"], long_integer),
    **dict.fromkeys(["DS", "FD"], number),
    "FL": single_precision,
}
