"""A DICOM file up to its data set (PS3.10 Section 7): preamble, file meta information, and inflation."""

import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from os import SEEK_END
from tempfile import SpooledTemporaryFile
from typing import BinaryIO, cast

from pydicom.dataelem import RawDataElement
from pydicom.filereader import data_element_generator

from archive.dicom.dicom_json import VALUE_VRS
from archive.dicom.errors import MalformedDicom, NotDicom
from archive.dicom.reading.data_set import UNDEFINED_LENGTH, Encoding, Source
from archive.dicom.transfer_syntaxes import TransferSyntax, transfer_syntax
from archive.dicom.uids import is_tolerable_uid
from archive.dicom.writing.file_meta import PREAMBLE, PREFIX

TRANSFER_SYNTAX_UID = 0x00020010

_EXPLICIT_VRS = frozenset(vr.encode("ascii") for vr in VALUE_VRS | {"SQ"})

GIBIBYTE = 1 << 30
_CHUNK = 1 << 18
_INFLATED_IN_MEMORY = 16 << 20


@dataclass(frozen=True, slots=True)
class OpenedFile:
    """A DICOM file up to its data set, which begins at position `start` of `source`, inflated where it is deflated."""

    syntax: TransferSyntax
    source: Source
    start: int
    encoding: Encoding
    deflated_from: int | None = None


@contextmanager
def opened(file: BinaryIO, *, max_inflated: int = 2 * GIBIBYTE) -> Iterator[OpenedFile]:
    """The file with its file meta information read, positioned at its data set; or raise NotDicom or MalformedDicom."""
    size = file.seek(0, SEEK_END)
    file.seek(0)
    if file.read(len(PREAMBLE) + len(PREFIX))[len(PREAMBLE) :] != PREFIX:
        raise NotDicom("no DICM prefix after a preamble of 128 bytes")
    syntax = transfer_syntax(_read_transfer_syntax_uid(file, size))
    if not syntax.deflated:
        yield OpenedFile(syntax, Source(file, size), file.tell(), _encoding(file, syntax))
        return
    with _inflated(file, max_inflated) as (source, start):
        yield OpenedFile(syntax, source, 0, _encoding(source.file, syntax), deflated_from=start)


def _read_transfer_syntax_uid(file: BinaryIO, size: int) -> str:
    """Read the file meta information (PS3.10 Section 7.1) and leave the file behind it."""
    elements = data_element_generator(
        file,
        is_implicit_VR=False,
        is_little_endian=True,
        stop_when=lambda tag, vr, length: tag >> 16 != 2 or length == UNDEFINED_LENGTH,
        defer_size=_CHUNK,
    )
    uid = ""
    end = file.tell()
    try:
        for element in elements:
            raw = cast(RawDataElement, element)
            end = raw.value_tell + raw.length
            if end > size:
                raise MalformedDicom(f"file meta information is cut off at offset {raw.value_tell}")
            if raw.tag == TRANSFER_SYNTAX_UID:
                uid = (raw.value or b"").decode("latin-1").rstrip(" \0")
    except struct.error as error:
        raise MalformedDicom("file meta information is cut off") from error
    if not is_tolerable_uid(uid):
        raise MalformedDicom("the file meta information names no Transfer Syntax UID (0002,0010)")
    file.seek(end)
    return uid


@contextmanager
def _inflated(file: BinaryIO, limit: int) -> Iterator[tuple[Source, int]]:
    """What the file inflates to from its position on (PS3.5 Section A.5), and that position."""
    start = file.tell()
    with SpooledTemporaryFile(max_size=_INFLATED_IN_MEMORY) as inflated:
        stream = zlib.decompressobj(-zlib.MAX_WBITS)
        try:
            while not stream.eof and (chunk := stream.unconsumed_tail or file.read(_CHUNK)):
                inflated.write(stream.decompress(chunk, _CHUNK))
                if inflated.tell() > limit:
                    raise MalformedDicom(f"inflates to more than {limit} bytes")
            inflated.write(stream.flush())
        except zlib.error as error:
            raise MalformedDicom(f"no deflate stream from offset {start} on") from error
        if not stream.eof:
            raise MalformedDicom(f"the deflate stream from offset {start} on is cut off")
        length = inflated.tell()
        inflated.seek(0)
        yield Source(cast(BinaryIO, inflated), length), start


def _encoding(file: BinaryIO, syntax: TransferSyntax) -> Encoding:
    """How the data set at the file's position is encoded: some senders say implicit VR of what is explicit."""
    start = file.tell()
    stated_vr = file.read(6)[4:]
    file.seek(start)
    implicit_vr = syntax.implicit_vr and stated_vr not in _EXPLICIT_VRS
    return Encoding(implicit_vr, syntax.little_endian)
