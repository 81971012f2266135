"""Attributes of PS3.6 that pydicom's dictionary does not have yet."""

import pytest
from pydicom.datadict import keyword_for_tag

from archive.dicom.added_attributes import ADDED
from archive.dicom.matching.attribute_paths import attribute_path, vr_of
from archive.dicom.value_representations import dictionary_vr


@pytest.mark.parametrize(("tag", "vr", "keyword"), [(tag, *known) for tag, known in ADDED.items()])
def test_an_added_attribute_is_known_like_any_other(tag, vr, keyword):
    assert dictionary_vr(tag, {}) == vr
    assert keyword_for_tag(tag) == keyword
    assert attribute_path(keyword) == (f"{tag:08X}",)


def test_they_are_found_in_sequences():
    path = attribute_path("PersonNamesToUseSequence.NameToUse")
    assert path == ("00100011", "00100012")
    assert vr_of("00100012") == "LT"
