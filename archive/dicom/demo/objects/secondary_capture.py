"""A page that a workstation has made of a CT: Secondary Capture Image IOD (PS3.3 Section A.8)."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from pydicom.uid import SecondaryCaptureImageStorage

from archive.dicom.demo.data_sets import part10
from archive.dicom.demo.phantoms import chest
from archive.dicom.demo.pixels import set_rgb
from archive.dicom.demo.studies import Series, Study
from archive.dicom.rendering.fonts import font

_SIZE = 768
_WIDTH_MM = 360.0
_BACKGROUND, _INK, _ACCENT = (14, 17, 23), (228, 231, 236), (255, 178, 66)
_LINES = ("Maximum intensity projection", "Nodule, right upper lobe: 18 mm", "CTDIvol 6.2 mGy   DLP 214 mGy cm")


def series(study: Study, number: int = 16) -> Series:
    return Series(
        study=study,
        number=number,
        modality="CT",
        sop_class=SecondaryCaptureImageStorage,
        description="Maximum intensity projection",
        body_part="CHEST",
        model="Workstation",
    )


def images(of: Series, syntax: str) -> Iterator[bytes]:
    image = of.instance(
        1,
        ImageType=["DERIVED", "SECONDARY"],
        ConversionType="WSD",
        BurnedInAnnotation="NO",
        PatientOrientation="",
        DateOfSecondaryCapture=f"{of.study.began:%Y%m%d}",
        TimeOfSecondaryCapture=f"{of.study.began:%H%M%S}",
        SecondaryCaptureDeviceManufacturer="Phantom Works",
    )
    set_rgb(image, [_page(of.study.cells(_SIZE))], syntax)
    yield part10(image, syntax)


def _page(size: int) -> NDArray[np.uint8]:
    page = Image.new("RGB", (size, size), _BACKGROUND)
    page.paste(Image.fromarray(_projected(size * 3 // 4)), (size // 8, size // 16))
    draw = ImageDraw.Draw(page)
    for place, line in enumerate(_LINES):
        top = int(size * (0.68 + 0.06 * place))
        draw.text((size // 8, top), line, _INK if place != 1 else _ACCENT, font(max(size // 28, 6), bold=place == 0))
    return np.asarray(page)


def _projected(size: int) -> NDArray[np.uint8]:
    """The brightest along y, without the couch and the bones behind the heart: vessels in warm colors."""
    x = ((np.arange(size // 2, dtype=np.float32) + 0.5) / (size // 2) - 0.5) * np.float32(_WIDTH_MM)
    y = np.linspace(-66, 40, 72, dtype=np.float32)
    heights = np.linspace(150, -118, size * 3 // 8, dtype=np.float32)
    rows = [chest.hounsfield(x, y, np.array([z], np.float32))[0].max(axis=0) for z in heights]
    level = np.clip((np.stack(rows) - 10) / 480, 0, 1)
    warm = np.stack([level**0.7, level**1.3 * 0.92, level**2.2 * 0.8], axis=-1)
    return np.asarray(Image.fromarray((warm * 255).astype(np.uint8)).resize((size, size * 3 // 4)))
