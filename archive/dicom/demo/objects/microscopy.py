"""A slide in hematoxylin and eosin, as a pyramid: VL Whole Slide Microscopy Image IOD (PS3.3 Section A.32.8)."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.uid import VLWholeSlideMicroscopyImageStorage

from archive.dicom.demo.data_sets import code, data_set, part10
from archive.dicom.demo.grids import Axis
from archive.dicom.demo.identifiers import DEVICES, uid
from archive.dicom.demo.phantoms.volume import Values, noise, soft
from archive.dicom.demo.pixels import JPEG_BASELINE, set_rgb
from archive.dicom.demo.studies import Series, Study
from archive.dicom.rendering.rgb_profiles import SRGB

_TILE = 256
_LEVELS = 3
_ROWS, _COLUMNS = 2048, 3072
_MICRONS = 0.5
_NUCLEI = 26_000
_PAPER, _STROMA, _CELLS, _NUCLEUS = (244, 242, 245), (232, 168, 196), (206, 126, 176), (92, 58, 132)

Picture = NDArray[np.uint8]


def series(study: Study, number: int = 1) -> Series:
    return Series(
        study=study,
        number=number,
        modality="SM",
        sop_class=VLWholeSlideMicroscopyImageStorage,
        description="Lung, biopsy, H&E",
        model="Slide scanner",
        in_frame_of_reference=True,
    )


def images(of: Series) -> Iterator[bytes]:
    """Each level has half of the rows and columns of the one before."""
    tile = max(_TILE // of.study.coarseness, 16)
    slide = _slide(of.study.cells(_ROWS), of.study.cells(_COLUMNS), of.study.coarseness)
    size = _COLUMNS * _MICRONS / 1000, _ROWS * _MICRONS / 1000
    for level in range(1, _LEVELS + 1):
        yield part10(_level(of, level, slide, tile, size), JPEG_BASELINE)
        slide = _halved(slide)


def _level(of: Series, level: int, slide: Picture, tile: int, size: tuple[float, float]) -> Dataset:
    rows, columns, _ = slide.shape
    tiles = list(_tiles(slide, tile))
    image = of.instance(level, **_attributes(of, level, rows, columns, size), NumberOfFrames=len(tiles))
    image.ImageType = _image_type(level)
    set_rgb(image, tiles, JPEG_BASELINE)
    return image


def _image_type(level: int) -> list[str]:
    return ["ORIGINAL", "PRIMARY", "VOLUME", "NONE"] if level == 1 else ["DERIVED", "PRIMARY", "VOLUME", "RESAMPLED"]


def _tiles(slide: Picture, tile: int) -> Iterator[Picture]:
    """Row by row, the last ones filled up with their edges (PS3.3 Section C.7.6.17.3, TILED_FULL)."""
    rows, columns, _ = slide.shape
    whole = np.pad(slide, ((0, -rows % tile), (0, -columns % tile), (0, 0)), "edge")
    for top in range(0, rows, tile):
        for left in range(0, columns, tile):
            yield np.ascontiguousarray(whole[top : top + tile, left : left + tile])


def _halved(slide: Picture) -> Picture:
    rows, columns, _ = slide.shape
    blocks = slide[: rows // 2 * 2, : columns // 2 * 2].reshape(rows // 2, 2, columns // 2, 2, 3)
    return np.asarray(blocks.mean(axis=(1, 3)).round(), np.uint8)


def _attributes(of: Series, level: int, rows: int, columns: int, size: tuple[float, float]) -> dict[str, Any]:
    width, height = size
    began = f"{of.study.began:%Y%m%d%H%M%S}"
    return {
        "AcquisitionDateTime": began,
        "AcquisitionDuration": 42.0,
        "PositionReferenceIndicator": "SLIDE_CORNER",
        "ContainerIdentifier": f"S{of.study.number}-1",
        "IssuerOfTheContainerIdentifierSequence": [],
        "ContainerTypeCodeSequence": [code(("433466003", "SCT", "Microscope slide"))],
        "AcquisitionContextSequence": [],
        "SpecimenDescriptionSequence": [_specimen(of)],
        "ImagedVolumeWidth": width,
        "ImagedVolumeHeight": height,
        "ImagedVolumeDepth": 1.0,
        "TotalPixelMatrixColumns": columns,
        "TotalPixelMatrixRows": rows,
        "TotalPixelMatrixFocalPlanes": 1,
        "TotalPixelMatrixOriginSequence": [
            data_set(XOffsetInSlideCoordinateSystem="20", YOffsetInSlideCoordinateSystem="40")
        ],
        "ImageOrientationSlide": ["0", "-1", "0", "-1", "0", "0"],
        "SpecimenLabelInImage": "NO",
        "BurnedInAnnotation": "NO",
        "FocusMethod": "AUTO",
        "ExtendedDepthOfField": "NO",
        "VolumetricProperties": "VOLUME",
        "DimensionOrganizationType": "TILED_FULL",
        "NumberOfOpticalPaths": 1,
        "OpticalPathSequence": [_optical_path()],
        "SharedFunctionalGroupsSequence": [_shared(level, width / columns, height / rows)],
        "DimensionOrganizationSequence": [data_set(DimensionOrganizationUID=uid(DEVICES, of.study.number, 1))],
    }


def _specimen(of: Series) -> Dataset:
    return data_set(
        SpecimenIdentifier=f"S{of.study.number}",
        SpecimenUID=uid(DEVICES, of.study.number),
        IssuerOfTheSpecimenIdentifierSequence=[],
        SpecimenShortDescription="Lung, right upper lobe",
        SpecimenPreparationSequence=[],
        PrimaryAnatomicStructureSequence=[code(("39607008", "SCT", "Lung"))],
    )


def _optical_path() -> Dataset:
    return data_set(
        IlluminationTypeCodeSequence=[code(("111744", "DCM", "Brightfield illumination"))],
        IlluminationColorCodeSequence=[code(("371251000", "SCT", "White"))],
        OpticalPathIdentifier="1",
        OpticalPathDescription="Brightfield",
        ICCProfile=SRGB + bytes(len(SRGB) % 2),
        ObjectiveLensPower="20",
    )


def _shared(level: int, across: float, down: float) -> Dataset:
    return data_set(
        PixelMeasuresSequence=[data_set(PixelSpacing=[f"{down:.6g}", f"{across:.6g}"], SliceThickness="0.001")],
        WholeSlideMicroscopyImageFrameTypeSequence=[data_set(FrameType=_image_type(level))],
        OpticalPathIdentificationSequence=[data_set(OpticalPathIdentifier="1")],
    )


# -- the picture -----------------------------------------------------------------


def _slide(rows: int, columns: int, coarseness: int) -> Picture:
    """Tissue with alveoli and glands, and nuclei in it."""
    x = np.arange(columns, dtype=np.float32) * coarseness
    y = np.arange(rows, dtype=np.float32) * coarseness
    tissue = _tissue(x, y)
    fibers = noise(x, y, _at(3), 14, 41)[0] * 0.5 + noise(x, y, _at(9), 60, 42)[0]
    spaces = np.abs(noise(x, y, _at(15), 150, 43)[0] + 0.35 * noise(x, y, _at(21), 46, 44)[0])
    holes = soft((spaces - 0.30) * 90, 6) * tissue
    lining = soft(16 - np.abs((spaces - 0.22) * 150), 8) * tissue
    slide = np.empty((rows, columns, 3), np.float32)
    slide[...] = _PAPER
    for opacity, color in ((tissue * (0.8 + 0.2 * fibers), _STROMA), (lining * 0.8, _CELLS), (holes * 0.94, _PAPER)):
        slide += np.clip(opacity, 0, 1)[..., None] * (np.array(color, np.float32) - slide)
    _nuclei(slide, tissue, holes, lining, coarseness)
    slide += np.random.default_rng(2).normal(0, 2.2, slide.shape).astype(np.float32)
    return np.clip(slide, 0, 255).astype(np.uint8)


def _tissue(x: Axis, y: Axis) -> Values:
    across = (x[None, :] / 3072 - 0.5) / 0.44
    down = (y[:, None] / 2048 - 0.5 - 0.06 * np.sin(5 * across)) / 0.36
    ragged = 0.16 * noise(x, y, _at(0), 210, 40)[0] + 0.05 * noise(x, y, _at(0), 60, 45)[0]
    return soft((1 - np.hypot(across, down) + ragged) * 700, 4)


def _nuclei(slide: Values, tissue: Values, holes: Values, lining: Values, coarseness: int) -> None:
    """Where there is tissue, and most where cells line a space."""
    random = np.random.default_rng(6)
    rows, columns = tissue.shape
    color = np.array(_NUCLEUS, np.float32)
    for _ in range(_NUCLEI // coarseness):
        row, column = int(random.integers(rows)), int(random.integers(columns))
        wanted = (0.10 + 0.9 * lining[row, column]) * tissue[row, column] * (holes[row, column] < 0.2)
        long, wide, turned, dark = random.uniform((5, 3, 0, 0.55), (8, 5.2, np.pi, 0.9))
        if random.uniform() > wanted:
            continue
        reach = int(9 / coarseness) + 1
        top, left = max(row - reach, 0), max(column - reach, 0)
        part = slide[top : row + reach, left : column + reach]
        down = (np.arange(top, top + part.shape[0]) - row)[:, None] * coarseness
        across = (np.arange(left, left + part.shape[1]) - column)[None, :] * coarseness
        along, aside = across * np.cos(turned) + down * np.sin(turned), down * np.cos(turned) - across * np.sin(turned)
        inside = soft((1 - np.hypot(along / long, aside / wide)) * wide, 1.4) * dark
        part += inside[..., None] * (color - part)


def _at(z: float) -> Axis:
    return np.array([z], np.float32)
