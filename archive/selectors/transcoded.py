"""Stored objects and frames in another transfer syntax than they are stored in."""

from collections.abc import Generator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import chain

from django.conf import settings

from archive.dicom.pieces import Streamed, assembled
from archive.dicom.transfer_syntaxes import transfer_syntax
from archive.dicom.writing import transcoding
from archive.dicom.writing.file_meta import file_meta
from archive.dicom.writing.transcoding import FrameConversion
from archive.isolation.calls import isolated
from archive.selectors import locate
from archive.selectors.locate import StoredFrames, StoredInstance
from archive.selectors.native_frames import DecodedBefore, NativeFrames, conversion, native_frames, opened


def instance(stored: StoredInstance, target: str) -> Streamed:
    """The instance as a file of transfer syntax `target`, opened: its first frame is converted.

    Raises:
        NotTranscodable, MalformedPixelData, NoCodec: there is no such form of it.
        NoProcess: no process can be started that makes it.
        StorageError: the blob is gone.
        Deleted: so is the instance.
    """
    found = locate.indexes_of(stored)
    meta = file_meta(sop_class_uid=found.sop_class_uid, sop_instance_uid=stored.instance, transfer_syntax_uid=target)
    with ExitStack() as stack:
        pieces = transcoding.transcode(
            stack.enter_context(opened(stored)),
            transfer_syntax(target),
            found.frames,
            found.bulkdata,
            largest_frame=settings.ARCHIVE_MAX_TRANSCODED_FRAME,
            run=isolated,
            keep=DecodedBefore.of(stored, found.frames.count if found.frames else 0),
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

    native: NativeFrames
    conversion: FrameConversion

    def frame(self, number: int) -> bytes:
        """One frame, counted from 1. Errors as those of `NativeFrames.frame`."""
        return self.conversion.encode(self.native.frame(number))

    def all_native(self) -> Streamed:
        """All frames as one native value. The first is decoded now; errors as those of `frame`."""
        numbers = range(1, self.native.stored.index.count + 1)
        frames = map(self.native.frame, numbers)
        first = next(frames)
        return transcoding.native_value(chain([first], frames), self.native.pixels, len(numbers))


def frames(found: StoredFrames, target: str, together: int = 1) -> TranscodedFrames:
    """The frames of an instance in transfer syntax `target`; none is converted yet.

    Arguments and errors as those of `native_frames`.
    """
    return TranscodedFrames(native_frames(found, together), conversion(found.stored, target))
