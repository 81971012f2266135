"""Studies and series as zip archives without what identifies the patient (PS3.15 Annex E), made while they are sent.

How long a de-identified object is, is known once it is made. So such an archive has no length, and no ranges.
"""

from collections.abc import Generator, Iterable, Mapping, Sequence
from dataclasses import replace

from isal import isal_zlib

from archive import zip_format
from archive.deidentification import NO_SUCH_FORM, pieces, without_identity
from archive.dicom.confidentiality.keys import deidentified_keys
from archive.dicom.writing import dicomdir
from archive.dicom.writing.dicomdir import Record
from archive.errors import Deleted, NothingDeidentified
from archive.selectors import deidentified, locate
from archive.selectors.directory import Entry, records
from archive.selectors.zip_download import FILE_SET_ID, Place, entries_of, owners
from archive.services.spool import Spool

#: Of all files: when a study took place identifies the patient.
MODIFIED = zip_format.dos_time(1980, 1, 1)

README = """\
These are DICOM files without what identifies the patient: names, dates,
identifiers and free text are removed, and UIDs replaced, by the Basic
Application Level Confidentiality Profile (DICOM PS3.15 Annex E).

DICOMDIR lists them by patient, study and series (DICOM PS3.10). What is seen
in the images is as it was: look at them before you give them to anybody.
"""
LEFT_OUT = "\nThese objects are left out:\n\n"


def deidentified_zip(places: Iterable[Place]) -> Generator[bytes, None, None]:
    """The archive of what is at these places. Its first object is made now.

    Raises:
        NothingDeidentified: none of the objects can be de-identified.
        Others as those of `entries_of`.
        NoProcess, StorageError, Deleted: also while it is read. What has been read by then is no archive.
    """
    chunks = _chunks(entries_of(places))
    next(chunks)
    return chunks


def _chunks(entries: Sequence[Entry]) -> Generator[bytes, None, None]:
    """The archive, after an empty chunk that comes when its first object has been made."""
    directory = _Directory()
    given: list[Entry] = []
    left_out: dict[str, str] = {}
    for entry in entries:
        try:
            spool = _made(entry)
        except NO_SUCH_FORM as error:
            left_out["/".join(entry.file_id)] = str(error)
            continue
        with spool:
            if not given:
                yield b""
            given.append(entry)
            yield directory.header("/".join(entry.file_id), spool.size, spool.crc32)
            yield from pieces(spool)
    if not given:
        raise NothingDeidentified(next(iter(left_out.values())))
    for name, content in ((dicomdir.NAME, _dicomdir(given)), ("README.TXT", _readme(left_out))):
        yield directory.header(name, len(content), isal_zlib.crc32(content))
        yield content
    yield directory.end()


def _made(entry: Entry) -> Spool:
    stored = locate.by_primary_key(entry.pk)
    if stored is None:
        raise Deleted(entry.study, instance=entry.sop_instance_uid)
    return without_identity(stored)


class _Directory:
    """The central directory, which grows with the files."""

    def __init__(self) -> None:
        self._entries: list[bytes] = []
        self._offset = 0

    def header(self, name: str, size: int, crc32: int) -> bytes:
        """The local header of the next file."""
        header = zip_format.local_header(name, modified=MODIFIED, size=size, crc32=crc32)
        self._entries.append(
            zip_format.directory_entry(name, modified=MODIFIED, size=size, crc32=crc32, offset=self._offset)
        )
        self._offset += len(header) + size
        return header

    def end(self) -> bytes:
        written = b"".join(self._entries)
        return written + zip_format.end_of_directory(count=len(self._entries), offset=self._offset, length=len(written))


def _dicomdir(given: Sequence[Entry]) -> bytes:
    found = map(_without_identity, records(given, *owners(given)))
    return dicomdir.dicomdir(found, file_set_id=FILE_SET_ID)


def _without_identity(record: Record) -> Record:
    keys = deidentified_keys(record.keys, deidentified.pseudonyms())
    if record.file is None:
        return replace(record, keys=keys)
    file = replace(
        record.file,
        sop_instance_uid=deidentified.replacement(record.file.sop_instance_uid),
        transfer_syntax_uid=deidentified.given_syntax(record.file.transfer_syntax_uid),
    )
    return replace(record, keys=keys, file=file)


def _readme(left_out: Mapping[str, str]) -> bytes:
    lines = [f"{name}  {reason}\n" for name, reason in left_out.items()]
    return "".join([README, *([LEFT_OUT, *lines] if lines else [])]).replace("\n", "\r\n").encode("utf-8")
