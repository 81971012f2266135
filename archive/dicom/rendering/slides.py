"""Whole slide images, and what else comes in tiles: PS3.3 Sections C.8.12.4 and C.7.6.17."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

import numpy as np

from archive.dicom.errors import NotRenderable
from archive.dicom.pixel_description import PixelDescription
from archive.dicom.rendering import pictures
from archive.dicom.rendering.attributes import Attributes
from archive.dicom.rendering.frames import render
from archive.dicom.rendering.functional_groups import PER_FRAME_FUNCTIONAL_GROUPS
from archive.dicom.rendering.pictures import Form, Seen
from archive.dicom.rendering.pixel_aspect import pixel_aspect
from archive.dicom.rendering.rasters import Raster, fitted
from archive.dicom.rendering.viewport import placed
from archive.dicom.runner import Runner, directly

SPECIMEN_LABEL_IN_IMAGE, IMAGE_TYPE = "00480010", "00080008"
TOTAL_PIXEL_MATRIX_COLUMNS, TOTAL_PIXEL_MATRIX_ROWS = "00480006", "00480007"
DIMENSION_ORGANIZATION_TYPE, PLANE_POSITION_SLIDE = "00209311", "0048021A"
COLUMN_POSITION, ROW_POSITION = "0048021E", "0048021F"

#: PS3.3 Section C.8.12.4.1.1, Value 3: what shows the specimen. A label shows whose it is.
_OF_THE_SPECIMEN = frozenset({"VOLUME", "THUMBNAIL", "OVERVIEW"})

#: So many tiles, of so many pixels together, are put into one picture: lower levels of a pyramid have no more.
MOST_TILES = 144
MOST_PIXELS = 1 << 24
#: Of the tiles, which may lie over each other and beyond the edges.
MOST_DECODED = 4 * MOST_PIXELS

_PAPER, _DARK = 255, 0


def shows_specimen(attributes: Attributes) -> bool:
    """Whether an image of a slide can stand for it, without the label that names a patient."""
    flavor = [str(value or "").strip().upper() for value in attributes.values(IMAGE_TYPE)][2:3]
    return _OF_THE_SPECIMEN.issuperset(flavor) and bool(flavor) and attributes.text(SPECIMEN_LABEL_IN_IMAGE) != "YES"


@dataclass(frozen=True, slots=True)
class TotalPixelMatrix:
    """What the tiles of an image make together.

    Args:
        tiles: the frame, counted from 1, that lies at a column and a row of the matrix, counted from 0.
    """

    columns: int
    rows: int
    tiles: dict[tuple[int, int], int]

    @staticmethod
    def is_of(attributes: Attributes) -> bool:
        """Whether an image is made of tiles."""
        return TOTAL_PIXEL_MATRIX_COLUMNS in attributes

    @classmethod
    def of(cls, attributes: Attributes, pixels: PixelDescription, count: int) -> Self | None:
        """That of an image with so many frames; None where it has no tiles, or too many for one picture.

        Of several focal planes, and of several optical paths, it is the first.
        """
        columns = attributes.integer(TOTAL_PIXEL_MATRIX_COLUMNS) or 0
        rows = attributes.integer(TOTAL_PIXEL_MATRIX_ROWS) or 0
        if min(columns, rows, pixels.columns, pixels.rows) < 1 or columns * rows > MOST_PIXELS:
            return None
        if attributes.text(DIMENSION_ORGANIZATION_TYPE) == "TILED_FULL":
            tiles = _full(columns, rows, pixels, count)
        else:
            tiles = _sparse(attributes, count)
        area = len(tiles) * pixels.columns * pixels.rows
        return cls(columns, rows, tiles) if 0 < len(tiles) <= MOST_TILES and area <= MOST_DECODED else None

    def seen(
        self,
        frame: Callable[[int], bytes],
        pixels: PixelDescription,
        attributes: Attributes,
        form: Form,
        run: Runner = directly,
    ) -> Seen:
        """All tiles together. Where there is none it is white, or dark where light is what is seen.

        Args:
            frame: the native frame of a number.
            run: as that of `pictures.seen`, whose errors there are.
        """
        placement = placed(
            form.viewport, columns=self.columns, rows=self.rows, pixel_aspect=pixel_aspect(attributes, 1)
        )
        whole: Raster = np.empty(0, np.uint8)
        for (left, top), number in self.tiles.items():
            tile = render(frame(number), pixels, attributes, number, form.window)
            if not whole.size:
                ground = _PAPER if tile.ndim == 3 else _DARK
                whole = np.full((self.rows, self.columns, *tile.shape[2:]), ground, np.uint8)
            if tile.ndim != whole.ndim:
                raise NotRenderable("Some tiles of the image are gray, and others in color.")
            _lay(tile, whole, left, top)
        return pictures.finished(fitted(whole, placement), attributes, 1, form, run)


def _full(columns: int, rows: int, pixels: PixelDescription, count: int) -> dict[tuple[int, int], int]:
    """Row by row from the top left corner (Section C.7.6.17.3)."""
    across = -(-columns // pixels.columns)
    number = min(across * -(-rows // pixels.rows), count)
    if number > MOST_TILES:
        return {}
    return {(at % across * pixels.columns, at // across * pixels.rows): at + 1 for at in range(number)}


def _sparse(attributes: Attributes, count: int) -> dict[tuple[int, int], int]:
    """Each where it says that it is (Section C.8.12.6.1); one that lies where another does is of another plane."""
    tiles: dict[tuple[int, int], int] = {}
    for number in range(1, min(count, attributes.count(PER_FRAME_FUNCTIONAL_GROUPS)) + 1):
        groups = attributes.item(PER_FRAME_FUNCTIONAL_GROUPS, number - 1)
        place = groups.item(PLANE_POSITION_SLIDE) if groups else None
        left, top = (place.integer(key) if place else None for key in (COLUMN_POSITION, ROW_POSITION))
        if left is not None and top is not None:
            tiles.setdefault((left - 1, top - 1), number)
        if len(tiles) > MOST_TILES:
            return {}
    return tiles


def _lay(tile: Raster, whole: Raster, left: int, top: int) -> None:
    """A tile into its place; what of it lies outside is no part of the image."""
    target = whole[max(top, 0) : max(top + tile.shape[0], 0), max(left, 0) : max(left + tile.shape[1], 0)]
    shown = tile[max(-top, 0) :, max(-left, 0) :][: target.shape[0], : target.shape[1]]
    target[: shown.shape[0], : shown.shape[1]] = shown
