"""Small images that stand for instances: without a name on them, whatever is drawn or written over the pixels."""

from collections.abc import Sequence
from dataclasses import dataclass

from archive.dicom.errors import NotRenderable
from archive.dicom.rendering.categories import Category
from archive.dicom.rendering.pictures import Form, Seen
from archive.dicom.rendering.viewport import Viewport
from archive.selectors import derived, presented
from archive.selectors.locate import StoredInstance
from archive.selectors.rendered import Picture, Shown, WaveformPicture

#: What a thumbnail fits in when nothing else is asked for.
VIEWPORT = Viewport(256, 256)
FORM = Form(viewport=VIEWPORT)


@dataclass(frozen=True, slots=True)
class Thumbnail(Picture):
    """A picture that stands for an instance: as it has been derived, or made now."""

    picture: Picture

    @property
    def part(self) -> str:
        return self.picture.part

    def seen(self, form: Form) -> Seen:
        return self.picture.seen(form)

    def make(self, form: Form) -> bytes:
        return (derived.thumbnail(self.shown.stored) if form == FORM else None) or self.picture.make(form)


def picture(stored: StoredInstance, numbers: Sequence[int] | None = None) -> Picture:
    """The picture that stands for an instance, or for these frames of it: the first of them.

    That of a presentation state is never derived: it changes with what is stored of the images that it is for.

    Raises:
        NotRenderable: there is nothing to see.
        NothingReferenced: nothing is stored of what it is for.
        NoPixelData, FrameNotFound: there are no such frames.
        Deleted: it has been deleted since it was found.
    """
    shown = Shown.one(stored)
    if numbers is not None and shown.category is not Category.VIDEO:
        frame: Picture = shown.pictures(numbers)[0]
        return frame
    if shown.category is Category.PRESENTATION_STATE:
        return presented.thumbnail_picture(stored)
    return Thumbnail(shown, _representative(shown))


def _representative(shown: Shown) -> Picture:
    if shown.category is Category.IMAGE:
        return shown.representative()
    if shown.category is Category.WAVEFORM:
        return WaveformPicture(shown)
    raise NotRenderable(f"Instance {shown.stored.instance} has no thumbnail.")


def thumbnail(stored: StoredInstance) -> bytes:
    """The JPEG image that is derived from an instance, made now. Errors as those of `picture` and `Picture.make`."""
    return _representative(Shown.one(stored)).make(FORM)
