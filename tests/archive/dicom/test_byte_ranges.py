import pytest

from archive.dicom.byte_ranges import ByteRange


def test_a_range_is_half_open() -> None:
    assert ByteRange(3, 10).length == 7
    assert ByteRange(3, 3).length == 0


@pytest.mark.parametrize(("start", "stop"), [(-1, 2), (3, 2)])
def test_a_range_that_is_none_is_refused(start: int, stop: int) -> None:
    with pytest.raises(ValueError, match="no range"):
        ByteRange(start, stop)
