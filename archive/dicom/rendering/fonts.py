"""The letters of rendered text: FiraGO, out of a wheel, so that nothing need be installed in the system."""

from functools import lru_cache
from io import BytesIO

from PIL import ImageFont
from pymupdf_fonts import fontbuffers

_REGULAR, _BOLD = "figo", "figbo"


@lru_cache(maxsize=16)
def font(size: int, *, bold: bool = False) -> ImageFont.FreeTypeFont:
    """`size`: in pixels."""
    return ImageFont.truetype(BytesIO(fontbuffers[_BOLD if bold else _REGULAR]()), size)
