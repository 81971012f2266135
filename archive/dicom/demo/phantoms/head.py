"""A head as tissues, of which each MR sequence has its own picture. Millimetres in the patient (see `grids`)."""

from collections.abc import Mapping

import numpy as np

from archive.dicom.demo.grids import Axis
from archive.dicom.demo.phantoms.volume import Values, Volume, noise, soft

#: Signals of the tissues, about 0 to 1000.
Contrast = Mapping[str, float]

T1: Contrast = {
    "fat": 880, "muscle": 300, "bone": 25, "marrow": 330, "fluid": 90, "gray": 380, "white": 560, "deep": 440,
    "lesion": 300, "eye": 110, "lens": 260, "air": 4,
}  # fmt: skip
T2: Contrast = {
    "fat": 560, "muscle": 150, "bone": 20, "marrow": 240, "fluid": 960, "gray": 480, "white": 310, "deep": 340,
    "lesion": 690, "eye": 930, "lens": 120, "air": 4,
}  # fmt: skip

_LESIONS = ((-24, -22, 26), (-30, 8, 28), (27, -6, 31), (22, 26, 24), (-20, 34, 20), (31, 14, 36), (-26, -6, 40))


def signal(x: Axis, y: Axis, z: Axis, contrast: Contrast) -> Values:
    """The signal of the cells whose middles are there, in the order z, y, x."""
    volume = Volume.filled(x, y, z, contrast["air"])
    _skull(volume, contrast)
    _face(volume, contrast)
    _cerebrum(volume, contrast)
    _cerebellum(volume, contrast)
    _deep(volume, contrast)
    return volume.values


def _ball(volume: Volume, across: float, deep: float, high: float) -> Values:
    """How far from the middle of the head, 1 on an ellipsoid that is narrower in front."""
    x, y, z = volume.places
    narrowed = across * (1 + 0.0012 * np.clip(y, -80, 60))
    return np.sqrt((x / narrowed) ** 2 + ((y - 2) / deep) ** 2 + ((z - 8) / high) ** 2)


def _shell(volume: Volume, inwards: float) -> Values:
    distance = _ball(volume, 78 - inwards, 97 - inwards, 88 - inwards)
    x, y, z = volume.places
    neck = np.sqrt((x / (60 - inwards)) ** 2 + ((y - 12) / (66 - inwards)) ** 2) + np.clip((z + 12) / 30, 0, 2)
    return soft((1 - np.minimum(distance, neck)) * 75, volume.edge)


def _skull(volume: Volume, contrast: Contrast) -> None:
    volume.blend(_shell(volume, 0), contrast["muscle"])
    volume.blend(_shell(volume, 2), contrast["fat"])
    volume.blend(soft((1 - _ball(volume, 73, 92, 83)) * 75, volume.edge), contrast["bone"])
    diploe = soft(1.3 - np.abs((1 - _ball(volume, 70.5, 89.5, 80.5)) * 75), volume.edge)
    volume.blend(diploe, contrast["marrow"])
    inner = soft((1 - _ball(volume, 67.5, 86.5, 77.5)) * 72, volume.edge)
    volume.blend(inner, contrast["fluid"])
    rough = noise(volume.x, volume.y, volume.z, 11, 14)
    floor = inner * soft(_floor(volume) - volume.places[2], 2)
    volume.blend(floor, np.where(rough > 0.1, contrast["muscle"], contrast["bone"]).astype(np.float32))


def _floor(volume: Volume) -> Values:
    """z of the base of the skull, and of the tentorium behind it: deepest below the temporal lobes."""
    x, y, _ = volume.places
    temporal = np.exp(-(((np.abs(x) - 40) / 19) ** 2) - ((y + 4) / 30) ** 2)
    return -18 - 26 * temporal + 0.08 * np.clip(-y, 0, 90)


def _face(volume: Volume, contrast: Contrast) -> None:
    for side in (-1, 1):
        eye = (side * 32, -76, -28)
        volume.ellipsoid((side * 30, -62, -28), (19, 30, 17), contrast["fat"])
        volume.ellipsoid(eye, (12.5, 12.5, 12.5), contrast["eye"])
        volume.ellipsoid((side * 32, -86, -28), (5, 2.6, 5), contrast["lens"])
        volume.tube([(side * 31, -64, -28), (side * 16, -38, -26)], 2.2, contrast["white"])
        volume.tube([(side * 43, -72, -28), (side * 24, -44, -26)], 2.2, contrast["muscle"])
        volume.tube([(side * 20, -76, -28), (side * 17, -46, -26)], 2.2, contrast["muscle"])
        volume.ellipsoid((side * 9, -66, -34), (6, 20, 16), contrast["air"])
        volume.ellipsoid((side * 62, 30, -42), (12, 16, 14), contrast["bone"])
    volume.ellipsoid((0, -40, -40), (13, 12, 10), contrast["air"])


def _cerebrum(volume: Volume, contrast: Contrast) -> None:
    """Cortex folded by noise: where it crosses zero, there is a sulcus."""
    x, y, z = volume.places
    wide = noise(volume.x, volume.y, volume.z, 17, 11)
    fine = noise(volume.x, volume.y, volume.z, 9.5, 12)
    distance = _ball(volume, 66, 85, 76)
    inside = soft(np.minimum((1 - distance) * 66, z - _floor(volume)), volume.edge)
    fold = wide + 0.5 * fine
    outer = np.clip((distance - 0.5) / 0.3, 0, 1)
    sulcus = np.abs(fold) * 19 - 1.0 + 14 * (1 - outer)
    middle = np.abs(x + 0.8 * np.sin(y / 11)) - 0.8 + 40 * ((y / 44) ** 2 + ((z - 12) / 24) ** 2 < 1)
    ribbon = np.minimum(np.minimum((1 - distance) * 66 - 0.8, sulcus), middle)
    volume.blend(inside, contrast["fluid"])
    volume.blend(inside * soft(ribbon, volume.edge), contrast["gray"] + 12 * fine)
    volume.blend(inside * soft(ribbon - 3.3, volume.edge), contrast["white"] + 10 * fine)


def _cerebellum(volume: Volume, contrast: Contrast) -> None:
    x, y, z = volume.places
    folia = 2.2 * np.sin(0.9 * np.sqrt((y - 20) ** 2 + (z + 20) ** 2) + 2 * noise(volume.x, volume.y, volume.z, 12, 13))
    lobes = np.sqrt(((np.abs(x) - 24) / 31) ** 2 + ((y - 46) / 29) ** 2 + ((z + 44) / 22) ** 2)
    depth = (1 - lobes) * 24
    volume.blend(soft(depth + 2, volume.edge), contrast["fluid"])
    volume.blend(soft(depth, volume.edge), contrast["gray"])
    volume.blend(soft(np.minimum(depth - 2.5, 1.4 + folia), volume.edge), contrast["white"])
    volume.tube([(0, 10, -4), (0, 14, -30), (0, 22, -80)], 13, contrast["fluid"])
    volume.tube([(-9, 2, 0), (0, 6, -14), (9, 2, 0)], 9, contrast["white"])
    volume.ellipsoid((0, 4, -30), (17, 13, 15), contrast["white"] - 30)
    volume.tube([(0, 12, -40), (0, 20, -80)], 8.5, contrast["white"] - 20)
    volume.ellipsoid((0, 22, -34), (8, 5, 10), contrast["fluid"])


def _deep(volume: Volume, contrast: Contrast) -> None:
    for side in (-1, 1):
        volume.ellipsoid((side * 13, 4, 12), (10, 17, 11), contrast["deep"])  # thalamus
        volume.ellipsoid((side * 24, -10, 10), (7, 19, 13), contrast["deep"])  # putamen
        volume.ellipsoid((side * 33, -6, 10), (2, 20, 14), contrast["gray"])  # insula
        volume.ellipsoid((side * 14, -26, 16), (6, 9, 11), contrast["deep"])  # head of the caudate
        front, middle, back = (side * 7, -36, 16), (side * 11, -4, 30), (side * 22, 34, 16)
        volume.tube([front, (side * 8, -20, 25), middle, (side * 15, 20, 28), back], 5.2, contrast["fluid"])
        volume.tube([back, (side * 26, 52, 12)], 3.6, contrast["fluid"])
        volume.tube([back, (side * 30, 12, -8), (side * 30, -10, -16)], 3.4, contrast["fluid"])
    volume.ellipsoid((0, 2, 12), (2.2, 16, 10), contrast["fluid"])
    for place in _LESIONS:
        volume.ellipsoid(place, (3.6, 4.6, 3.4), contrast["lesion"], edge=1)
