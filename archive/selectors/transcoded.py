"""Stored objects and frames in another transfer syntax than they are stored in."""

from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import chain
from typing import BinaryIO, cast

from django.conf import settings

from archive.dicom.frame_index import FrameLocation
from archive.dicom.pieces import Streamed, assembled
from archive.dicom.reading import opened_file
from archive.dicom.reading.opened_file import OpenedFile
from archive.dicom.transfer_syntaxes import transfer_syntax
from archive.dicom.writing import transcoding
from archive.dicom.writing.file_meta import file_meta
from archive.dicom.writing.transcoding import FrameConversion
from archive.selectors import content, locate
from archive.selectors.blob_file import BlobFile
from archive.selectors.locate import StoredFrames, StoredInstance


def instance(stored: StoredInstance, target: str) -> Streamed:
    """The instance as a file of transfer syntax `target`, opened: its first frame is converted.

    Raises:
        NotTranscodable, MalformedPixelData, NoCodec: there is no such form of it.
        StorageError: the blob is gone.
        Deleted: so is the instance.
    """
    found = locate.indexes_of(stored)
    meta = file_meta(sop_class_uid=found.sop_class_uid, sop_instance_uid=stored.instance, transfer_syntax_uid=target)
    with ExitStack() as stack:
        file = stack.enter_context(_opened(stored))
        pieces = transcoding.transcode(
            file,
            transfer_syntax(target),
            found.frames,
            found.bulkdata,
            largest_frame=settings.ARCHIVE_MAX_TRANSCODED_FRAME,
        )
        data_set = assembled(pieces)
        chunks = _chunks(stack.pop_all(), meta, data_set)
    next(chunks)
    length = None if data_set.length is None else len(meta) + data_set.length
    return Streamed(length, lambda: chunks)


def _chunks(stack: ExitStack, meta: bytes, data_set: Streamed) -> Generator[bytes, None, None]:
    """The file, after an empty chunk: a generator that has not begun would not close what is open."""
    with stack:
        yield b""
        yield meta
        yield from data_set.read()


@dataclass(frozen=True, slots=True)
class TranscodedFrames:
    """The frames of one instance in another transfer syntax."""

    stored: StoredFrames
    conversion: FrameConversion

    def frame(self, location: FrameLocation) -> bytes:
        """One frame.

        Raises:
            NotTranscodable, MalformedPixelData, NoCodec: there is no such form of it.
            StorageError: the blob is gone.
        """
        self.conversion.admit(content.frame_length(location))
        return self.conversion.convert(b"".join(content.frame(self.stored, location)))

    def all_native(self) -> Streamed:
        """All frames as one native value. The first is converted now; errors as those of `frame`."""
        numbers = range(1, self.stored.index.count + 1)
        converted = (self.frame(self.stored.index.locate(number)) for number in numbers)
        first = next(converted)
        return transcoding.native_value(chain([first], converted), self.conversion.native, len(numbers))


def frames(found: StoredFrames, target: str) -> TranscodedFrames:
    """The frames of an instance in transfer syntax `target`; none is converted yet.

    Raises:
        NotTranscodable, NoCodec: they have no such form.
        StorageError: the blob is gone.
    """
    with _opened(found.stored) as file:
        pixels = transcoding.pixel_description(file)
    source = transfer_syntax(found.stored.transfer_syntax_uid)
    largest = settings.ARCHIVE_MAX_TRANSCODED_FRAME
    return TranscodedFrames(found, FrameConversion(source, transfer_syntax(target), pixels, largest))


@contextmanager
def _opened(stored: StoredInstance) -> Iterator[OpenedFile]:
    file = cast(BinaryIO, BlobFile(stored.blob_key, stored.size))
    with opened_file.opened(file) as found:
        yield found
