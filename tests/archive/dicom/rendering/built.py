"""Rasters for tests of rendering."""

from io import BytesIO

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from archive.dicom.rendering.rasters import Raster


def smooth(rows: int, columns: int, *, color: bool = False) -> Raster:
    """Shades without edges, from black to white; in color, other ones for each channel."""
    down, across = np.mgrid[0:rows, 0:columns]
    channels = [
        np.sin(down / (rows / turns) * np.pi) * np.cos(across / (columns / turns) * np.pi) for turns in (1.5, 2, 2.5)
    ]
    samples = np.stack(channels, axis=-1) if color else channels[0]
    return np.round(samples * 127.5 + 127.5).astype(np.uint8)


def noise(rows: int, columns: int, *, color: bool = False, seed: int = 0) -> Raster:
    """No two pixels have to do with each other."""
    shape = (rows, columns, 3) if color else (rows, columns)
    return np.random.default_rng(seed).integers(0, 256, shape, np.uint8)


#: Any small raster.
rasters = st.builds(noise, st.integers(1, 24), st.integers(1, 24), color=st.booleans(), seed=st.integers(0, 1000))


def opened(data: bytes) -> Image.Image:
    return Image.open(BytesIO(data))


def seen(data: bytes, *, color: bool) -> Raster:
    """The pixels of an image file, as one sees them."""
    return np.asarray(opened(data).convert("RGB" if color else "L"))


def psnr(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    """The ratio of peak signal to noise, in decibels."""
    error = np.mean((one.astype(float) - other.astype(float)) ** 2)
    return float("inf") if error == 0 else float(10 * np.log10(255**2 / error))
