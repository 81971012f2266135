"""A chest in Hounsfield units, after contrast: what a CT measures of it, and what X-rays and tracers are derived from.

Millimetres in the patient (see `grids`); the lungs end at about z = -100 and z = 125.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import numpy as np

from archive.dicom.demo.grids import Axis
from archive.dicom.demo.phantoms.volume import Point, Values, Volume, noise, soft

#: Points and radius.
Tube = tuple[list[Point], float]

AIR, LUNG, FAT, WATER, MUSCLE, BLOOD, MARROW, BONE = -1000, -865, -95, 8, 52, 195, 210, 720

#: The nodule in the right upper lobe, as it is now.
NODULE: Point = (-78, -12, 48)
NODULE_RADIUS = 9.0

HEART: Point = (22, -24, -42)
HEART_SEMI_AXES: Point = (60, 47, 50)
LEFT_VENTRICLE: Point = (44, -14, -48)
SPINE_Y = 62

_AORTA: list[Point] = [
    (4, -14, -12), (-2, -26, 25), (2, -24, 52), (10, -8, 68), (20, 14, 70), (26, 34, 60), (26, 42, 40), (22, 46, -20),
    (16, 46, -140),
]  # fmt: skip
#: Values of lung, which nothing else has: vessels end where it ends.
_IN_LUNG = (-928.0, -500.0)
_RIB_DISTANCE, _RIB_SLOPE = 28, 0.48


def hounsfield(x: Axis, y: Axis, z: Axis, *, nodule_radius: float = NODULE_RADIUS) -> Values:
    """Values of the cells whose middles are there, in the order z, y, x."""
    volume = Volume.filled(x, y, z, AIR)
    _wall(volume)
    _abdomen(volume)
    _lungs(volume)
    _heart(volume)
    _airways(volume)
    _vessels(volume)
    _bones(volume)
    _nodule(volume, nodule_radius)
    _couch(volume)
    return volume.values


# -- from outside to inside ------------------------------------------------------


def _couch(volume: Volume) -> None:
    x, y, _ = volume.places
    depth = y - (119 - x * x * 0.0009)
    top = soft(1.6 - np.abs(depth - 1.6), volume.edge) * soft(175 - np.abs(x), volume.edge)
    bottom = soft(1.6 - np.abs(y - 146), volume.edge) * soft(150 - np.abs(x), volume.edge)
    core = soft(depth, volume.edge) * soft(146 - y, volume.edge) * soft(160 - np.abs(x), volume.edge)
    volume.blend(core, -930)
    volume.blend(np.maximum(top, bottom), -420)


def _torso(volume: Volume, inwards: float) -> Values:
    """Inside a surface below the skin: a trunk that narrows to the neck."""
    x, y, z = volume.places
    shoulder = np.clip((z - 128) / 62, 0, 1)
    narrow = shoulder * shoulder * (3 - 2 * shoulder)
    across, deep = 168 - 104 * narrow - inwards, 112 - 48 * narrow - inwards
    distance = (np.abs(x / across) ** 2.5 + np.abs((y + 2) / deep) ** 2.5) ** 0.4
    return soft((1 - distance) * deep, volume.edge)


def _wall(volume: Volume) -> None:
    texture = noise(volume.x, volume.y, volume.z, 9, 1)
    volume.blend(_torso(volume, 0), 20)
    volume.blend(_torso(volume, 2), FAT + 6 * texture)
    volume.blend(_torso(volume, 15), MUSCLE + 5 * texture)
    for side in (-1, 1):  # fat between the layers of the shoulder, and in the armpits
        volume.ellipsoid((side * 128, 0, 95), (15, 34, 42), FAT, edge=6)
        volume.ellipsoid((side * 62, -88, 60), (34, 4, 60), FAT, edge=4)


def _cage(volume: Volume) -> Values:
    """The depth below the ribs in millimetres."""
    x, y, z = volume.places
    height = np.clip((np.maximum(z, -45) + 45) / 176, 0, 0.999)
    shrunk = np.sqrt(1 - height * height)
    across, deep = 141 * shrunk, 60 + 32 * shrunk
    distance = (np.abs(x / across) ** 2.2 + np.abs((y - 2) / deep) ** 2.2) ** (1 / 2.2)
    return np.asarray((1 - distance) * np.minimum(across, deep))


def _dome(x: Values, y: Values) -> Values:
    """z of the diaphragm."""
    right = -52 - 44 * (((x + 68) / 78) ** 2 + ((y + 12) / 80) ** 2)
    left = -64 - 44 * (((x - 72) / 74) ** 2 + ((y + 12) / 80) ** 2)
    return np.maximum(right, left)


def _abdomen(volume: Volume) -> None:
    x, y, z = volume.places
    below = soft(_dome(x, y) - 3 - z, 4) * _torso(volume, 24)
    volume.blend(below, FAT + 5)
    texture = 6 * noise(volume.x, volume.y, volume.z, 6, 2)
    liver = below * soft((1 - np.sqrt(((x + 62) / 108) ** 2 + ((y + 8) / 92) ** 2)) * 80, 3)
    volume.blend(liver, 112 + texture)
    _draw_within(volume, (80, 150), [([(-30, 0, -118), (-70, 5, -108), (-105, -15, -112)], 6)], 165)
    volume.ellipsoid((92, 45, -118), (34, 34, 42), 125)
    volume.ellipsoid((62, -30, -120), (46, 44, 40), 40)
    volume.ellipsoid((62, -48, -118), (38, 18, 30), AIR)


def _lungs(volume: Volume) -> None:
    x, y, z = volume.places
    depth = _cage(volume)
    uneven = 3 * noise(volume.x, volume.y, volume.z, 22, 8)
    middle = 12 + 18 * np.exp(-(((y - 8) / 42) ** 2)) + np.maximum(y - 40, 0) * 0.3 + uneven
    lung = soft(depth - 6, volume.edge) * soft(np.abs(x) - middle, volume.edge) * soft(z - _dome(x, y), 3)
    volume.blend(soft(depth - 3, volume.edge) * soft(z - _dome(x, y), 3), FAT + 60)
    spongy = noise(volume.x, volume.y, volume.z, 5, 3) + noise(volume.x, volume.y, volume.z, 17, 4)
    volume.blend(lung, LUNG + 14 * spongy + 0.28 * y)
    # The oblique fissures: thin sheets that fall from back to front.
    sheet = np.abs(z - (24 + (y - 20) * 1.05 + 4 * np.sin(x / 23))) * 0.68
    in_lung = (volume.values > _IN_LUNG[0]) & (volume.values < _IN_LUNG[1])
    volume.blend(soft(0.5 - sheet, volume.edge) * in_lung, -740)


def _heart(volume: Volume) -> None:
    x, y, z = HEART
    across, deep, high = HEART_SEMI_AXES
    volume.ellipsoid(HEART, (across + 6, deep + 5, high + 5), FAT + 15, edge=4)
    volume.ellipsoid(HEART, HEART_SEMI_AXES, 95, edge=2)
    volume.ellipsoid((x - 24, y - 18, z), (34, 19, 36), BLOOD - 25, edge=3)  # right ventricle
    volume.ellipsoid((x - 46, y + 8, z + 8), (20, 25, 30), BLOOD - 30, edge=3)  # right atrium
    volume.ellipsoid(LEFT_VENTRICLE, (26, 22, 34), BLOOD, edge=3)
    volume.ellipsoid((x - 10, y + 34, z + 22), (34, 18, 22), BLOOD, edge=3)  # left atrium
    for papillary in ((58, -8, -55), (36, 2, -58)):
        volume.ellipsoid(papillary, (4, 4, 14), 100)


def _airways(volume: Volume) -> None:
    ways: list[Tube] = [
        ([(0, 4, 210), (0, 8, 100), (1, 14, 46)], 9),
        ([(1, 14, 46), (-22, 14, 26), (-46, 12, 18)], 6.5),
        ([(1, 14, 46), (26, 18, 22), (50, 18, 12)], 6),
        ([(-34, 13, 22), (-46, 24, -10), (-58, 36, -40)], 4.2),
        ([(-40, 12, 22), (-58, 4, 42), (-68, 0, 58)], 3.4),
        ([(44, 18, 14), (56, 32, -20), (64, 40, -52)], 4.0),
        ([(48, 18, 14), (64, 4, 34), (70, -4, 52)], 3.4),
    ]
    for points, radius in ways:
        volume.tube(points, radius + 1.6, 20)
    for points, radius in ways:
        volume.tube(points, radius, AIR)
    volume.tube([(8, 30, 160), (6, 32, 40), (12, 30, -140)], 6.5, 38)
    volume.ellipsoid((9, 30, 70), (3, 2, 26), -600)


def _vessels(volume: Volume) -> None:
    volume.tube(_AORTA, 13.5, BLOOD + 10)
    volume.tube([(8, -30, -8), (14, -22, 22), (20, -8, 32)], 13, BLOOD)
    volume.tube([(18, -6, 32), (-10, -4, 30), (-44, 4, 24)], 9.5, BLOOD)
    volume.tube([(18, -6, 32), (36, 10, 36), (52, 20, 26)], 9, BLOOD)
    volume.tube([(-27, -18, -8), (-27, -20, 40), (-24, -24, 92)], 8.5, BLOOD + 35)
    for branch in (
        [(2, -22, 68), (-16, -14, 110), (-30, -10, 150)],
        [(10, -8, 78), (12, -6, 150)],
        [(22, 10, 76), (34, 4, 150)],
    ):
        volume.tube(branch, 5.5, BLOOD)
    volume.tube([(-24, -24, 92), (12, -34, 84), (60, -30, 112)], 5.5, BLOOD - 70)
    _draw_within(volume, _IN_LUNG, _lung_tree(), 48)


def _draw_within(volume: Volume, limits: tuple[float, float], tubes: Iterable[Tube], value: float) -> None:
    """Draw tubes where the values are between two limits: in one organ. What is too thin to be seen is left out."""
    drawn = Volume.filled(volume.x, volume.y, volume.z, 0)
    for points, radius in tubes:
        if radius > volume.edge / 6:
            drawn.tube(points, radius, 1)
    volume.blend(drawn.values * ((volume.values > limits[0]) & (volume.values < limits[1])), value)


@lru_cache(maxsize=1)
def _lung_tree() -> list[Tube]:
    """Arteries and veins from the hila outwards, thinner at each fork."""
    random = np.random.default_rng(5)
    branches: list[Tube] = []

    def grow(start: Any, direction: Any, radius: float, length: float) -> None:
        bend = start + direction * length * 0.5
        end = bend + _turned(direction, random.normal(0, 0.18, 3)) * length * 0.5
        branches.append(([tuple(start), tuple(bend), tuple(end)], radius))
        if radius > 0.72:
            for thinner, spread in ((0.8, 0.42), (0.66, 0.6)):
                grow(end, _turned(direction, random.normal(0, spread, 3)), radius * thinner, length * 0.84)

    for side in (-1, 1):
        hilum = np.array([side * 44, 12, 20])
        for _ in range(14):
            outwards = np.array([side * random.uniform(0.25, 1), random.uniform(-0.9, 0.9), random.uniform(-1.2, 1.1)])
            grow(hilum, outwards / np.linalg.norm(outwards), 3.9, 31)
    return branches


def _turned(direction: Any, by: Any) -> Any:
    turned = direction + by
    return turned / np.linalg.norm(turned)


# -- bones -----------------------------------------------------------------------


def _bones(volume: Volume) -> None:
    _ribs(volume)
    _spine(volume)
    volume.tube([(-5, -78, 98), (-6, -94, 40), (-6, -97, -62)], 7.5, BONE - 300)
    volume.tube([(5, -78, 98), (6, -94, 40), (6, -97, -62)], 7.5, BONE - 300)
    volume.tube([(0, -80, 92), (0, -96, -58)], 4.5, MARROW - 60)
    for side in (-1, 1):
        clavicle: list[Point] = [(side * 14, -72, 108), (side * 70, -72, 122), (side * 128, -30, 128)]
        volume.tube(clavicle, 6.5, BONE)
        volume.tube(clavicle, 3.5, MARROW)
        for height in range(0, 112, 3):
            reach = 0.45 + 0.55 * height / 112
            blade: Point = (side * (64 + 56 * reach), 96 - 36 * reach, height)
            volume.tube([(side * 64, 96, height), blade], 2.6, BONE - 250)
        volume.ellipsoid((side * 128, 48, 112), (13, 13, 15), BONE - 200)


def _ribs(volume: Volume) -> None:
    x, y, z = volume.places
    depth = _cage(volume)
    along = z - _RIB_SLOPE * (y - 60) + np.abs(x) * 0.1
    across = (along % _RIB_DISTANCE) - _RIB_DISTANCE / 2
    distance = np.sqrt(((depth + 1.5) / 4.2) ** 2 + (across / 6.4) ** 2)
    there = soft(np.abs(x) - 20, 4) * soft(along + 150, 4) * soft(128 - z, 4)
    front = soft(-y - 58, 10) * soft(70 - np.abs(x), 12)
    bone = there * soft((1 - distance) * 4.2, volume.edge) * (1 - 0.8 * front)
    volume.blend(bone, BONE)
    volume.blend(there * soft((0.58 - distance) * 4.2, volume.edge) * (1 - front), MARROW)


def _spine(volume: Volume) -> None:
    x, y, z = volume.places
    phase = np.abs((z + 6) % 26 - 13)  # 13 in the middle of a disc
    body = soft((1 - np.sqrt((x / 18) ** 2 + ((y - SPINE_Y) / 14.5) ** 2)) * 14, volume.edge)
    vertebra = soft(10.2 - phase, 1.5)
    rough = 40 * noise(volume.x, volume.y, volume.z, 3, 6)
    volume.blend(body, 88)
    volume.blend(body * vertebra, BONE)
    inner = soft((0.9 - np.sqrt((x / 18) ** 2 + ((y - SPINE_Y) / 14.5) ** 2)) * 14, volume.edge)
    volume.blend(inner * vertebra * soft(8.8 - phase, 1.5), MARROW + rough)
    arch = soft(14 - np.sqrt(x * x + (y - 84) ** 2), volume.edge) * soft(y - 76, 2)
    volume.blend(arch * soft(9.5 - phase, 2), BONE - 150)
    volume.blend(soft(8.2 - np.sqrt(x * x + (y - 83) ** 2), volume.edge), 30)
    volume.blend(soft(4.6 - np.sqrt(x * x + (y - 83) ** 2), volume.edge), 48)
    spinous = soft(3.2 - np.abs(x), volume.edge) * soft(107 - y, 2) * soft(y - 95, 2) * soft(7 - phase, 2)
    volume.blend(spinous, BONE - 200)
    transverse = soft(4.5 - np.abs(y - 80 - np.abs(x) * 0.12), volume.edge) * soft(36 - np.abs(x), 2)
    volume.blend(transverse * soft(np.abs(x) - 12, 2) * soft(4.5 - phase, 2), BONE - 200)


def _nodule(volume: Volume, radius: float) -> None:
    """A lobulated nodule with spicules."""
    random = np.random.default_rng(7)
    x, y, z = NODULE
    directions = (direction / np.linalg.norm(direction) for direction in random.normal(0, 1, (14, 3)))
    tips = (np.array(NODULE) + direction * radius * random.uniform(1.2, 1.8) for direction in directions)
    _draw_within(volume, _IN_LUNG, [([NODULE, tuple(tip)], 0.8) for tip in tips], -250)
    volume.ellipsoid(NODULE, (radius, radius * 0.92, radius), 62)
    volume.ellipsoid((x + radius * 0.35, y - radius * 0.3, z), (radius * 0.72,) * 3, 66)
