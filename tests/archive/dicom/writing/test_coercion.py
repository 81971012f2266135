"""Files with other values of some attributes, which keep what those were (PS3.3 Section C.12.1)."""

from io import BytesIO

import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEGBaseline8Bit,
)

from archive.dicom.charsets import encode_text, text_decoder
from archive.dicom.errors import NotCoercible
from archive.dicom.reading.opened_file import opened
from archive.dicom.reading.part10 import parse
from archive.dicom.writing.coercion import Modification, coerced, target_syntax
from archive.dicom.writing.file_meta import file_meta
from tests.builders import encapsulated, instance, part10

PATIENT_NAME, PATIENT_ID = 0x00100010, 0x00100020
MODIFICATION = Modification(at="20240131101530.000000+0000", system="SYSTEM")


def changed(content: bytes, values: dict[int, tuple[str, str]]) -> bytes:
    """The whole file with these values."""
    before = parse(BytesIO(content))
    with opened(BytesIO(content)) as found:
        data_set = b"".join(coerced(found, values, MODIFICATION, is_ascii=before.dicom_json.isascii()))
        meta = file_meta(
            sop_class_uid=before.sop_class_uid,
            sop_instance_uid=before.sop_instance_uid,
            transfer_syntax_uid=target_syntax(found),
        )
    return meta + data_set


@pytest.mark.parametrize(
    ("transfer_syntax", "target"),
    [
        (ExplicitVRLittleEndian, ExplicitVRLittleEndian),
        (ImplicitVRLittleEndian, ExplicitVRLittleEndian),
        (ExplicitVRBigEndian, ExplicitVRLittleEndian),
        (DeflatedExplicitVRLittleEndian, ExplicitVRLittleEndian),
        (JPEGBaseline8Bit, JPEGBaseline8Bit),
    ],
)
def test_STOW_76_the_new_values_are_in_the_file_with_the_old_ones_and_all_else_is_as_it_was(transfer_syntax, target):
    build = {"PatientName": "Doe^Jane", "PatientID": "A", "Rows": 4, "Columns": 4}
    dataset = encapsulated([b"jpeg"], **build) if transfer_syntax == JPEGBaseline8Bit else instance(**build)
    content = part10(dataset, transfer_syntax)

    after = dcmread(BytesIO(changed(content, {PATIENT_NAME: ("PN", "Roe^Jane"), PATIENT_ID: ("LO", "BB")})))

    assert after.file_meta.TransferSyntaxUID == target
    assert (after.PatientName, after.PatientID) == ("Roe^Jane", "BB")
    (original,) = after.OriginalAttributesSequence
    (modified,) = original.ModifiedAttributesSequence
    assert (modified.PatientName, modified.PatientID, len(modified)) == ("Doe^Jane", "A", 2)
    assert original.AttributeModificationDateTime == MODIFICATION.at
    assert (original.ModifyingSystem, original.SourceOfPreviousValues) == ("SYSTEM", "")
    assert original.ReasonForTheAttributeModification == "COERCE"
    del after.OriginalAttributesSequence
    before = dcmread(BytesIO(content))
    after.PatientName, after.PatientID = before.PatientName, before.PatientID
    pixels, expected = after.PixelData, before.PixelData
    if transfer_syntax == ExplicitVRBigEndian:
        expected = b"".join(expected[n : n + 2][::-1] for n in range(0, len(expected), 2))
    assert pixels == expected
    del after.PixelData, before.PixelData
    assert after == before


@pytest.mark.parametrize("is_undefined_length", [False, True])
@pytest.mark.parametrize("transfer_syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian])
def test_the_modifications_before_are_kept(is_undefined_length, transfer_syntax):
    item = Dataset()
    item.ModifyingSystem = "BEFORE"
    dataset = instance(OriginalAttributesSequence=[item], PixelData=None)
    dataset["OriginalAttributesSequence"].is_undefined_length = is_undefined_length

    after = dcmread(BytesIO(changed(part10(dataset, transfer_syntax), {PATIENT_ID: ("LO", "B")})))

    assert [item.ModifyingSystem for item in after.OriginalAttributesSequence] == ["BEFORE", "SYSTEM"]


def test_a_value_is_in_the_character_set_of_the_file():
    content = part10(instance(SpecificCharacterSet="ISO_IR 100", PatientName="Müller", StudyDescription="Schädel"))

    after = dcmread(BytesIO(changed(content, {PATIENT_NAME: ("PN", "Möller")})))

    assert after.SpecificCharacterSet == "ISO_IR 100"
    assert (after.PatientName, after.StudyDescription) == ("Möller", "Schädel")
    assert after.OriginalAttributesSequence[0].ModifiedAttributesSequence[0].PatientName == "Müller"


def test_a_file_without_special_characters_becomes_utf_8_when_a_value_has_some():
    after = dcmread(BytesIO(changed(part10(instance()), {PATIENT_NAME: ("PN", "山田^太郎")})))

    assert (after.SpecificCharacterSet, after.PatientName) == ("ISO_IR 192", "山田^太郎")


def test_a_value_that_the_character_set_of_the_file_lacks_cannot_be_coerced():
    content = part10(instance(SpecificCharacterSet="ISO_IR 100", PatientName="Müller"))

    with pytest.raises(NotCoercible):
        changed(content, {PATIENT_NAME: ("PN", "山田^太郎")})


@pytest.mark.parametrize(
    ("character_set", "text", "is_possible"),
    [
        ("", "Doe^Jane", True),
        ("", "Müller", False),
        ("ISO_IR 100", "Müller^\\^Möller", True),
        ("ISO_IR 100", "Иванов", False),
        ("ISO_IR 144", "Иванов", True),
        ("ISO_IR 192", "山田^太郎", True),
        ("GB18030", "王^小东", True),
        ("\\ISO 2022 IR 87", "Yamada^Tarou=山田^太郎=やまだ^たろう", True),
        ("\\ISO 2022 IR 149", "Hong^Gildong=洪^吉洞=홍^길동", True),
        ("ISO 2022 IR 100\\ISO 2022 IR 144", "Müller\\Иванов", True),
        ("UNHEARD OF", "Doe", True),
    ],
)
def test_text_is_encoded_as_it_is_decoded_or_not_at_all(character_set, text, is_possible):
    raw = encode_text(text, character_set.encode())

    assert (raw is not None) == is_possible
    if raw is not None:
        assert text_decoder(character_set.encode()).decode(raw, delimiters=b"\\^=") == text
