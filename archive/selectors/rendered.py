"""Stored frames as they are shown (PS3.18 Section 10.4.1.1.3): a picture of each, made when it is asked for."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

from archive.dicom.errors import NotRenderable
from archive.dicom.rendering import pictures
from archive.dicom.rendering.attributes import Attributes
from archive.dicom.rendering.categories import Category, category
from archive.dicom.rendering.pictures import Form
from archive.dicom.rendering.rasters import Raster
from archive.dicom.transfer_syntaxes import EXPLICIT_VR_LITTLE_ENDIAN
from archive.errors import NoPixelData
from archive.selectors import locate, transcoded
from archive.selectors.attributes import attributes
from archive.selectors.locate import StoredFrames, StoredIndexes, StoredInstance
from archive.selectors.transcoded import TranscodedFrames


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
    def native(self) -> TranscodedFrames:
        return transcoded.frames(self.frames, EXPLICIT_VR_LITTLE_ENDIAN)

    def pictures(self, numbers: Sequence[int] | None = None) -> "Pictures":
        """Of these frames, or of all.

        Raises:
            NoPixelData: it has no frames.
            FrameNotFound: there are not so many.
        """
        return Pictures(self, range(1, self.frames.index.count + 1) if numbers is None else self.checked(numbers))

    def checked(self, numbers: Sequence[int]) -> Sequence[int]:
        """The numbers, if there are such frames. Errors as those of `pictures`."""
        self.frames.check(numbers)
        return numbers


@dataclass(frozen=True, slots=True)
class Picture:
    """A frame, to be seen."""

    shown: Shown
    number: int

    @property
    def digest(self) -> str:
        """Tells what is seen from anything else."""
        return f"{self.shown.stored.sha256}/{self.number}/{pictures.VERSION}"

    def raster(self, form: Form) -> Raster:
        """The frame as it is asked for.

        Raises:
            NotRenderable, MalformedPixelData, NoCodec, NotTranscodable: there is no way to show it.
            UnusableViewport: there is nothing to see in the viewport.
            StorageError: the blob is gone.
        """
        native = self.shown.native
        frame = native.frame(self.shown.frames.index.locate(self.number))
        return pictures.raster(frame, native.conversion.native, self.shown.attributes, self.number, form)

    def encoded(self, form: Form) -> bytes:
        """The frame as an image file. Errors as those of `raster`."""
        return self._encode(form)

    def _encode(self, form: Form) -> bytes:
        return pictures.encode(self.raster(form), form)


@dataclass(frozen=True, slots=True)
class Pictures(Sequence[Picture]):
    """Pictures of these frames, made when they are looked at: an object can have millions."""

    shown: Shown
    numbers: Sequence[int]

    def __len__(self) -> int:
        return len(self.numbers)

    def __getitem__(self, index: Any) -> Any:
        return Picture(self.shown, self.numbers[index])
