"""The frames of an instance as native pixels, however they are stored: as they have been derived, or decoded in a child
process, and no frame twice while memory lasts.
"""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import BinaryIO, Self, cast

from django.conf import settings

from archive import made
from archive.dicom.errors import NotRenderable, NotTranscodable
from archive.dicom.pixel_description import PixelDescription
from archive.dicom.reading import opened_file
from archive.dicom.reading.opened_file import OpenedFile
from archive.dicom.transfer_syntaxes import EXPLICIT_VR_LITTLE_ENDIAN, transfer_syntax
from archive.dicom.writing import transcoding
from archive.dicom.writing.transcoding import FrameConversion
from archive.isolation.calls import isolated
from archive.selectors import content, derived, metadata
from archive.selectors.blob_file import BlobFile
from archive.selectors.derived import DerivedFrames
from archive.selectors.locate import StoredFrames, StoredInstance

#: Descriptions that are kept in memory, each of about a kilobyte with its key.
MOST_DESCRIPTIONS = 4096


@dataclass(frozen=True, slots=True)
class DecodedBefore:
    """Native frames of one instance that need not be decoded again (`archive.dicom.writing.transcoding.Keeper`).

    Args:
        together: so many frames are asked for at once. A large object would drive all else out of memory.
    """

    stored: StoredInstance
    derived: DerivedFrames | None
    together: int

    @classmethod
    def of(cls, stored: StoredInstance, together: int) -> Self:
        syntax = transfer_syntax(stored.transfer_syntax_uid)
        found = derived.native_frames(stored) if syntax.encapsulated or syntax.deflated else None
        return cls(stored, found, together)

    def __call__(self, pixels: PixelDescription, number: int, decode: Callable[[], bytes]) -> bytes:
        """A frame out of memory, or as it has been derived, or decoded now; it is in memory then, unless it is one of
        too many.
        """
        if self.together * pixels.frame_length > made.largest:
            return self.derived_frame(number) or decode()
        key = ("native frame", self.stored.sha256, pixels, number)
        return made.get(key, lambda: self.derived_frame(number) or decode())

    def derived_frame(self, number: int) -> bytes | None:
        return self.derived.frame(number) if self.derived else None


@dataclass(frozen=True, slots=True)
class NativeFrames:
    """The native frames of one instance."""

    stored: StoredFrames
    conversion: FrameConversion
    before: DecodedBefore

    @property
    def pixels(self) -> PixelDescription:
        """What each frame is."""
        return self.conversion.native

    def frame(self, number: int) -> bytes:
        """A frame that there is, counted from 1; it begins with a byte. What had to be decoded is kept in memory.

        Raises:
            NotTranscodable: it is too large.
            MalformedPixelData, NoCodec: it cannot be decoded.
            NoProcess: no process can be started to do so.
            StorageError: the blob is gone.
        """
        if self.conversion.source.encapsulated:
            return self.before(self.conversion.stored, number, lambda: self.decoded(number))
        return self.before.derived_frame(number) or self.decoded(number)

    def together(self, numbers: Collection[int]) -> dict[int, bytes]:
        """Frames that are in memory together: no more than the largest one alone. Errors as those of `frame`."""
        length = len(numbers) * self.pixels.frame_length
        if length > self.conversion.largest_frame:
            raise NotTranscodable(f"{len(numbers)} frames of {length} bytes are more than what is decoded together.")
        return {number: self.frame(number) for number in numbers}

    def decoded(self, number: int) -> bytes:
        """The frame as it is stored, decoded now. Errors as those of `frame`."""
        location = self.stored.index.locate(number)
        self.conversion.admit(content.frame_length(location))
        return self.conversion.decode(b"".join(content.frame(self.stored, location)))


def native_frames(found: StoredFrames, together: int = 1) -> NativeFrames:
    """The native frames of an instance; none is decoded yet.

    Args:
        together: so many of them are asked for at once.

    Raises:
        NotTranscodable: they are too large.
        StorageError: the blob is gone.
        Deleted: so is the instance.
    """
    stored = found.stored
    return NativeFrames(found, conversion(stored, EXPLICIT_VR_LITTLE_ENDIAN), DecodedBefore.of(stored, together))


def conversion(stored: StoredInstance, target: str) -> FrameConversion:
    """From the instance's frames to those of transfer syntax `target`. Errors as those of `native_frames`."""
    source, largest = transfer_syntax(stored.transfer_syntax_uid), settings.ARCHIVE_MAX_TRANSCODED_FRAME
    return FrameConversion(source, transfer_syntax(target), _description(stored), largest, isolated)


@contextmanager
def opened(stored: StoredInstance) -> Iterator[OpenedFile]:
    """The instance as a file to be parsed again."""
    file = cast(BinaryIO, BlobFile(stored.blob_key, stored.size))
    with opened_file.opened(file) as found:
        yield found


@lru_cache(MOST_DESCRIPTIONS)
def _description(stored: StoredInstance) -> PixelDescription:
    """What an instance says of its pixels: out of its metadata, or, where these are odd or huge, out of itself."""
    with suppress(NotRenderable):
        if plain := transcoding.plain_description(metadata.data_set(stored)):
            return plain
    with opened(stored) as file:
        return transcoding.pixel_description(file)
