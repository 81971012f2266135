import pytest
from pydicom._uid_dict import UID_dictionary
from pydicom.uid import UID

from archive.dicom.transfer_syntaxes import TRANSFER_SYNTAXES, transfer_syntax

#: PS3.6 Table A-1 has these too, but no file is in them: real-time video, and two that PS3.10 files never had.
NOT_FOR_FILES = frozenset("1.2.840.10008.1.2." + suffix for suffix in ("6.1", "6.2", "7.1", "7.2", "7.3"))

#: PS3.18 Table 8.7.3-5, the media type of single-frame and multi-frame images and video.
MEDIA_TYPES = {
    "image/jpeg": ("4.50", "4.51", "4.57", "4.70"),
    "image/jls": ("4.80", "4.81"),
    "image/jp2": ("4.90", "4.91"),
    "image/jpx": ("4.92", "4.93"),
    "image/jphc": ("4.201", "4.202", "4.203"),
    "image/jxl": ("4.110", "4.111", "4.112"),
    "image/dicom-rle": ("5",),
    "video/mpeg": ("4.100", "4.101"),
    "video/mp4": ("4.102", "4.103", "4.104", "4.105", "4.106"),
    "video/H265": ("4.107", "4.108"),
    "application/octet-stream": ("1", "1.98", "1.99", "2", "8.1"),
}


def published() -> list[str]:
    uids = [uid for uid, (_, kind, *_) in UID_dictionary.items() if kind == "Transfer Syntax"]
    return sorted(set(uids) - NOT_FOR_FILES)


@pytest.mark.parametrize("uid", published())
def test_every_published_transfer_syntax_is_in_the_table_as_published(uid: str) -> None:
    syntax, standard = TRANSFER_SYNTAXES[uid], UID(uid)
    assert syntax.name == standard.name
    assert syntax.deflated == ("Deflate" in standard.name)
    if uid == "1.2.840.10008.1.20" or "JPIP" in standard.name or uid.endswith(".98"):
        return  # pydicom knows the names of these alone
    assert syntax.implicit_vr == standard.is_implicit_VR
    assert syntax.little_endian == standard.is_little_endian
    assert syntax.encapsulated == standard.is_encapsulated


@pytest.mark.parametrize(("media_type", "suffix"), [(m, s) for m, suffixes in MEDIA_TYPES.items() for s in suffixes])
def test_MT_01_the_media_type_is_that_of_the_table(media_type: str, suffix: str) -> None:
    syntax = transfer_syntax(f"1.2.840.10008.1.2.{suffix}")
    assert syntax.media_type == media_type
    assert syntax.video == media_type.startswith("video/")


def test_lossless_transfer_syntaxes_are_not_lossy() -> None:
    for syntax in TRANSFER_SYNTAXES.values():
        if "Lossless" in syntax.name and "Lossy" not in syntax.name:
            assert not syntax.lossy


def test_an_unknown_transfer_syntax_is_taken_for_explicit_little_endian() -> None:
    syntax = transfer_syntax("1.2.3.4")
    assert not syntax.known
    assert (syntax.implicit_vr, syntax.little_endian, syntax.deflated) == (False, True, False)
    assert syntax.media_type == "application/octet-stream"
