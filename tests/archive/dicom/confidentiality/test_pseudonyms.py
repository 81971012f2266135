"""Values that stand for others."""

import re

from hypothesis import given
from hypothesis import strategies as st

from archive.dicom.confidentiality.pseudonyms import Pseudonyms
from archive.dicom.uids import is_uid

PSEUDONYMS = Pseudonyms(b"a key of this archive")


@given(st.from_regex(r"[1-9][0-9]{0,9}(\.[1-9][0-9]{0,9}){0,5}", fullmatch=True).filter(is_uid))
def test_replaced_uids_are_uids(uid):
    replaced = PSEUDONYMS.uids(uid.encode()).decode()

    assert is_uid(replaced)
    assert re.fullmatch(r"2\.25\.[1-9][0-9]{0,38}", replaced)
    assert replaced == PSEUDONYMS.uids(uid.encode() + b"\0").decode()


def test_uids_of_the_standard_and_empty_ones_stay():
    assert PSEUDONYMS.uids(b"1.2.840.10008.1.4.1.1\0") == b"1.2.840.10008.1.4.1.1"
    assert PSEUDONYMS.uids(b"") == PSEUDONYMS.identifier(b"  ") == b""
    assert PSEUDONYMS.uids(b"1.2\\1.3").split(b"\\") == [PSEUDONYMS.uids(b"1.2"), PSEUDONYMS.uids(b"1.3")]


@given(st.binary(min_size=1).filter(lambda value: value.strip(b" \0")))
def test_an_identifier_becomes_one_that_says_nothing(value):
    replaced = PSEUDONYMS.identifier(value)

    assert re.fullmatch(rb"[0-9A-F]{16}", replaced)
    assert replaced == PSEUDONYMS.identifier(value + b" ")
    assert replaced != Pseudonyms(b"another key").identifier(value)
