"""What of a series is shown one after the other."""

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pydicom.uid import generate_uid

from archive.dicom.rendering.categories import Category
from archive.errors import SeriesNotFound, StudyNotFound
from archive.selectors import stack
from archive.selectors.stack import Stack, StackedInstance
from tests import builders
from tests.archive.dicom.rendering.presentation import states
from tests.dicomweb.pictures import cine, flat, image
from tests.storing import StoredFile, stored, stored_study

pytestmark = pytest.mark.django_db

SR = "1.2.840.10008.5.1.4.1.1.88.11"


def of(file: StoredFile, first: int = 1) -> Stack:
    return stack.stack(file.study, file.series, first)


def only(file: StoredFile) -> StackedInstance:
    (found,) = of(file).instances
    return found


def test_instances_are_in_their_order_whatever_the_order_of_arrival():
    place = {"StudyInstanceUID": generate_uid(), "SeriesInstanceUID": generate_uid()}
    files = {number: stored(InstanceNumber=number, **place) for number in (3, 1, 2)}

    found = of(files[1])

    assert [one.stored.instance for one in found.instances] == [files[number].instance for number in (1, 2, 3)]


def test_an_image_says_how_it_is_shown():
    found = only(image(flat(9, rows=4, columns=6), PixelSpacing=[2, 1]))

    assert (found.category, found.frames, found.columns, found.rows, found.aspect) == (Category.IMAGE, 1, 6, 4, 2)
    assert (found.gray, found.overlays, found.times, found.tiled) == (True, False, (), False)
    assert found.picture_version


def test_colors_have_no_window():
    assert not only(image(np.zeros((4, 4, 3), np.uint8))).gray


def test_an_overlay_can_be_shown_or_not():
    data_set = builders.instance()
    data_set.add_new(0x60000010, "US", 8)
    data_set.add_new(0x60000011, "US", 8)

    assert only(stored(data_set)).overlays


@pytest.mark.parametrize(
    ("elements", "times"),
    [
        ({"FrameTime": 40}, (40,)),
        ({"CineRate": 20}, (50,)),
        ({"FrameTimeVector": [0, 30, 60]}, (30, 60, 60)),
        ({"FrameTime": 1e9}, (stack.LONGEST_MILLISECONDS,)),
        ({}, (100,)),
    ],
)
def test_frames_say_for_how_long_they_are_seen(elements, times):
    assert only(cine([1, 2, 3], **elements)).times == times


def test_what_is_no_image_says_what_it_is():
    assert only(stored(PixelData=None, SOPClassUID=SR)).category is Category.REPORT
    assert only(stored(PixelData=None)).category is None


def test_a_series_has_parts_where_it_is_long(monkeypatch):
    monkeypatch.setattr(stack, "MOST_INSTANCES", 2)
    ((first, second, third),) = stored_study([3])

    assert [one.stored.instance for one in of(first).instances] == [first.instance, second.instance]
    assert [one.stored.instance for one in of(first, 3).instances] == [third.instance]
    assert of(first, 99).first == 3


def test_a_series_knows_those_beside_it():
    (first, *_), (second, *_), (third, *_) = stored_study([1, 1, 1])

    def neighbors(file: StoredFile) -> list[str | None]:
        return [one and one.series_instance_uid for one in of(file).neighbors]

    assert neighbors(first) == [None, second.series]
    assert neighbors(second) == [first.series, third.series]
    assert neighbors(third) == [second.series, None]


def test_many_instances_take_no_more_queries_than_few():
    few, many = stored_study([2, 12])

    def queries(file: StoredFile) -> int:
        with CaptureQueriesContext(connection) as captured:
            of(file)
        return len(captured)

    assert queries(few[0]) == queries(many[0])


def test_a_series_that_is_not_there_is_not_found():
    file = stored()

    with pytest.raises(StudyNotFound):
        stack.stack("1.2.3", file.series)
    for series in ("1.2.3", "\0"):
        with pytest.raises(SeriesNotFound):
            stack.stack(file.study, series)


def test_a_presentation_state_names_what_it_shows_frame_by_frame():
    single = states.image(flat(1))
    film = states.image(np.zeros((2, 8, 8), np.uint8), StudyInstanceUID=single.StudyInstanceUID)
    state, *images = (stored(data_set) for data_set in (states.state_of(single, film), single, film))

    shown = [(one.instance, one.number) for one in only(state).presented]

    assert shown == [(images[0].instance, None), (images[1].instance, 1), (images[1].instance, 2)]


def test_a_presentation_state_that_shows_nothing_is_nothing_to_see():
    assert only(stored(states.state_of(states.image(flat(1))))).category is None


def test_tiles_are_one_image():
    tiled = {"TotalPixelMatrixColumns": 16, "TotalPixelMatrixRows": 8, "DimensionOrganizationType": "TILED_FULL"}
    few, many = only(cine([1, 2], **tiled)), only(cine([1] * 200, **tiled | {"TotalPixelMatrixRows": 8 * 100}))

    assert [(one.tiled, one.whole, len(one.facts)) for one in (few, many)] == [(True, True, 1), (True, False, 1)]
