"""Small images that stand for instances: without a name on them, whatever is drawn or written over the pixels."""

from archive.dicom.errors import NotRenderable
from archive.dicom.rendering.categories import Category
from archive.dicom.rendering.pictures import Form
from archive.dicom.rendering.viewport import Viewport
from archive.selectors import derived
from archive.selectors.locate import StoredInstance
from archive.selectors.rendered import Picture, Shown

#: What a thumbnail fits in when nothing else is asked for.
VIEWPORT = Viewport(256, 256)
FORM = Form(viewport=VIEWPORT)


class Thumbnail(Picture):
    """The picture that stands for an instance, derived already or made now."""

    __slots__ = ()

    def _encode(self, form: Form) -> bytes:
        derived_before = derived.thumbnail(self.shown.stored) if form == FORM else None
        return derived_before or Picture._encode(self, form)


def picture(stored: StoredInstance, number: int | None = None) -> Picture:
    """The picture that stands for an instance, or that of one of its frames.

    Raises:
        NotRenderable: there is nothing to see.
        NoPixelData, FrameNotFound: there is no such frame.
        Deleted: it has been deleted since it was found.
    """
    shown = Shown.one(stored)
    if number is not None and shown.category is not Category.VIDEO:
        return Picture(shown, *shown.checked([number]))
    if shown.category is Category.IMAGE:
        return Thumbnail(shown, _middle(shown))
    raise NotRenderable(f"Instance {stored.instance} has no thumbnail.")


def _middle(shown: Shown) -> int:
    return shown.frames.index.count // 2 + 1


def thumbnail(stored: StoredInstance) -> bytes:
    """The JPEG image that is derived from an instance, made now. Errors as those of `picture` and `Picture.encoded`."""
    found = picture(stored)
    return Picture(found.shown, found.number).encoded(FORM)
