"""Small images that stand for instances: without a name on them, whatever is drawn or written over the pixels."""

from archive.dicom.errors import NotRenderable
from archive.dicom.rendering.categories import Category
from archive.dicom.rendering.pictures import Form
from archive.dicom.rendering.viewport import Viewport
from archive.selectors.locate import StoredInstance
from archive.selectors.rendered import Picture, Shown

#: What a thumbnail fits in when nothing else is asked for.
VIEWPORT = Viewport(256, 256)
FORM = Form(viewport=VIEWPORT)


def picture(stored: StoredInstance, number: int | None = None) -> Picture:
    """The picture that stands for an instance.

    Args:
        number: of the frame that is to be seen.

    Raises:
        NotRenderable: there is nothing to see.
        NoPixelData, FrameNotFound: there is no such frame.
        Deleted: it has been deleted since it was found.
    """
    shown = Shown.one(stored)
    if shown.category is Category.IMAGE or (number and shown.category is not Category.VIDEO):
        found: Picture = shown.pictures([number or _middle(shown)])[0]
        return found
    raise NotRenderable(f"Instance {stored.instance} has no thumbnail.")


def _middle(shown: Shown) -> int:
    return shown.frames.index.count // 2 + 1


def thumbnail(stored: StoredInstance) -> bytes:
    """A JPEG image, made now. Errors as those of `picture` and `Picture.encoded`."""
    return picture(stored).encoded(FORM)
