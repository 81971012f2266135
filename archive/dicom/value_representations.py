"""Which VR an element has when the file does not say: PS3.5 Sections 6.2.2, 7.1.3 and Annex A.1."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from pydicom.datadict import dictionary_VR, private_dictionary_VR

from archive.dicom.dicom_json import VALUE_VRS, DataSet

PIXEL_REPRESENTATION = "00280103"
LUT_DESCRIPTOR = "00283002"

#: PS3.5 Table 6.2-1; no private dictionary has a longer private creator.
LONGEST_LO = 64

#: PS3.5 Section 7.1.2: the VRs whose length has 32 bits where the VR is explicit.
LONG_VRS = frozenset({"OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV"})

#: VRs that the dictionary leaves open until Pixel Representation or the LUT Descriptor is known.
AMBIGUOUS = frozenset({"US or SS", "US or OW", "US or SS or OW"})


def dictionary_vr(tag: int, data_set: DataSet) -> str:
    """The VR of PS3.6, or of a known private dictionary; UN when there is none.

    `data_set` is what has been read so far: it holds the private creator.
    """
    if not tag >> 16 & 1:
        return _public_vr(tag)
    if tag & 0xFF00 == 0:
        # PS3.5 Section 7.8.1: (gggg,0010-00FF) are private creators.
        return "LO" if tag & 0xFFFF >= 0x10 else "UN"
    creator = first_value(data_set, f"{tag >> 16:04X}00{tag >> 8 & 0xFF:02X}")
    return _private_vr(tag, creator) if isinstance(creator, str) and len(creator) <= LONGEST_LO else "UN"


def resolve_ambiguous(vr: str, data_sets: Sequence[DataSet]) -> str:
    """One of the VRs in "US or SS" and the like; `data_sets` is the element's own and the ones around it.

    PS3.3 Section C.11.1.1.1: a LUT of a single entry is US. PS3.5 Annex A.1: otherwise LUT Data is OW.
    """
    if "OW" in vr:
        return "US" if first_value(data_sets[0], LUT_DESCRIPTOR) == 1 else "OW"
    representations = (first_value(data_set, PIXEL_REPRESENTATION) for data_set in data_sets)
    return "SS" if next((value for value in representations if value is not None), 0) == 1 else "US"


def first_value(data_set: DataSet, key: str) -> Any:
    """The first value of an element, None when it is absent or empty."""
    element = data_set.get(key)
    values = element.get("Value") if element else None
    return values[0] if values else None


@lru_cache(maxsize=8192)
def _public_vr(tag: int) -> str:
    try:
        return _settled(dictionary_VR(tag))
    except KeyError:
        return "UN"


@lru_cache(maxsize=8192)
def _private_vr(tag: int, creator: str) -> str:
    try:
        return _settled(private_dictionary_VR(tag, creator))
    except KeyError:
        return "UN"


def _settled(vr: str) -> str:
    """A dictionary's VR as one VR where that needs no context: implicit VR makes "OB or OW" OW (PS3.5 Annex A.1)."""
    if vr == "OB or OW":
        return "OW"
    return vr if vr in VALUE_VRS or vr in AMBIGUOUS or vr == "SQ" else "UN"
