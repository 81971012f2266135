"""Studies and series as zip archives: the objects as they were received, a DICOMDIR, and a word for who opens it.

The same objects make the same archive, byte for byte, so that an interrupted download can go on.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, groupby
from operator import attrgetter

from archive import rows
from archive.dicom.matching.moments import date_key, time_key
from archive.dicom.writing import dicomdir
from archive.errors import Deleted, NothingToDownload, TooManyInstances
from archive.missing import missing
from archive.models import Series, Study
from archive.selectors.directory import Entry, records
from archive.selectors.locate import IN_ORDER
from archive.selectors.zip_archive import Member, StoredMember, WrittenMember, ZipArchive
from archive.zip_format import dos_time

#: Each takes about half a kilobyte of memory while it is downloaded.
MOST_INSTANCES = 100_000

#: A study, or one of its series.
Place = tuple[str, str | None]

FILE_SET_ID = "DOWNLOAD"
README = """\
These are DICOM files. Each is as it was received by the archive that it was
downloaded from.

DICOMDIR lists them by patient, study and series (DICOM PS3.10). To look at
them, open DICOMDIR, or the whole folder, with a DICOM viewer.

The files tell who the patient is: treat them as you treat a medical record.
"""

#: The columns are the fields of `Entry`.
_ENTRIES = (
    "SELECT study.study_instance_uid, study.patient_id, study.id, series.id, instance.id, instance.sop_instance_uid,"
    " instance.sop_class_uid, instance.transfer_syntax_uid, instance.instance_number, instance.rows IS NOT NULL,"
    " instance.blob_key, instance.size, instance.sha256, instance.crc32"
    " FROM archive_study study"
    " JOIN archive_series series ON series.study_id = study.id"
    " JOIN archive_instance instance ON instance.series_id = series.id"
    " WHERE study.study_instance_uid = %s"
)


def zip_archive(places: Iterable[Place]) -> ZipArchive:
    """The archive of these studies, or of a series. Errors as those of `entries_of`."""
    entries = entries_of(places)
    studies, series = owners(entries)
    modified = {pk: _modified(study) for pk, study in studies.items()}
    directory = dicomdir.dicomdir(records(entries, studies, series), file_set_id=FILE_SET_ID)
    readme = README.replace("\n", "\r\n").encode("ascii")
    latest = max(modified.values())
    # The objects come first: that the first cannot be read is known before anything is sent.
    members: list[Member] = [_member(entry, modified[entry.study_pk]) for entry in entries]
    members.append(WrittenMember(dicomdir.NAME, latest, directory))
    members.append(WrittenMember("README.TXT", latest, readme))
    return ZipArchive(members, _tag(entries, directory, readme))


def entries_of(places: Iterable[Place]) -> list[Entry]:
    """The instances of these studies, or of a series, in their order and with their numbers.

    Raises:
        NothingToDownload: there are no places.
        StudyNotFound, SeriesNotFound: there is none at one of the places.
        Deleted: there was.
        TooManyInstances: they have more than one archive may have.
    """
    entries = _numbered(_in_order(dict.fromkeys(places)))
    if not entries:
        raise NothingToDownload
    return entries


def _in_order(places: Iterable[Place]) -> Iterator[Entry]:
    """The instances of these places, those of a patient together."""
    by_patient: dict[int, list[Entry]] = {}
    room = MOST_INSTANCES
    for study, series in places:
        found = _instances(study, series)
        room -= len(found)
        if room < 0:
            raise TooManyInstances(MOST_INSTANCES)
        by_patient.setdefault(found[0].patient_pk, []).extend(found)
    return chain.from_iterable(by_patient.values())


def _instances(study: str, series: str | None) -> list[Entry]:
    sql, parameters = _ENTRIES, [study]
    if series is not None:
        sql, parameters = f"{sql} AND series.series_instance_uid = %s", [study, series]
    found = rows.select(f"{sql} ORDER BY {IN_ORDER} LIMIT %s", *parameters, MOST_INSTANCES + 1)
    if not found:
        raise missing(study, series)
    return [Entry(*row) for row in found]


def _numbered(entries: Iterable[Entry]) -> list[Entry]:
    """The entries, with the numbers of their folders and files."""
    numbered = []
    for study_number, (_, of_study) in enumerate(groupby(entries, attrgetter("study_pk")), 1):
        for series_number, (_, of_series) in enumerate(groupby(of_study, attrgetter("series_pk")), 1):
            for number, entry in enumerate(of_series, 1):
                entry.numbers = study_number, series_number, number
                numbered.append(entry)
    return numbered


def owners(entries: Sequence[Entry]) -> tuple[dict[int, Study], dict[int, Series]]:
    """The studies, with their patients, and the series of these entries.

    Raises:
        Deleted: an instance has been deleted since it was found.
    """
    studies = Study.objects.select_related("patient").in_bulk({entry.study_pk for entry in entries})
    series = Series.objects.in_bulk({entry.series_pk for entry in entries})
    for entry in entries:
        if entry.study_pk not in studies or entry.series_pk not in series:
            raise Deleted(entry.study, instance=entry.sop_instance_uid)
    return studies, series


def _member(entry: Entry, modified: int) -> StoredMember:
    return StoredMember("/".join(entry.file_id), modified, entry.size, entry.pk, entry.blob_key, entry.crc32)


def _modified(study: Study) -> int:
    """When the study took place: this is the same each time, and the same for who sorts files by it."""
    day, time = date_key(study.study_date), time_key(study.study_time) or "000000"
    if day is None:
        return dos_time(1980, 1, 1)
    return dos_time(int(day[:4]), int(day[4:6]), int(day[6:]), int(time[:2]), int(time[2:4]), int(time[4:6]))


def _tag(entries: Iterable[Entry], *written: bytes) -> str:
    """A strong entity tag (RFC 9110 Section 8.8.3): the directory says where each file is, and when it is from."""
    digest = hashlib.sha256()
    for content in (*written, *(entry.sha256.encode("ascii") for entry in entries)):
        digest.update(content)
    return f'"{digest.hexdigest()[:32]}"'
