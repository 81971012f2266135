"""A screening mammogram, four views: Digital Mammography X-Ray Image IOD (PS3.3 Section A.27)."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.uid import DigitalMammographyXRayImageStorageForPresentation

from archive.dicom.demo.data_sets import code, number, part10
from archive.dicom.demo.grids import Axis
from archive.dicom.demo.phantoms.volume import Values, Volume, blurred, noise, soft
from archive.dicom.demo.pixels import set_gray
from archive.dicom.demo.studies import Series, Study

_HEIGHT_MM, _WIDTH_MM = 240.0, 180.0
_MOST = 4095
_VIEWS = (("R", "CC"), ("L", "CC"), ("R", "MLO"), ("L", "MLO"))
_CODES = {
    "CC": ("399162004", "SCT", "cranio-caudal"),
    "MLO": ("399368009", "SCT", "medio-lateral oblique"),
}


def series(study: Study, number: int = 1) -> Series:
    return Series(
        study=study,
        number=number,
        modality="MG",
        sop_class=DigitalMammographyXRayImageStorageForPresentation,
        description="Screening, both breasts",
        body_part="BREAST",
        model="Mammo 70",
    )


def images(of: Series, syntax: str) -> Iterator[bytes]:
    rows, columns = of.study.cells(1280), of.study.cells(960)
    for place, (laterality, view) in enumerate(_VIEWS, 1):
        image = of.instance(place, **_attributes(laterality, view, rows, columns))
        set_gray(image, [_shown(laterality, view, rows, columns)], syntax, bits=12)
        yield part10(image, syntax)


def _attributes(laterality: str, view: str, rows: int, columns: int) -> dict[str, Any]:
    right, oblique = laterality == "R", view == "MLO"
    spacing = [number(_HEIGHT_MM / rows), number(_WIDTH_MM / columns)]
    across = "P" if right else "A"
    down = ("FL" if right else "FR") if oblique else ("L" if right else "R")
    return {
        "ImageType": ["DERIVED", "PRIMARY", ""],
        "AcquisitionNumber": "1",
        "PresentationIntentType": "FOR PRESENTATION",
        "PresentationLUTShape": "IDENTITY",
        "ImageLaterality": laterality,
        "PatientOrientation": [across, "F" + down[1:] if oblique else down],
        "AnatomicRegionSequence": [code(("76752008", "SCT", "Breast"))],
        "ViewCodeSequence": [_view(view)],
        "ViewPosition": view,
        "ImagerPixelSpacing": spacing,
        "PixelSpacing": spacing,
        "PixelIntensityRelationship": "LOG",
        "PixelIntensityRelationshipSign": -1,
        "RescaleIntercept": "0",
        "RescaleSlope": "1",
        "RescaleType": "US",
        "LossyImageCompression": "00",
        "BurnedInAnnotation": "NO",
        "BreastImplantPresent": "NO",
        "PartialView": "NO",
        "WindowCenter": "2048",
        "WindowWidth": "4096",
        "DetectorType": "DIRECT",
        "DetectorConfiguration": "AREA",
        "DetectorID": "1",
        "PositionerType": "MAMMOGRAPHIC",
        "PositionerPrimaryAngle": ("45" if right else "-45") if oblique else "0",
        "KVP": "29",
        "ExposureInuAs": "82000",
        "BodyPartThickness": "56",
        "CompressionForce": "92",
        "AnodeTargetMaterial": "TUNGSTEN",
        "FilterMaterial": "RHODIUM",
        "OrganExposed": "BREAST",
        "OrganDose": "0.0135",
        "AcquisitionContextSequence": [],
        "DerivationDescription": "Calculated from a phantom",
    }


def _view(view: str) -> Any:
    item = code(_CODES[view])
    item.ViewModifierCodeSequence = []
    return item


def _shown(laterality: str, view: str, rows: int, columns: int) -> NDArray[np.uint16]:
    """The chest wall is at the outer edge: the right breast points to the left of the image."""
    x = (np.arange(columns, dtype=np.float32) + 0.5) / columns * np.float32(_WIDTH_MM)
    y = ((np.arange(rows, dtype=np.float32) + 0.5) / rows - 0.5) * np.float32(_HEIGHT_MM)
    seed = 20 + 10 * (laterality == "R") + 5 * (view == "MLO")
    breast = _breast(x, y, oblique=view == "MLO", seed=seed, lesion=laterality == "L")
    grain = np.random.default_rng(seed).normal(0, 0.008, breast.shape)
    level = (np.clip(breast + grain * (breast > 0.02), 0, 1) * _MOST).astype(np.uint16)
    return level[:, ::-1] if laterality == "R" else level


def _breast(x: Axis, y: Axis, *, oblique: bool, seed: int, lesion: bool) -> Values:
    edge = float(x[1] - x[0])
    down, across = y[:, None], x[None, :]
    sag = 12 if oblique else 0
    reach = 118 - 0.0001 * np.abs(down - sag) ** 3
    outline = (1 - np.hypot(across / 122, (down - sag) / (108 if oblique else 98))) * 100
    depth = np.minimum(outline, reach - across)
    skin = soft(depth, 2 * edge)
    shown = skin * (0.10 + 0.17 * np.clip(depth / 16, 0, 1) ** 0.7)
    shown = shown + 0.12 * soft(1.3 - np.abs(depth - 1.2), edge * 2)
    gland = np.clip((0.92 - np.hypot((across - 62) / 62, (down - sag - 4) / 66)) * 3, 0, 1)
    shown = shown + gland * _parenchyma(x, y, seed) + skin * _strands(x, y, seed)
    if oblique:
        muscle = soft(58 - across - (down + 112) * 0.46, 3)
        shown = shown + skin * muscle * (0.36 + 0.03 * noise(x, y, _at(0), 9, seed + 3)[0])
    volume = Volume(x, y, _at(0), np.ascontiguousarray(shown[None], np.float32))
    if lesion:
        _lesion(volume, seed)
    return blurred(volume.values[0], 0.8)


def _parenchyma(x: Axis, y: Axis, seed: int) -> Values:
    layers = ((26, 1.0), (12, 0.55), (5.5, 0.3), (2.4, 0.17))
    clouds = [noise(x, y, _at(size), size, seed)[0] * share for size, share in layers]
    return np.asarray(np.clip(0.2 + 0.33 * np.sum(clouds, axis=0), 0, 0.62), np.float32)


def _strands(x: Axis, y: Axis, seed: int) -> Values:
    """Ligaments: thin lines where noise crosses zero."""
    one, two = noise(x, y, _at(7), 13, seed)[0], noise(x, y, _at(30), 19, seed + 1)[0]
    return np.asarray(0.035 * np.exp(-((one / 0.04) ** 2)) + 0.045 * np.exp(-((two / 0.03) ** 2)), np.float32)


def _lesion(volume: Volume, seed: int) -> None:
    """A mass with spicules, and a cluster of calcifications."""
    random = np.random.default_rng(4)
    x, y = 70.0, -18.0
    for angle in random.uniform(0, 2 * np.pi, 18):
        length = random.uniform(9, 16)
        volume.tube([(x, y, 0), (x + length * np.cos(angle), y + length * np.sin(angle), 0)], 0.25, 0.62)
    volume.ellipsoid((x, y, 0), (6.5, 5.8, 6), 0.82, edge=2.5)
    for _ in range(22):
        spot = (52 + random.normal(0, 4), 26 + random.normal(0, 3.4), 0)
        volume.ellipsoid(spot, (random.uniform(0.25, 0.5),) * 3, 0.98)


def _at(z: float) -> Axis:
    return np.array([z], np.float32)
