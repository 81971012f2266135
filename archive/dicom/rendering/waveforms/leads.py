"""Leads of an electrocardiogram: PS3.16 CID 3001, whose numbers are those of SCP-ECG (ISO/IEEE 11073-91064)."""

import re

#: The schemes whose codes end in such a number: `5.6.3-9-1` and `2:1` are lead I.
_SCHEMES = frozenset({"SCPECG", "MDC"})
_NUMBER = re.compile(r"(?:5\.6\.3-9-|2:)([0-9]{1,3})")

_NAMES = {
    1: "I", 2: "II", 61: "III", 62: "aVR", 63: "aVL", 64: "aVF",
    3: "V1", 4: "V2", 5: "V3", 6: "V4", 7: "V5", 8: "V6", 9: "V7", 66: "V8", 67: "V9",
    10: "V2R", 11: "V3R", 12: "V4R", 13: "V5R", 14: "V6R", 15: "V7R", 68: "V8R", 69: "V9R",
    16: "X", 17: "Y", 18: "Z", 65: "-aVR",
}  # fmt: skip
_BY_WORD = {name.upper(): name for name in _NAMES.values()}

#: How the standard twelve are printed: limb leads, augmented ones, chest leads.
TWELVE = (
    ("I", "aVR", "V1", "V4"),
    ("II", "aVL", "V2", "V5"),
    ("III", "aVF", "V3", "V6"),
)
#: The one that is printed whole below them.
RHYTHM = "II"


def lead(source: tuple[str, str], *texts: str) -> str:
    """The name of a lead by its code and coding scheme, or by a text such as `Lead II`; empty when it is none."""
    code, scheme = source
    if scheme in _SCHEMES and (found := _NUMBER.fullmatch(code)):
        return _NAMES.get(int(found[1]), "")
    spelled = (re.sub(r"^LEAD\b|\(.*\)", "", text.upper()).strip() for text in texts)
    return next((_BY_WORD[word] for word in spelled if word in _BY_WORD), "")
