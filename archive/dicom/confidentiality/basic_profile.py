"""What the Basic Application Level Confidentiality Profile does to each attribute (PS3.15 Table E.1-1, edition 2024e).

The table is `basic_profile.csv`. Which Type an attribute has depends on the IOD; where the table leaves a choice that
hangs on it, the one is made that fits every Type: an empty value before none, a dummy before an empty value.
"""

import csv
from collections.abc import Mapping
from enum import Enum
from functools import lru_cache
from pathlib import Path

from pydicom.datadict import dictionary_VR

from archive.dicom.added_attributes import ADDED


class Action(Enum):
    """PS3.15 Table E.1-1a."""

    REMOVE = "X"
    EMPTY = "Z"
    DUMMY = "D"
    UID = "U"
    #: Keep, and do in sequences what is to be done to what they hold.
    KEEP = "K"


#: How a choice of the table is made.
CHOSEN = {
    "X": Action.REMOVE,
    "Z": Action.EMPTY,
    "D": Action.DUMMY,
    "U": Action.UID,
    "X/Z": Action.EMPTY,
    "X/D": Action.DUMMY,
    "Z/D": Action.DUMMY,
    "X/Z/D": Action.DUMMY,
    "X/Z/U*": Action.KEEP,  # sequences that refer to images: the UIDs in them are replaced
}


def _read() -> Mapping[int, Action]:
    with Path(__file__).with_suffix(".csv").open(newline="") as file:
        return {int(row["tag"], 16): CHOSEN[row["action"]] for row in csv.DictReader(file)}


TABLE = _read()


@lru_cache(maxsize=8192)
def action(tag: int) -> Action:
    """What happens to an attribute.

    Beyond the table, names are emptied wherever they are, and what PS3.6 does not have, or did not have when the table
    was made, is removed: nobody can tell what it says.
    """
    group = tag >> 16
    if group & 1 or group & 0xFF00 in {0x5000, 0x6000}:
        return Action.REMOVE  # private attributes, curves and overlays
    if found := TABLE.get(tag):
        return found
    if tag in ADDED:
        return Action.REMOVE
    try:
        return Action.EMPTY if dictionary_VR(tag) == "PN" else Action.KEEP
    except KeyError:
        return Action.REMOVE
