"""Where stored instances, frames and bulk values are, and what is missing where they are not."""

import hashlib
from itertools import pairwise

import pytest
from pydicom.uid import generate_uid

from archive.errors import (
    BulkdataNotFound,
    FrameNotFound,
    InstanceNotFound,
    NoPixelData,
    NotStored,
    SeriesNotFound,
    StudyNotFound,
)
from archive.selectors import locate
from tests.storing import StoredFile, stored, stored_study

pytestmark = pytest.mark.django_db


def located(file: StoredFile) -> locate.StoredInstance:
    return locate.instances(file.study, file.series, file.instance)[0]


def uids(found: list[locate.StoredInstance]) -> list[str]:
    return [stored_instance.instance for stored_instance in found]


def test_an_instance_says_where_its_bytes_are_and_what_they_are():
    file = stored()
    found = located(file)

    assert (found.study, found.series, found.instance) == (file.study, file.series, file.instance)
    assert found.transfer_syntax_uid == "1.2.840.10008.1.2.1"
    assert (found.size, found.sha256) == (len(file.content), hashlib.sha256(file.content).hexdigest())


def test_the_instances_of_a_study_and_of_a_series_come_in_order():
    first, second = stored_study([3, 2])
    stored()

    assert uids(locate.instances(first[0].study)) == [file.instance for file in first + second]
    assert uids(locate.instances(first[0].study, first[0].series)) == [file.instance for file in first]
    assert uids(locate.instances(first[0].study, second[0].series)) == [file.instance for file in second]


def test_instances_without_numbers_keep_one_order():
    study, series = generate_uid(), generate_uid()
    for _ in range(5):
        stored(StudyInstanceUID=study, SeriesInstanceUID=series, InstanceNumber=None, SeriesNumber=None)

    assert uids(locate.instances(study)) == uids(locate.instances(study, series))


def test_the_order_of_instances_does_not_depend_on_when_they_came():
    study, series = generate_uid(), generate_uid()
    for number in (10, 2, 1):
        stored(StudyInstanceUID=study, SeriesInstanceUID=series, InstanceNumber=number, SOPInstanceUID=f"1.2.{number}")

    assert uids(locate.instances(study)) == ["1.2.1", "1.2.2", "1.2.10"]


@pytest.mark.parametrize(
    ("path", "error"),
    [
        pytest.param(("9", None, None), StudyNotFound, id="WADO-17-study"),
        pytest.param(("9", "9", None), StudyNotFound, id="WADO-17-study-of-series"),
        pytest.param(("9", "9", "9"), StudyNotFound, id="WADO-17-study-of-instance"),
        pytest.param(("1.1", "9", None), SeriesNotFound, id="WADO-17-series"),
        pytest.param(("1.1", "9", "1.1.1.1"), SeriesNotFound, id="WADO-17-series-of-instance"),
        pytest.param(("1.1", "1.1.1", "9"), InstanceNotFound, id="WADO-17-instance"),
        pytest.param(("1.2", "1.1.1", None), SeriesNotFound, id="WADO-18-series"),
        pytest.param(("1.2", "1.1.1", "1.1.1.1"), SeriesNotFound, id="WADO-18-instance"),
    ],
)
def test_what_is_missing_is_named(path, error):
    stored(StudyInstanceUID="1.1", SeriesInstanceUID="1.1.1", SOPInstanceUID="1.1.1.1")
    stored(StudyInstanceUID="1.2", SeriesInstanceUID="1.2.1", SOPInstanceUID="1.2.1.1")

    with pytest.raises(error) as raised:
        locate.instances(*path)

    assert type(raised.value) is error
    assert isinstance(raised.value, NotStored)


def test_frames_are_counted_from_one():
    frames = locate.frames(located(stored(NumberOfFrames=3, Rows=2, Columns=2, PixelData=bytes(24))))

    spans = [location.ranges[0] for location in frames.locate([1, 2, 3])]
    assert [span.length for span in spans] == [8, 8, 8]
    assert [after.start - before.start for before, after in pairwise(spans)] == [8, 8]


@pytest.mark.parametrize("numbers", [[0], [-1], [4], [1, 4], [4, 5]])
def test_frames_that_are_not_there_are_not_found(numbers):
    frames = locate.frames(located(stored(NumberOfFrames=3, Rows=2, Columns=2, PixelData=bytes(24))))

    with pytest.raises(FrameNotFound):
        frames.locate(numbers)


def test_an_instance_without_pixel_data_has_no_frames():
    with pytest.raises(NoPixelData):
        locate.frames(located(stored(PixelData=None)))


def test_a_bulk_value_is_found_by_its_path_and_nothing_else_is():
    found = located(stored(PixelData=bytes(128)))

    assert locate.bulk_value(found, "7FE00010").value.range.length == 128
    for path in ("7FE00011", "7fe00010", "00100010", "7FE00010/0/7FE00010", "", "../secret"):
        with pytest.raises(BulkdataNotFound):
            locate.bulk_value(found, path)


def test_locating_takes_few_queries_however_many_instances(django_assert_num_queries):
    (files,) = stored_study([12])

    with django_assert_num_queries(1):
        locate.instances(files[0].study)
    with django_assert_num_queries(2):
        locate.frames(located(files[0]))
