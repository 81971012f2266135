"""Parts of bulk values, read where they are stored."""

import struct

import pytest
from pydicom.uid import DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian, ExplicitVRLittleEndian

from archive.selectors import locate
from archive.selectors.bulk_field import BulkField
from tests.builders import instance
from tests.storing import stored

pytestmark = pytest.mark.django_db

VALUE = struct.pack("<2000H", *range(2000))


@pytest.mark.parametrize(
    "transfer_syntax", [ExplicitVRLittleEndian, ExplicitVRBigEndian, DeflatedExplicitVRLittleEndian]
)
@pytest.mark.parametrize(
    "part", [slice(None), slice(0, 10), slice(7, 13), slice(3990, 9999), slice(-4, None), slice(5, 5), slice(0, 9, 2)]
)
def test_a_slice_of_a_bulk_value_is_that_of_its_bytes(transfer_syntax: str, part: slice):
    dataset = instance()
    order = ">" if transfer_syntax == ExplicitVRBigEndian else "<"
    dataset.add_new(0x54001010, "OW", struct.pack(f"{order}2000H", *range(2000)))
    file = stored(dataset, transfer_syntax=transfer_syntax)
    found = locate.instances(file.study, file.series, file.instance)[0]
    field = BulkField(locate.bulk_value(found, "54001010"))

    assert len(field) == 4000
    assert field[part] == VALUE[part]
