"""The frame list of `/frames/{frames}` (PS3.18 Section 10.1.1, Table 10.3-1)."""

import re

#: More frames than this in one request are refused before anything is looked up.
LIMIT = 10_000


class MalformedFrameList(ValueError):
    """The frame list is not a list of distinct positive numbers."""


def parse(text: str) -> tuple[int, ...]:
    """Frame numbers, from 1, in the order asked for (WADO-44).

    Raises:
        MalformedFrameList: not numbers separated by commas, a number twice (WADO-45), or 0 (WADO-46).
    """
    if not re.fullmatch(r"[0-9]{1,9}(,[0-9]{1,9})*", text):
        raise MalformedFrameList("The frame list is not a list of frame numbers separated by commas.")
    numbers = tuple(map(int, text.split(",")))
    if 0 in numbers:
        raise MalformedFrameList("The first frame is number 1.")
    if len(numbers) > LIMIT:
        raise MalformedFrameList(f"The frame list is longer than {LIMIT} numbers.")
    if len(set(numbers)) != len(numbers):
        raise MalformedFrameList("The frame list names a frame twice.")
    return numbers
