"""What of a series a viewer shows one after the other, and what it has to know of each."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

from archive.dicom.errors import MalformedPixelData, NoCodec, NotRenderable, NotTranscodable
from archive.dicom.pixel_description import PixelDescription
from archive.dicom.rendering.attributes import Attributes
from archive.dicom.rendering.categories import Category, category
from archive.dicom.rendering.frame_facts import FrameFacts, facts_of_frames, is_gray
from archive.dicom.rendering.frame_times import frame_times
from archive.dicom.rendering.overlay_planes import overlay_planes
from archive.dicom.rendering.pictures import version
from archive.dicom.rendering.pixel_aspect import pixel_aspect
from archive.dicom.rendering.slides import TotalPixelMatrix
from archive.dicom.uids import is_tolerable_uid
from archive.errors import NothingReferenced, SeriesNotFound
from archive.missing import missing
from archive.models import Series, Study
from archive.selectors import locate, metadata, presented, studies
from archive.selectors.attributes import attributes_of
from archive.selectors.locate import StoredIndexes, StoredInstance
from archive.selectors.rendered import Shown
from archive.storage import StorageError

#: So many instances of a series are described at once; others are on further pages.
MOST_INSTANCES = 2000

#: Longer than this no frame is seen.
LONGEST_MILLISECONDS = 10_000.0

_UNREADABLE = (MalformedPixelData, NoCodec, NotRenderable, NotTranscodable, StorageError, NothingReferenced)


@dataclass(frozen=True, slots=True)
class ShownFrame:
    """A frame as a presentation state has it; `number` is None of an image that has one frame."""

    series: str
    instance: str
    number: int | None


@dataclass(frozen=True, slots=True)
class StackedInstance:
    """One instance of a stack.

    Args:
        category: None for what there is no way to show.
        frames: how many; 0 for what is seen as a whole.
        aspect: the height of its pixels for their width.
        gray: whether windows change what is seen.
        overlays: whether there is something that can be drawn over it.
        times: milliseconds for which each frame is seen, or one number for all.
        facts: of each frame, or once for all.
        tiled: whether its frames are tiles of one image.
        whole: whether these are few enough to be put together.
        presented: the frames that a presentation state is for.
    """

    stored: StoredInstance
    sop_class_uid: str
    category: Category | None
    frames: int = 0
    columns: int = 0
    rows: int = 0
    aspect: float = 1.0
    gray: bool = False
    overlays: bool = False
    times: tuple[float, ...] = ()
    facts: Sequence[FrameFacts] = ()
    tiled: bool = False
    whole: bool = False
    presented: Sequence[ShownFrame] = ()

    @property
    def picture_version(self) -> str:
        """What tells browsers which picture is at its address, so that they keep it."""
        return version(self.stored.sha256)


@dataclass(frozen=True, slots=True)
class Stack:
    """A series, or a part of it.

    Args:
        first: the position of the first of the instances in the series, counted from 1.
    """

    study: Study
    series: Series
    all_series: Sequence[Series]
    instances: Sequence[StackedInstance]
    first: int

    @property
    def neighbors(self) -> tuple[Series | None, Series | None]:
        """The series before this one, and the one behind it."""
        at = self.all_series.index(self.series)
        before = self.all_series[at - 1] if at else None
        return before, next(iter(self.all_series[at + 1 : at + 2]), None)


def stack(study_uid: str, series_uid: str, first: int = 1) -> Stack:
    """The instances of a series in their order, from a position on, `MOST_INSTANCES` at most.

    Raises:
        StudyNotFound, SeriesNotFound: there is none such.
        Deleted: there was.
    """
    study = studies.study(study_uid)
    if not is_tolerable_uid(series_uid):
        raise SeriesNotFound(study_uid, series_uid)
    found = locate.instances(study_uid, series_uid)
    all_series = list(study.series.order_by("series_number", "id"))
    series = next((one for one in all_series if one.series_instance_uid == series_uid), None)
    if series is None:
        raise missing(study_uid, series_uid)
    first = min(max(first, 1), len(found))
    part = found[first - 1 : first - 1 + MOST_INSTANCES]
    return Stack(study, series, all_series, list(_described(part)), first)


def _described(found: Sequence[StoredInstance]) -> Iterator[StackedInstance]:
    """Each of the instances; their rows are read in batches.

    Raises:
        Deleted: while reading, when an instance has been deleted since it was found.
    """
    both = zip(locate.with_indexes(found), metadata.in_order(found), strict=True)
    for (stored, indexes), (_, document) in both:
        kind = category(indexes.sop_class_uid, indexes.frames)
        described = None
        with suppress(*_UNREADABLE):
            if kind is Category.IMAGE:
                described = _image(stored, indexes, attributes_of(metadata.parsed(stored, document), stored, indexes))
            elif kind is Category.PRESENTATION_STATE:
                described = _presentation_state(stored, indexes)
            else:
                described = StackedInstance(stored, indexes.sop_class_uid, kind)
        yield described or StackedInstance(stored, indexes.sop_class_uid, None)


def _image(stored: StoredInstance, indexes: StoredIndexes, attributes: Attributes) -> StackedInstance:
    shown = Shown(stored, indexes, Category.IMAGE)
    pixels, count = PixelDescription.of(attributes.data_set), shown.frame_count
    tiled = count > 1 and TotalPixelMatrix.is_of(attributes)
    return StackedInstance(
        stored,
        indexes.sop_class_uid,
        Category.IMAGE,
        frames=count,
        columns=pixels.columns,
        rows=pixels.rows,
        aspect=pixel_aspect(attributes),
        gray=is_gray(attributes),
        overlays=bool(overlay_planes(attributes)),
        times=_times(attributes, count),
        facts=facts_of_frames(attributes, 1 if tiled else count),
        tiled=tiled,
        whole=tiled and TotalPixelMatrix.of(attributes, pixels, count) is not None,
    )


def _times(attributes: Attributes, count: int) -> tuple[float, ...]:
    numbers = range(1, count + 1) if count > 1 else ()
    times = tuple(min(time, LONGEST_MILLISECONDS) for time in frame_times(attributes, numbers))
    return times[:1] if len(set(times)) == 1 else times


def _presentation_state(stored: StoredInstance, indexes: StoredIndexes) -> StackedInstance:
    frames = [
        ShownFrame(
            picture.shown.stored.series,
            picture.shown.stored.instance,
            picture.number if picture.shown.frame_count > 1 else None,
        )
        for picture in presented.all_pictures(stored)
    ]
    return StackedInstance(stored, indexes.sop_class_uid, Category.PRESENTATION_STATE, presented=frames)
