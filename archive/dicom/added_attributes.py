"""Attributes of PS3.6 that are younger than pydicom's dictionary, made known to it.

`archive.dicom` imports this before anything else of it: keywords, VRs and XML then have them like all others.
"""

from pydicom.datadict import add_dict_entries

#: PS3.6 Table 6-1 of the editions after 2024e: tag -> VR, keyword. Each has one value.
ADDED = {
    0x00100011: ("SQ", "PersonNamesToUseSequence"),
    0x00100012: ("LT", "NameToUse"),
    0x00100013: ("UT", "NameToUseComment"),
    0x00100014: ("SQ", "ThirdPersonPronounsSequence"),
    0x00100015: ("SQ", "PronounCodeSequence"),
    0x00100016: ("UT", "PronounComment"),
    0x00100041: ("SQ", "GenderIdentitySequence"),
    0x00100042: ("UT", "SexParametersForClinicalUseCategoryComment"),
    0x00100043: ("SQ", "SexParametersForClinicalUseCategorySequence"),
    0x00100044: ("SQ", "GenderIdentityCodeSequence"),
    0x00100045: ("UT", "GenderIdentityComment"),
    0x00100046: ("SQ", "SexParametersForClinicalUseCategoryCodeSequence"),
    0x00100047: ("UR", "SexParametersForClinicalUseCategoryReference"),
    0x0040A034: ("DT", "EffectiveStartDateTime"),
    0x0040A035: ("DT", "EffectiveStopDateTime"),
}

add_dict_entries({tag: (vr, "1", keyword, "", keyword) for tag, (vr, keyword) in ADDED.items()})
