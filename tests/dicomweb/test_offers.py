"""What can be given of each stored transfer syntax, held against PS3.18 Table 8.7.3-5."""

import pytest

from archive.dicom.transfer_syntaxes import TRANSFER_SYNTAXES
from dicomweb import offers
from dicomweb.http import accept

#: PS3.18 Table 8.7.3-5: media type -> its default transfer syntax, and the others; without "1.2.840.10008.1.2.".
TABLE_8_7_3_5 = {
    "image/jpeg": ("4.70", ["4.50", "4.51", "4.57"]),
    "image/dicom-rle": ("5", []),
    "image/jls": ("4.80", ["4.81"]),
    "image/jp2": ("4.90", ["4.91"]),
    "image/jpx": ("4.92", ["4.93"]),
    "image/jphc": ("4.201", ["4.202", "4.203"]),
    "image/jxl": ("4.110", ["4.111", "4.112"]),
    "video/mpeg": ("4.101", ["4.100", "4.100.1", "4.101.1"]),
    "video/mp4": ("4.102", ["4.103", "4.104", "4.105", "4.106", "4.103.1", "4.104.1", "4.105.1", "4.106.1"]),
    "video/H265": ("4.107", ["4.108"]),
}
ROWS = [
    (media_type, f"1.2.840.10008.1.2.{suffix}", suffix == default)
    for media_type, (default, others) in TABLE_8_7_3_5.items()
    for suffix in (default, *others)
]


@pytest.mark.parametrize(("media_type", "transfer_syntax", "default"), ROWS)
def test_MT_01_MT_02_each_transfer_syntax_has_the_media_type_of_the_table(media_type, transfer_syntax, default):
    """P09"""
    assert offers.pixel_data_type(transfer_syntax) == (media_type, transfer_syntax)

    plain = accept.parse(f'multipart/related; type="{media_type}"')
    named = accept.parse(f'multipart/related; type="{media_type}"; transfer-syntax={transfer_syntax}')
    available = offers.pixel_data(transfer_syntax, one=False)
    assert (accept.choose(plain, available) is not None) == default
    assert accept.choose(named, available) is not None


@pytest.mark.parametrize("transfer_syntax", sorted(TRANSFER_SYNTAXES))
def test_whatever_is_stored_can_be_given_to_whoever_takes_anything(transfer_syntax):
    """NEG-15: instances and pixels alike."""
    anything = accept.parse("multipart/related; type=application/dicom; transfer-syntax=*")
    assert accept.choose(anything, offers.instances(transfer_syntax, one=False))

    for header in ("*/*", "multipart/related; type=application/octet-stream; transfer-syntax=*"):
        assert accept.choose(accept.parse(header), offers.pixel_data(transfer_syntax, one=True))


@pytest.mark.parametrize("transfer_syntax", sorted(TRANSFER_SYNTAXES))
def test_WADO_07_only_explicit_little_endian_is_given_unasked(transfer_syntax):
    chosen = accept.choose(
        accept.parse("multipart/related; type=application/dicom"), offers.instances(transfer_syntax, one=True)
    )

    assert (chosen is not None) == (transfer_syntax == "1.2.840.10008.1.2.1")


def test_NEG_21_single_parts_are_offered_for_one_item_only():
    assert {offer.multipart for offer in offers.instances("1.2.840.10008.1.2.1", one=False)} == {True}
    assert {offer.multipart for offer in offers.instances("1.2.840.10008.1.2.1", one=True)} == {True, False}
    assert {offer.multipart for offer in offers.pixel_data("1.2.840.10008.1.2.1", one=False)} == {True}


def test_WADO_60_every_bulk_value_can_be_given_as_octets():
    for media_type in ("application/octet-stream", "application/pdf"):
        for header in ("application/octet-stream", "multipart/related; type=application/octet-stream", media_type):
            assert accept.choose(accept.parse(header), offers.bulk_value(media_type))
