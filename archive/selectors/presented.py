"""Presentation states that are stored, and the stored frames that they are for (PS3.18 Section 10.4.1.1.3)."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from archive.dicom.errors import NotRenderable
from archive.dicom.rendering import pictures
from archive.dicom.rendering.categories import Category, category
from archive.dicom.rendering.pictures import Form, Seen
from archive.dicom.rendering.presentation import presented
from archive.dicom.rendering.presentation.frame_order import FramePlace, in_order
from archive.dicom.rendering.presentation.presentation_state import PresentationState
from archive.dicom.rendering.presentation.references import Reference
from archive.errors import Deleted, NothingReferenced, NotReferenced
from archive.isolation.calls import isolated
from archive.selectors import locate
from archive.selectors.attributes import attributes
from archive.selectors.locate import StoredInstance
from archive.selectors.rendered import Picture, Shown

#: Where each frame is, is looked up before the first is shown.
MOST_FRAMES = 10_000


@dataclass(frozen=True, slots=True)
class PresentedPicture(Picture):
    """A frame, counted from 1, as a presentation state has it shown.

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
        others = native.together(self.state.others(attributes, self.number))
        frame = native.frame(self.number)
        raster = presented.render(frame, native.pixels, attributes, self.number, self.state, form.viewport, others)
        return pictures.finished(raster, attributes, self.number, form, isolated)


@dataclass(frozen=True, slots=True)
class WordlessPicture(PresentedPicture):
    """A frame as a presentation state has it shown, without what it writes over it."""

    @property
    def part(self) -> str:
        return f"frame {self.number} as {self.stored_state.sha256} has it, without words"


def state(stored: StoredInstance) -> PresentationState:
    """The presentation state that an instance is.

    Raises:
        NotRenderable: it is none, or of a kind that is not rendered.
        Deleted: it has been deleted since it was found.
        StorageError: its blob is gone, of which long values are read.
    """
    return PresentationState.of(attributes(stored, locate.indexes_of(stored)))


def all_pictures(stored: StoredInstance) -> list[PresentedPicture]:
    """The frames that a presentation state is for, in the order in which they are shown (WADO-97).

    They are of its study. What is not stored, or has no such frames, is left out; each frame is there once.

    Raises:
        NothingReferenced: nothing is left.
        NotRenderable: they are more than `MOST_FRAMES`. Others are those of `state`.
    """
    found = state(stored)
    images = _images(stored.study, list(dict.fromkeys(reference.instance for reference in found.references)))
    places: dict[tuple[str, int], FramePlace] = {}
    for instance, number in _referenced(found.references, images):
        with suppress(Deleted):
            places[instance, number] = FramePlace.of(images[instance].attributes, number)
    if not places:
        raise NothingReferenced(stored.instance)
    frames = list(places)
    ordered = (frames[position] for position in in_order(list(places.values())))
    return [PresentedPicture(images[instance], number, found, stored) for instance, number in ordered]


def thumbnail_picture(stored: StoredInstance) -> PresentedPicture:
    """The first frame that a presentation state is for, without words over it. Errors as those of `all_pictures`."""
    first = all_pictures(stored)[0]
    return WordlessPicture(first.shown, first.number, first.state.without_words(), stored)


def pictures_of(shown: Shown, numbers: Sequence[int], stored_state: StoredInstance) -> list[PresentedPicture]:
    """Frames of an image as a presentation state has them (OTH-16).

    Raises:
        NotReferenced: it is not for one of them. Others are those of `state`.
    """
    found, instance = state(stored_state), shown.stored.instance
    for number in numbers:
        if not found.applies(instance, number):
            raise NotReferenced(stored_state.instance, instance, number)
    return [PresentedPicture(shown, number, found, stored_state) for number in numbers]


def _images(study: str, instances: Sequence[str]) -> dict[str, Shown]:
    """Those of the instances that are stored in the study and have frames to show."""
    stored = locate.among(instances, study)
    indexes = locate.indexes(stored)
    there = ((image, indexes[image.pk]) for image in stored if image.pk in indexes)
    return {
        image.instance: Shown(image, found, Category.IMAGE)
        for image, found in there
        if category(found.sop_class_uid, found.frames) is Category.IMAGE
    }


def _referenced(references: Iterable[Reference], images: Mapping[str, Shown]) -> Iterable[tuple[str, int]]:
    """The frames of images that are meant and there, each once, in the order of reference.

    Raises:
        NotRenderable: they are more than `MOST_FRAMES`, or are meant so often.
    """
    frames: dict[tuple[str, int], None] = {}
    count = 0
    for reference in references:
        if image := images.get(reference.instance):
            numbers = reference.frames or range(1, image.frame_count + 1)
            count += len(numbers)
            if count > MOST_FRAMES:
                raise NotRenderable(f"A presentation state of more than {MOST_FRAMES} frames is not shown as a whole.")
            there = (number for number in numbers if number <= image.frame_count)
            frames |= dict.fromkeys((reference.instance, number) for number in there)
    return frames
