"""An echocardiogram, a loop of one heart beat: Ultrasound Multi-frame Image IOD (PS3.3 Section A.7).

A four chamber view in speckle, which moves with the walls, and the electrocardiogram below it.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.uid import UltrasoundMultiFrameImageStorage

from archive.dicom.demo.data_sets import code, data_set, part10
from archive.dicom.demo.phantoms.heartbeat import beat
from archive.dicom.demo.phantoms.volume import Values, blurred, soft
from archive.dicom.demo.pixels import JPEG_BASELINE, set_rgb
from archive.dicom.demo.studies import Series, Study

_ROWS, _COLUMNS, _FRAMES = 480, 640, 32
_DEPTH_MM, _HALF_ANGLE = 165.0, 0.72
_BEAT_MS = 1000.0
_GREEN, _GRAY = (70, 230, 120), (150, 150, 150)

#: Center and semi-axes in millimetres across and along the beam, and how far it shrinks when it empties.
_CHAMBERS = (
    ((-20, 72), (19, 37), 0.26),  # left ventricle
    ((25, 78), (14, 31), 0.22),  # right ventricle
    ((-22, 132), (19, 17), -0.16),  # left atrium
    ((22, 132), (18, 16), -0.14),  # right atrium
)


def series(study: Study, number: int = 1) -> Series:
    return Series(
        study=study,
        number=number,
        modality="US",
        sop_class=UltrasoundMultiFrameImageStorage,
        description="Apical four chamber view",
        body_part="HEART",
        model="Phased array 3S",
    )


def images(of: Series) -> Iterator[bytes]:
    """One loop, in JPEG as such machines send it."""
    rows, columns, frames = (of.study.cells(number) for number in (_ROWS, _COLUMNS, _FRAMES))
    frame_time = _BEAT_MS / frames
    image = of.instance(
        1,
        ImageType=["ORIGINAL", "PRIMARY"],
        NumberOfFrames=frames,
        FrameTime=f"{frame_time:.4g}",
        FrameIncrementPointer=0x00181063,
        StartTrim="1",
        StopTrim=str(frames),
        RecommendedDisplayFrameRate=str(round(1000 / frame_time)),
        CineRate=str(round(1000 / frame_time)),
        HeartRate="60",
        PatientOrientation="",
        BurnedInAnnotation="NO",
        UltrasoundColorDataPresent=0,
        TransducerType="SECTOR_PHASED",
        AnatomicRegionSequence=[code(("80891009", "SCT", "Heart"))],
        SequenceOfUltrasoundRegions=[_region(rows, columns)],
    )
    set_rgb(image, _frames(rows, columns, frames), JPEG_BASELINE)
    yield part10(image, JPEG_BASELINE)


def _region(rows: int, columns: int) -> Any:
    """US Region Calibration module: the sector, in centimetres a pixel (PS3.3 Section C.8.5.5)."""
    pixel = _DEPTH_MM / 10 / (0.84 * rows)
    return data_set(
        RegionSpatialFormat=1,
        RegionDataType=1,
        RegionFlags=2,
        RegionLocationMinX0=0,
        RegionLocationMinY0=0,
        RegionLocationMaxX1=columns - 1,
        RegionLocationMaxY1=int(0.86 * rows),
        PhysicalUnitsXDirection=3,
        PhysicalUnitsYDirection=3,
        PhysicalDeltaX=pixel,
        PhysicalDeltaY=pixel,
        ReferencePixelX0=columns // 2,
        ReferencePixelY0=int(0.03 * rows),
        TransducerFrequency=2500,
    )


def _frames(rows: int, columns: int, count: int) -> Iterator[NDArray[np.uint8]]:
    scale = _DEPTH_MM / (0.84 * rows)
    down = (np.arange(rows, dtype=np.float32)[:, None] - 0.03 * rows) * scale
    across = (np.arange(columns, dtype=np.float32)[None, :] - columns / 2) * scale
    depth, angle = np.hypot(across, down), np.arctan2(across, down)
    sector = soft(_HALF_ANGLE - np.abs(angle), 0.01) * soft(_DEPTH_MM - depth, 1) * soft(depth - 4, 1)
    speckle = _speckle()
    for number in range(count):
        phase = number / count
        echoes = _echoes(across, down, phase)
        bright = echoes * _moving(speckle, across, down, phase)
        shown = sector * (0.25 * np.log1p(40 * bright) - 0.16) * (1.06 - 0.25 * (depth / _DEPTH_MM) ** 2)
        yield _with_curve(np.clip(shown, 0, 1), phase)


def _speckle() -> Values:
    """Rayleigh noise over depth and angle, wider across the beam than along it."""
    random = np.random.default_rng(3)
    parts = [blurred(random.normal(0, 1, (420, 220)), 0.9) for _ in range(2)]
    return np.hypot(*parts) * np.float32(1.7)


def _moving(speckle: Values, across: Values, down: Values, phase: float) -> Values:
    """The speckle of tissue that moves towards the middle of the heart and back."""
    pull = 1 + 0.10 * _emptied(phase)
    x, y = across * pull, 80 + (down - 80) * (1 + 0.06 * _emptied(phase))
    depth, angle = np.hypot(x, y), np.arctan2(x, np.maximum(y, 1e-3))
    rows = np.clip(depth * 2.4, 0, speckle.shape[0] - 1).astype(int)
    columns = np.clip((angle / _HALF_ANGLE + 1.2) / 2.4 * (speckle.shape[1] - 1), 0, speckle.shape[1] - 1).astype(int)
    moved: Values = speckle[rows, columns]
    return moved


def _emptied(phase: float) -> float:
    """How far the ventricles have emptied: 0 at the end of the diastole, 1 at that of the systole."""
    return float(np.sin(np.pi * min(phase / 0.7, 1.0)) ** 2)


def _echoes(across: Values, down: Values, phase: float) -> Values:
    """How much comes back from where: walls much, blood little."""
    emptied = _emptied(phase)
    heart = 1 - np.sqrt((across / 60) ** 2 + ((down - 92) / 72) ** 2)
    echoes = 0.10 + 0.32 * soft(heart * 60, 3) + 0.5 * soft(2.4 - np.abs(heart * 60), 2)
    for (x, y), (wide, long), shrinks in _CHAMBERS:
        size = 1 - shrinks * emptied
        inside = (1 - np.sqrt(((across - x) / (wide * size)) ** 2 + ((down - y) / (long * (size + 1) / 2)) ** 2)) * wide
        echoes = echoes + 0.30 * soft(2.2 - np.abs(inside), 2.5)
        echoes = echoes * (1 - 0.965 * soft(inside, 2.5))
    for hinge, direction in ((-40, 1), (-3, -1), (5, 1), (41, -1)):
        echoes = echoes + 0.9 * _leaflet(across, down, hinge, direction, 1 - emptied)
    return np.asarray(echoes, np.float32)


def _leaflet(across: Values, down: Values, hinge: float, direction: int, opened: float) -> Values:
    """A leaflet of a valve between atrium and ventricle, as a line from its hinge."""
    length, turned = 15.0, 0.12 + 1.05 * opened
    along_x, along_y = direction * np.cos(turned), -np.sin(turned)
    x, y = across - hinge, down - 113
    share = np.clip(x * along_x + y * along_y, 0, length)
    return soft(1.0 - np.hypot(x - share * along_x, y - share * along_y), 1.2)


def _with_curve(gray: Values, phase: float) -> NDArray[np.uint8]:
    """RGB, with the electrocardiogram and the moment in it."""
    rgb = np.repeat((gray * 255).astype(np.uint8)[..., None], 3, axis=2)
    rows, columns = gray.shape
    times = np.arange(columns) / columns * 2
    heights = (0.955 - 0.075 * beat((times % 1 + 0.75) % 1)) * rows
    line = np.abs(np.arange(rows)[:, None] - heights[None, :]) < np.maximum(1.2, np.abs(np.gradient(heights)) * 0.6)
    rgb[line] = _GREEN
    moment = int(phase / 2 * columns)
    rgb[int(0.87 * rows) :, moment : moment + 2] = _GRAY
    return rgb
