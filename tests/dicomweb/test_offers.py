"""What can be given of each stored transfer syntax, held against PS3.18 Table 8.7.3-5."""

import pytest

from archive.dicom.images import codecs
from archive.dicom.transfer_syntaxes import EXPLICIT_VR_LITTLE_ENDIAN, TRANSFER_SYNTAXES
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
PAPYRUS = "1.2.840.10008.1.20"
ROWS = [
    (media_type, f"1.2.840.10008.1.2.{suffix}", suffix == default)
    for media_type, (default, others) in TABLE_8_7_3_5.items()
    for suffix in (default, *others)
]


@pytest.mark.parametrize(("media_type", "transfer_syntax", "default"), ROWS)
def test_MT_01_MT_02_each_transfer_syntax_has_the_media_type_of_the_table(media_type, transfer_syntax, default):
    """P09: a type without a parameter means one transfer syntax, stored or made."""
    assert offers.pixel_data_type(transfer_syntax) == (media_type, transfer_syntax)

    plain = accept.choose(accept.parse(f'multipart/related; type="{media_type}"'), pixel_data(transfer_syntax))
    named = accept.choose(
        accept.parse(f'multipart/related; type="{media_type}"; transfer-syntax={transfer_syntax}'),
        pixel_data(transfer_syntax),
    )

    assert named.transfer_syntax == transfer_syntax
    if default:
        assert plain.transfer_syntax == transfer_syntax
    elif plain:
        assert plain.transfer_syntax in DEFAULTS[media_type]
        assert codecs.can_decode(transfer_syntax)
        assert codecs.can_encode(plain.transfer_syntax)


def pixel_data(transfer_syntax):
    return offers.pixel_data(transfer_syntax, one=False)


DEFAULTS = {name: [f"1.2.840.10008.1.2.{default}"] for name, (default, _) in TABLE_8_7_3_5.items()}


@pytest.mark.parametrize("transfer_syntax", sorted(TRANSFER_SYNTAXES))
def test_MT_01_no_offer_pairs_a_media_type_with_a_transfer_syntax_of_another(transfer_syntax):
    """P09: for each stored transfer syntax, all that can be made of it; old names are those of the same rows."""
    rows = {(name, uid) for name, uid, _ in ROWS}
    new_names = {old: new for new, old in offers.OLD_NAMES.items()}

    for offer in pixel_data(transfer_syntax):
        media_type, _, uid = offers.pixel_content_type(offer).partition("; transfer-syntax=")
        assert uid == offer.transfer_syntax
        if media_type != "application/octet-stream" and TRANSFER_SYNTAXES[uid].media_type in DEFAULTS:
            known = TRANSFER_SYNTAXES[uid].media_type
            assert (new_names.get(media_type, media_type), uid) in rows or uid == transfer_syntax
            assert new_names.get(media_type, media_type) == known


@pytest.mark.parametrize("transfer_syntax", sorted(TRANSFER_SYNTAXES))
def test_NEG_15_whoever_takes_any_transfer_syntax_gets_what_is_stored(transfer_syntax):
    """P08; but WADO-07: neither implicit VR nor big endian."""
    anything = accept.parse("multipart/related; type=application/dicom; transfer-syntax=*")
    syntax = TRANSFER_SYNTAXES[transfer_syntax]
    never_sent = syntax.implicit_vr or not syntax.little_endian

    chosen = accept.choose(anything, offers.instances(transfer_syntax, one=False))
    assert chosen.transfer_syntax == (EXPLICIT_VR_LITTLE_ENDIAN if never_sent else transfer_syntax)

    octets = accept.parse("multipart/related; type=application/octet-stream; transfer-syntax=*")
    chosen = accept.choose(octets, pixel_data(transfer_syntax))
    assert chosen.transfer_syntax == offers.pixel_data_type(transfer_syntax)[1]


@pytest.mark.parametrize("transfer_syntax", sorted(TRANSFER_SYNTAXES))
def test_NEG_03_whoever_names_none_gets_native_pixels_or_else_what_is_stored(transfer_syntax):
    """WADO-05, WADO-06, P06, P07"""
    decodes = codecs.can_decode(transfer_syntax) or transfer_syntax == PAPYRUS
    native = EXPLICIT_VR_LITTLE_ENDIAN

    for header in ("*/*", "multipart/related; type=application/dicom", "multipart/*"):
        chosen = accept.choose(accept.parse(header), offers.instances(transfer_syntax, one=True))
        assert chosen.transfer_syntax == (native if decodes else transfer_syntax)
        assert chosen.multipart

    for header in ("*/*", 'multipart/related; type="*/*"', "multipart/*"):
        chosen = accept.choose(accept.parse(header), offers.pixel_data(transfer_syntax, one=True))
        is_native = decodes or not TRANSFER_SYNTAXES[transfer_syntax].encapsulated
        assert chosen.transfer_syntax == (native if is_native else transfer_syntax)
        assert chosen.multipart


@pytest.mark.parametrize("transfer_syntax", sorted(TRANSFER_SYNTAXES))
@pytest.mark.parametrize("asked", ["1.2.840.10008.1.2", "1.2.840.10008.1.2.2"])
def test_WADO_07_implicit_vr_and_big_endian_are_never_sent(transfer_syntax, asked):
    header = f"multipart/related; type=application/dicom; transfer-syntax={asked}"

    assert accept.choose(accept.parse(header), offers.instances(transfer_syntax, one=True)) is None
    assert asked not in {offer.transfer_syntax for offer in offers.instances(transfer_syntax, one=True)}


def test_WADO_09_MT_06_what_can_be_decoded_can_be_given_in_whatever_can_be_encoded():
    """The transfer syntaxes of PS3.18 Table 8.7.3-2 that are lossless and have an encoder, and some more."""
    for stored in ("1.2.840.10008.1.2", "1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.203"):
        given = {offer.transfer_syntax for offer in offers.instances(stored, one=False)}
        assert given >= {f"1.2.840.10008.1.2.{suffix}" for suffix in ("1", "5", "4.80", "4.90", "4.201")}
    assert {offer.transfer_syntax for offer in offers.instances("1.2.840.10008.1.2.4.102", one=False)} == {
        "1.2.840.10008.1.2.4.102"
    }


@pytest.mark.parametrize(("new", "old"), offers.OLD_NAMES.items())
def test_MT_03_old_names_are_understood_and_answered(new, old):
    """P14"""
    (uid,) = offers.DEFAULT_SYNTAXES[new]

    chosen = accept.choose(accept.parse(f"multipart/related; type={old}"), pixel_data(uid))

    assert offers.pixel_content_type(chosen) == f"{old}; transfer-syntax={uid}"
    assert offers.DEFAULT_SYNTAXES[old] == (uid,)


def test_NEG_21_single_parts_are_offered_for_one_item_only():
    assert {offer.multipart for offer in offers.instances("1.2.840.10008.1.2.1", one=False)} == {True}
    assert {offer.multipart for offer in offers.instances("1.2.840.10008.1.2.1", one=True)} == {True, False}
    assert {offer.multipart for offer in offers.pixel_data("1.2.840.10008.1.2.1", one=False)} == {True}
    alone = [o for o in offers.pixel_data("1.2.840.10008.1.2.4.80", one=False, one_value=True) if not o.multipart]
    assert [offer.transfer_syntax for offer in alone] == ["1.2.840.10008.1.2.1"]


def test_WADO_60_every_bulk_value_can_be_given_as_octets():
    for media_type in ("application/octet-stream", "application/pdf"):
        for header in ("application/octet-stream", "multipart/related; type=application/octet-stream", media_type):
            assert accept.choose(accept.parse(header), offers.bulk_value(media_type))
