"""De-identification by the Basic Application Level Confidentiality Profile (PS3.15 Annex E): OTH-15."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom import dcmread
from pydicom.data import get_testdata_file
from pydicom.datadict import dictionary_VR, keyword_for_tag
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import (
    CTImageStorage,
    EncapsulatedPDFStorage,
    ExplicitVRLittleEndian,
    JPEGBaseline8Bit,
    SecondaryCaptureImageStorage,
    UltrasoundImageStorage,
    generate_uid,
)

from archive.dicom.confidentiality import deidentification
from archive.dicom.confidentiality.basic_profile import TABLE, Action
from archive.dicom.confidentiality.deidentification import CannotDeidentify, deidentified
from archive.dicom.confidentiality.held_stream import HeadTooLarge
from archive.dicom.confidentiality.pseudonyms import Pseudonyms
from archive.dicom.errors import MalformedDicom
from tests.archive.dicom import raw
from tests.builders import encapsulated, instance, part10

PSEUDONYMS = Pseudonyms(b"a key of this archive")

#: What the value of an identifying attribute is, wherever it is.
SECRET = "SECRET77"
#: A legal value of each VR, with something in it that must not come through.
SECRETS = {
    **dict.fromkeys(("AE", "CS", "LO", "LT", "PN", "SH", "ST", "UC", "UR", "UT"), SECRET),
    **dict.fromkeys(("OB", "UN"), SECRET.encode()),
    **dict.fromkeys(("US", "SS"), 7777),
    "AS": "077Y",
    "DA": "19770717",
    "DT": "19770717171717",
    "TM": "171717.17",
    "DS": "77.7777",
    "IS": "777777",
    "UI": "1.2.77.777.7777",
}
BYTES = (b"SECRET77", b"77.777.7777", b"19770717", b"171717", b"77.7777", b"777777", b"077Y")


def pieces(content: bytes, size: int = 4096) -> Iterator[bytes]:
    return (content[start : start + size] for start in range(0, len(content), size))


def deidentify(content: bytes, pseudonyms: Pseudonyms = PSEUDONYMS) -> bytes:
    return b"".join(deidentified(pieces(content), len(content), pseudonyms))


def of(dataset: Dataset, transfer_syntax: str = ExplicitVRLittleEndian) -> Dataset:
    """The de-identified form of a data set, read by pydicom."""
    return dcmread(BytesIO(deidentify(part10(dataset, transfer_syntax))))


def sensitive() -> list[int]:
    """The attributes of the table that a data set can hold."""
    return [tag for tag in TABLE if tag >> 16 not in (0x0000, 0x0002, 0x0004) and tag != 0x00420011]


def item_of_secrets() -> Dataset:
    item = Dataset()
    for tag in sensitive():
        vr = dictionary_VR(tag)
        if vr != "SQ" and tag < 0xFFFC0000:
            item.add_new(tag, vr, SECRETS[vr])
    return item


def of_secrets(depth: int = 2) -> Dataset:
    """A data set with every attribute of the table, in itself and in items of a sequence that stays."""
    dataset = instance(SOPInstanceUID=SECRETS["UI"])
    for element in item_of_secrets():
        dataset[element.tag] = element
    for tag in sensitive():
        if dictionary_VR(tag) == "SQ":
            dataset.add_new(tag, "SQ", [item_of_secrets()])
    dataset.private_block(0x0009, "SECRET77 Vendor", create=True).add_new(0x01, "LO", SECRET)
    dataset.add_new(0x60000010, "US", 7777)
    dataset.add_new(0x60003000, "OB", SECRET.encode())
    dataset.add_new(0x50003000, "OW", SECRET.encode())
    dataset.add_new(0x00091077, "UN", SECRET.encode())
    inner = item_of_secrets()
    for _ in range(depth):
        outer = item_of_secrets()
        outer.private_block(0x0011, "SECRET77 Vendor", create=True).add_new(0x02, "UT", SECRET)
        outer.PurposeOfReferenceCodeSequence = [inner]
        inner = outer
    dataset.ReferencedImageSequence = [inner]
    return dataset


# -- nothing survives ------------------------------------------------------------


def test_OTH_15_no_value_of_an_identifying_attribute_survives():
    """At any depth, in private elements, overlays and curves."""
    dataset = of_secrets()
    content = part10(dataset)
    assert all(secret in content for secret in BYTES)

    found = deidentify(content)

    assert [secret for secret in BYTES if secret in found] == []
    assert b"Vendor" not in found


@pytest.mark.parametrize("tag", sensitive(), ids=keyword_for_tag)
def test_OTH_15_each_attribute_of_the_table_is_what_its_action_says(tag):
    vr = dictionary_VR(tag)
    secret = Sequence([item_of_secrets()]) if vr == "SQ" else SECRETS[vr]
    dataset = instance()
    dataset.add_new(tag, vr, secret)

    found = of(dataset)

    match Action.REMOVE if tag > 0x7FE00010 or vr == "UN" else TABLE[tag]:
        case Action.REMOVE:
            assert tag not in found
        case Action.EMPTY:
            assert not found[tag].value
        case Action.DUMMY | Action.UID:
            assert found[tag].value
            assert found[tag].value != secret
        case Action.KEEP:
            assert vr == "SQ"
            assert "PatientName" in found[tag].value[0]
            assert not found[tag].value[0].PatientName


@pytest.mark.filterwarnings("ignore")
def test_OTH_15_values_of_vr_un_do_not_survive_either():
    """Whoever stored it may not have known the VR."""
    dataset = instance()
    dataset.add_new(0x00102160, "UN", SECRET.encode())
    dataset.add_new(0x00102180, "UN", SECRET.encode())
    dataset.add_new(0x00402017, "UN", SECRET.encode())
    dataset.add_new(0x00080050, "UN", SECRET.encode())

    assert SECRET.encode() not in deidentify(part10(dataset))


UIDS = raw.element(0x00080016, "UI", b"1.2.3\0") + raw.element(0x00080018, "UI", b"1.2.77.777.7777\0")
NAME = raw.element(0x00100010, "PN", b"SECRET77")


@pytest.mark.parametrize(
    "element",
    [
        pytest.param(raw.implicit(0x00100010, b"SECRET77"), id="no-vr"),
        pytest.param(raw.element(0x00100010, "OB", b"SECRET77"), id="wrong-vr"),
        pytest.param(raw.element(0x00081140, "OB", raw.item(NAME)), id="sequence-of-wrong-vr"),
        pytest.param(raw.element(0x00081140, "UN", raw.item(raw.implicit(0x00100010, b"SECRET77"))), id="un-sequence"),
        pytest.param(raw.implicit(0x00081140, raw.item(raw.implicit(0x00100010, b"SECRET77"))), id="implicit-sequence"),
        pytest.param(
            raw.element(
                0x00081140,
                "UN",
                raw.item_of_undefined_length(raw.implicit(0x00100010, b"SECRET77")) + raw.SEQUENCE_DELIMITATION,
                length=raw.UNDEFINED_LENGTH,
            ),
            id="un-sequence-of-undefined-length",
        ),
        pytest.param(
            raw.element(
                0x00081140,
                "SQ",
                raw.item_of_undefined_length(NAME) + raw.item(NAME) + raw.SEQUENCE_DELIMITATION,
                length=raw.UNDEFINED_LENGTH,
            ),
            id="undefined-lengths",
        ),
        pytest.param(raw.element(0x00089999, "LO", b"SECRET77"), id="unknown-attribute"),
        pytest.param(raw.element(0x00080000, "UL", b"7777"), id="group-length"),
        pytest.param(raw.element(0x0008114A, "PN", b"SECRET77"), id="name-of-another-vr"),
    ],
)
def test_OTH_15_nothing_survives_in_what_no_well_behaved_writer_writes(element):
    content = raw.part10_file(UIDS + element + raw.element(0x00200013, "IS", b"1 "))

    found = deidentify(content)

    assert not [secret for secret in (*BYTES, b"7777") if secret in found]
    assert dcmread(BytesIO(found)).InstanceNumber == 1


def test_what_follows_the_pixel_data_does_not_survive():
    dataset = instance()
    dataset.add_new(0x7FE10010, "LO", SECRET)
    dataset.add_new(0x7FE11001, "LO", SECRET)
    dataset.add_new(0xFFFCFFFC, "OB", SECRET.encode())
    content = part10(dataset)
    assert content.count(SECRET.encode()) == 3

    found = deidentify(content)

    assert SECRET.encode() not in found
    assert found.endswith(dataset.PixelData)


def test_file_meta_information_is_the_archives_own():
    content = bytearray(part10(instance(SOPInstanceUID="1.2.77.777.7777")))
    content[:8] = SECRET.encode()

    found = deidentify(bytes(content))

    assert not [secret for secret in BYTES if secret in found]
    meta = dcmread(BytesIO(found)).file_meta
    assert "SourceApplicationEntityTitle" not in meta


# -- what stays ------------------------------------------------------------------


def test_pixels_and_what_describes_them_stay():
    dataset = instance(WindowCenter="40", RescaleSlope="1", KVP="120", PixelSpacing=[0.5, 0.5])

    found = of(dataset)

    kept = ("Rows", "Columns", "BitsAllocated", "Modality", "SOPClassUID", "WindowCenter", "KVP", "PixelSpacing")
    assert [found[keyword].value for keyword in kept] == [dataset[keyword].value for keyword in kept]
    assert found.PixelData == dataset.PixelData


@pytest.mark.parametrize("offset_table", ["basic", "extended", "none"])
def test_encapsulated_pixel_data_stay(offset_table):
    dataset = encapsulated([bytes([n]) * 70_000 for n in range(3)], fragments_per_frame=1, offset_table=offset_table)
    dataset.add_new(0xFFFCFFFC, "OB", SECRET.encode())

    found = of(dataset, JPEGBaseline8Bit)

    assert found.PixelData == dataset.PixelData
    assert found.file_meta.TransferSyntaxUID == JPEGBaseline8Bit


@given(st.integers(min_value=1, max_value=3000))
def test_how_the_stream_is_cut_makes_no_difference(size):
    content = part10(encapsulated([b"a" * 300, b"b" * 500], PatientName="Doe"), JPEGBaseline8Bit)

    found = b"".join(deidentified(pieces(content, size), None, PSEUDONYMS))

    assert found == deidentify(content)


def test_an_object_without_pixel_data_is_deidentified():
    assert "PatientName" in of(instance(PixelData=None))


def test_the_object_says_that_it_is_deidentified():
    """PS3.15 Section E.1.1"""
    found = of(instance(BurnedInAnnotation="NO"))

    assert found.PatientIdentityRemoved == "YES"
    assert found.DeidentificationMethodCodeSequence[0].CodeValue == "113100"
    assert found.LongitudinalTemporalInformationModified == "REMOVED"
    assert [element.tag for element in found] == sorted(element.tag for element in found)


@pytest.mark.parametrize(
    "name", ["CT_small.dcm", "MR_small_padded.dcm", "MR_small_RLE.dcm", "waveform_ecg.dcm", "liver_1frame.dcm"]
)
def test_real_files_are_readable_afterwards(name):
    path = Path(get_testdata_file(name, download=False))
    before = dcmread(path)

    found = dcmread(BytesIO(deidentify(path.read_bytes())))

    assert len(str(found)) > 0
    assert found.get("PixelData") == before.get("PixelData")
    assert not found.PatientName
    assert found.SOPInstanceUID != before.SOPInstanceUID


# -- UIDs and identifiers --------------------------------------------------------


def test_OTH_15_instances_of_a_study_stay_together():
    study, series, frame = generate_uid(), generate_uid(), generate_uid()
    of_one = {"StudyInstanceUID": study, "SeriesInstanceUID": series, "FrameOfReferenceUID": frame}
    first, second = (of(instance(**of_one, PatientID="P-1")) for _ in range(2))

    for keyword in ("StudyInstanceUID", "SeriesInstanceUID", "FrameOfReferenceUID", "PatientID"):
        assert first[keyword].value == second[keyword].value
        assert first[keyword].value != of_one.get(keyword)
    assert first.SOPInstanceUID != second.SOPInstanceUID
    assert of(instance(PatientID="P-2")).PatientID != first.PatientID


def test_OTH_15_references_follow_what_they_refer_to():
    target = instance()
    item = Dataset()
    item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = CTImageStorage, target.SOPInstanceUID

    found = of(instance(ReferencedImageSequence=[item]))

    assert found.ReferencedImageSequence[0].ReferencedSOPInstanceUID == of(target).SOPInstanceUID
    assert found.ReferencedImageSequence[0].ReferencedSOPClassUID == CTImageStorage


def test_OTH_15_a_new_sop_instance_uid_is_everywhere_the_same():
    dataset = instance()

    found = of(dataset)

    assert found.SOPInstanceUID == found.file_meta.MediaStorageSOPInstanceUID != dataset.SOPInstanceUID
    assert found.SOPClassUID == found.file_meta.MediaStorageSOPClassUID == dataset.SOPClassUID


def test_another_key_gives_other_uids():
    content = part10(instance(PatientID="P-1"))
    found, other = (
        dcmread(BytesIO(deidentify(content, Pseudonyms(key)))) for key in (b"one archive", b"another archive")
    )

    assert found.StudyInstanceUID != other.StudyInstanceUID
    assert found.PatientID != other.PatientID


# -- what is refused -------------------------------------------------------------


@pytest.mark.parametrize(
    "elements",
    [
        pytest.param({"BurnedInAnnotation": "YES"}, id="burned-in"),
        pytest.param({"RecognizableVisualFeatures": "YES"}, id="recognizable"),
        pytest.param({"SOPClassUID": SecondaryCaptureImageStorage}, id="secondary-capture"),
        pytest.param({"SOPClassUID": UltrasoundImageStorage}, id="ultrasound"),
        pytest.param(
            {"SOPClassUID": EncapsulatedPDFStorage, "PixelData": None, "EncapsulatedDocument": b"%PDF"}, id="document"
        ),
    ],
)
def test_OTH_15_who_may_be_recognized_in_the_content_is_not_given(elements):
    with pytest.raises(CannotDeidentify):
        deidentify(part10(instance(**elements)))


def test_images_that_are_said_to_have_no_text_in_them_are_given():
    assert of(instance(SOPClassUID=UltrasoundImageStorage, BurnedInAnnotation="NO")).BurnedInAnnotation == "NO"


def test_more_than_is_held_in_memory_is_refused(monkeypatch):
    monkeypatch.setattr(deidentification, "LONGEST_HEAD", 10_000)
    item = Dataset()
    item.add_new(0x54001010, "OW", bytes(20_000))

    with pytest.raises(HeadTooLarge):
        deidentify(part10(instance(WaveformSequence=[item])))


def test_pixel_data_are_not_held(monkeypatch):
    monkeypatch.setattr(deidentification, "LONGEST_HEAD", 10_000)
    dataset = instance(PixelData=bytes(3_000_000))

    assert of(dataset).PixelData == dataset.PixelData


@pytest.mark.parametrize("cut", [20, 133, 200, 350])
def test_what_is_no_whole_head_is_malformed(cut):
    content = part10(instance())[:cut]

    with pytest.raises(MalformedDicom):
        deidentify(content)


def test_pixel_data_that_are_cut_off_break_the_stream():
    content = part10(instance())

    given_pieces = deidentified(pieces(content[:-10]), len(content), PSEUDONYMS)

    with pytest.raises(MalformedDicom):
        b"".join(given_pieces)


@given(st.binary(max_size=60), st.integers(min_value=132, max_value=700))
def test_whatever_the_bytes_are_they_are_deidentified_or_refused(noise, at):
    content = bytearray(part10(instance()))
    content[at : at + len(noise)] = noise

    try:
        deidentify(bytes(content))
    except (MalformedDicom, CannotDeidentify, HeadTooLarge):
        return
