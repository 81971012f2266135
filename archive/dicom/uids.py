"""Unique identifiers, PS3.5 Section 9."""

import re

_UID = re.compile(r"(?=.{1,64}\Z)(0|[1-9][0-9]*)(\.(0|[1-9][0-9]*))*")
_TOLERABLE_UID = re.compile(r"[0-9A-Za-z][0-9A-Za-z.]{0,63}")


def is_uid(text: str) -> bool:
    """Whether `text` is a UID as PS3.5 Section 9.1 has it."""
    return _UID.fullmatch(text) is not None


def is_tolerable_uid(text: str) -> bool:
    """Whether `text` can serve as a UID although PS3.5 Section 9.1 may forbid it.

    Real objects carry components with leading zeros, single components, and digests that an anonymizer put there.
    None of them does harm in a path or a key.
    """
    return _TOLERABLE_UID.fullmatch(text) is not None
