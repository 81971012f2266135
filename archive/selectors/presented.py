"""Presentation states that are stored, and the stored frames that they are for (PS3.18 Section 10.4.1.1.3)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from archive import rows
from archive.dicom.errors import NotRenderable
from archive.dicom.frame_index import FrameIndex
from archive.dicom.rendering import pictures
from archive.dicom.rendering.categories import Category
from archive.dicom.rendering.pictures import Form, Seen
from archive.dicom.rendering.presentation import presentation_state, presented
from archive.dicom.rendering.presentation.frame_order import FramePlace, in_order
from archive.dicom.rendering.presentation.presentation_state import PresentationState
from archive.dicom.rendering.presentation.references import Reference
from archive.errors import Deleted, NothingReferenced, NotReferenced
from archive.isolation.calls import isolated
from archive.selectors import locate
from archive.selectors.attributes import attributes
from archive.selectors.locate import StoredIndexes, StoredInstance
from archive.selectors.rendered import Picture, Shown

#: Where each frame is, is looked up before the first is shown.
MOST_FRAMES = 10_000

#: What of a study is not rendered with it (WADO-98).
is_presentation_state = presentation_state.is_presentation_state


@dataclass(frozen=True, slots=True)
class ReferencedFrame:
    """A frame, counted from 1, of a stored image."""

    stored: StoredInstance
    indexes: StoredIndexes = field(compare=False)
    number: int


def state(stored: StoredInstance) -> PresentationState:
    """The presentation state that an instance is.

    Raises:
        NotRenderable: it is none, or of a kind that is not rendered.
        Deleted: it has been deleted since it was found.
        StorageError: its blob is gone, of which long values are read.
    """
    return PresentationState.of(attributes(stored, locate.indexes_of(stored)))


def frames(stored: StoredInstance, found: PresentationState) -> list[ReferencedFrame]:
    """The frames that the presentation state of an instance is for, in the order in which they are shown (WADO-97).

    They are of its study. What is not stored, or has no such frames, is left out; each frame is there once.

    Raises:
        NothingReferenced: nothing is left.
        NotRenderable: they are more than `MOST_FRAMES`.
    """
    wanted = list(dict.fromkeys(reference.instance for reference in found.references))
    there = {image.instance: (image, indexes) for image, indexes in _images(stored.study, wanted)}
    numbers = _numbers(found.references, {uid: indexes.frames for uid, (_, indexes) in there.items()})
    places: dict[ReferencedFrame, FramePlace] = {}
    for uid, wanted_of_one in numbers.items():
        with suppress(Deleted):
            places |= _places(*there[uid], wanted_of_one)
    if not places:
        raise NothingReferenced(stored.instance)
    referenced = list(places)
    return [referenced[position] for position in in_order(list(places.values()))]


def check_applies(stored: StoredInstance, found: PresentationState, instance: str, number: int) -> None:
    """See that the presentation state of an instance is for a frame of another (OTH-16).

    Raises:
        NotReferenced: it is not.
    """
    if not found.applies(instance, number):
        raise NotReferenced(stored.instance, instance, number)


def _images(study: str, wanted: Sequence[str]) -> Iterator[tuple[StoredInstance, StoredIndexes]]:
    """Those of the instances that are stored in the study and have frames to show."""
    for start in range(0, len(wanted), locate.BATCH):
        uids = tuple(wanted[start : start + locate.BATCH])
        sql = f"{locate.STORED_INSTANCES} AND instance.sop_instance_uid IN %s"
        found = [StoredInstance(*row) for row in rows.select(sql, study, uids)]
        indexes = locate.indexes(found) if found else {}
        for image in found:
            index = indexes[image.pk].frames if image.pk in indexes else None
            if index and not index.video:
                yield image, indexes[image.pk]


def _numbers(references: Iterable[Reference], there: Mapping[str, FrameIndex | None]) -> dict[str, dict[int, None]]:
    """The frames that are meant of each image that is there, each once, in the order of reference.

    Raises:
        NotRenderable: they are more than `MOST_FRAMES`, or are meant so often.
    """
    numbers: dict[str, dict[int, None]] = {}
    count = 0
    for reference in references:
        index = there.get(reference.instance)
        if index is None:
            continue
        named = reference.frames or range(1, index.count + 1)
        count += len(named)
        if count > MOST_FRAMES:
            raise NotRenderable(f"A presentation state of more than {MOST_FRAMES} frames is not rendered as a whole.")
        numbers.setdefault(reference.instance, {}).update(
            dict.fromkeys(number for number in named if number <= index.count)
        )
    return numbers


def _places(image: StoredInstance, indexes: StoredIndexes, numbers: Iterable[int]) -> dict[ReferencedFrame, FramePlace]:
    """These frames of an image, and where they are."""
    described = attributes(image, indexes)
    return {ReferencedFrame(image, indexes, number): FramePlace.of(described, number) for number in numbers}


@dataclass(frozen=True, slots=True)
class PresentedPicture(Picture):
    """A frame as a presentation state has it shown.

    Args:
        stored_state: the instance that the presentation state is.
    """

    number: int
    state: PresentationState
    stored_state: StoredInstance

    @property
    def part(self) -> str:
        return f"frame {self.number} as {self.stored_state.sha256} has it"

    def seen(self, form: Form) -> Seen:
        native, attributes = self.shown.native, self.shown.attributes
        others = {number: native.frame(number) for number in self.state.others(attributes, self.number)}
        frame = native.frame(self.number)
        raster = presented.render(frame, native.pixels, attributes, self.number, self.state, form.viewport, others)
        return pictures.finished(raster, attributes, self.number, form, isolated)


def all_pictures(stored: StoredInstance) -> list[PresentedPicture]:
    """Of all frames that a presentation state is for. Errors as those of `state` and `frames`."""
    found = state(stored)
    return [
        PresentedPicture(Shown(frame.stored, frame.indexes, Category.IMAGE), frame.number, found, stored)
        for frame in frames(stored, found)
    ]


def pictures_of(shown: Shown, numbers: Sequence[int], stored_state: StoredInstance) -> list[PresentedPicture]:
    """Of frames of an image. Errors as those of `state` and `check_applies`."""
    found = state(stored_state)
    for number in numbers:
        check_applies(stored_state, found, shown.stored.instance, number)
    return [PresentedPicture(shown, number, found, stored_state) for number in numbers]
