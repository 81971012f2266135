"""Stored objects as they are shown (PS3.18 Section 10.4.1.1.3): pictures of them, made when they are asked for."""

import os
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from threading import BoundedSemaphore
from typing import Any, Self

from archive import made
from archive.dicom.errors import NotRenderable
from archive.dicom.rendering import pictures
from archive.dicom.rendering.attributes import Attributes
from archive.dicom.rendering.categories import Category, category
from archive.dicom.rendering.frames import Windows, windows
from archive.dicom.rendering.pictures import Form, Seen, annotation_lines
from archive.dicom.rendering.representative import representative_frame
from archive.dicom.rendering.slides import TotalPixelMatrix
from archive.dicom.rendering.waveforms import pages
from archive.dicom.rendering.waveforms.waveform import Waveform, waveform
from archive.errors import NoPixelData
from archive.isolation.calls import isolated
from archive.selectors import locate, native_frames
from archive.selectors.attributes import attributes, open_field
from archive.selectors.locate import StoredFrames, StoredIndexes, StoredInstance
from archive.selectors.native_frames import NativeFrames

#: Each picture or page that is being made keeps a processor busy, and has several times its size in memory.
TURNS = BoundedSemaphore(os.cpu_count() or 1)


@dataclass(frozen=True)
class Shown:
    """An instance that there is a way to show."""

    stored: StoredInstance
    indexes: StoredIndexes
    category: Category

    @classmethod
    def all(cls, instances: Sequence[StoredInstance]) -> Iterator[Self]:
        """Those of the instances that there is a way to show; read in batches.

        Raises:
            Deleted: while reading, when an instance has been deleted since it was found.
        """
        for stored, indexes in locate.with_indexes(instances):
            if found := category(indexes.sop_class_uid, indexes.frames):
                yield cls(stored, indexes, found)

    @classmethod
    def one(cls, stored: StoredInstance) -> Self:
        """The instance.

        Raises:
            NotRenderable: there is no way to show it.
            Deleted: it has been deleted since it was found.
        """
        for shown in cls.all([stored]):
            return shown
        raise NotRenderable(f"Instance {stored.instance} is nothing that can be shown.")

    @property
    def frame_count(self) -> int:
        """0 for what has no frames."""
        return self.indexes.frames.count if self.indexes.frames else 0

    @cached_property
    def attributes(self) -> Attributes:
        """Raises Deleted: the instance has been deleted since it was found."""
        return attributes(self.stored, self.indexes)

    @cached_property
    def frames(self) -> StoredFrames:
        """Raises NoPixelData: it has no frames that can be told apart."""
        if self.indexes.frames is None:
            raise NoPixelData(self.stored.instance)
        return StoredFrames(self.stored, self.indexes.frames, self.indexes.inflation)

    @cached_property
    def native(self) -> NativeFrames:
        return native_frames.native_frames(self.frames)

    @cached_property
    def waveform(self) -> Waveform:
        """Raises NotRenderable: it has none that can be shown."""
        return waveform(self.attributes, partial(open_field, self.stored, self.indexes))

    def pictures(self, numbers: Sequence[int] | None = None) -> "Pictures":
        """Of these frames, or of all.

        Raises:
            NoPixelData: it has no frames.
            FrameNotFound: there are not so many.
        """
        if numbers is None:
            return Pictures(self, range(1, self.frames.index.count + 1))
        self.frames.check(numbers)
        return Pictures(self, numbers)

    def representative(self) -> "FramePicture | MosaicPicture":
        """Of all tiles together, or of the frame that stands for all of them."""
        if self.frame_count <= 1:
            return FramePicture(self, 1)
        if matrix := self.matrix:
            return MosaicPicture(self, matrix)
        return FramePicture(self, representative_frame(self.attributes, self.frame_count))

    @cached_property
    def matrix(self) -> TotalPixelMatrix | None:
        """What its frames make together, where they are tiles, and no more than can be put together."""
        if TotalPixelMatrix.is_of(self.attributes):
            return TotalPixelMatrix.of(self.attributes, self.native.pixels, self.frame_count)
        return None


@dataclass(frozen=True, slots=True)
class Picture(ABC):
    """Something of an instance, to be seen as one image."""

    shown: Shown

    @property
    @abstractmethod
    def part(self) -> str:
        """What of the instance it is, apart from anything else."""

    @property
    def digest(self) -> str:
        """Tells what is seen from anything else."""
        return f"{self.shown.stored.sha256}/{self.part}/{pictures.VERSION}"

    @abstractmethod
    def seen(self, form: Form) -> Seen:
        """What is seen in a form.

        Raises:
            NotRenderable, MalformedPixelData, NoCodec, NotTranscodable: there is no way to show it.
            UnusableViewport: there is nothing to see in the viewport.
            StorageError: the blob is gone.
        """

    def encoded(self, form: Form) -> bytes:
        """The image file, as it was made before or made now. Errors as those of `seen`."""
        return made.get(("picture", self.digest, form), lambda: self.make(form))

    def make(self, form: Form) -> bytes:
        """The image file, made now."""
        with TURNS:
            return pictures.encode(self.seen(form), form, isolated)


@dataclass(frozen=True, slots=True)
class FramePicture(Picture):
    """A frame, counted from 1."""

    number: int

    @property
    def part(self) -> str:
        return f"frame {self.number}"

    def seen(self, form: Form) -> Seen:
        native = self.shown.native
        frame = native.frame(self.number)
        return pictures.seen(frame, native.pixels, self.shown.attributes, self.number, form, isolated)

    def windows(self) -> Windows:
        """Those that it has. Errors as those of `seen`."""
        native = self.shown.native
        frame = native.frame(self.number)
        with TURNS:
            return windows(frame, native.pixels, self.shown.attributes, self.number)


@dataclass(frozen=True, slots=True)
class MosaicPicture(Picture):
    """All tiles of an image, put together."""

    matrix: TotalPixelMatrix

    @property
    def part(self) -> str:
        return "all tiles"

    def seen(self, form: Form) -> Seen:
        native = self.shown.native
        return self.matrix.seen(native.frame, native.pixels, self.shown.attributes, form, isolated)


@dataclass(frozen=True, slots=True)
class WaveformPicture(Picture):
    """A plot of all that is recorded."""

    @property
    def part(self) -> str:
        return "plot"

    def seen(self, form: Form) -> Seen:
        lines = annotation_lines(self.shown.attributes, 1, form)
        return Seen(pages.raster(self.shown.waveform, form.viewport, **lines))

    def svg(self, form: Form) -> bytes:
        """The same as a document, made before or now. Raises NotRenderable: there is nothing that can be shown."""
        return made.get(("drawing", self.digest, form), lambda: self._make_svg(form))

    def _make_svg(self, form: Form) -> bytes:
        with TURNS:
            return pages.svg(self.shown.waveform, **annotation_lines(self.shown.attributes, 1, form))


@dataclass(frozen=True, slots=True)
class Pictures(Sequence[FramePicture]):
    """Pictures of these frames, made when they are looked at: an object can have millions."""

    shown: Shown
    numbers: Sequence[int]

    def __len__(self) -> int:
        return len(self.numbers)

    def __getitem__(self, index: Any) -> Any:
        return FramePicture(self.shown, self.numbers[index])
