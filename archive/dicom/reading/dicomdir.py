"""The directory of DICOM media: which files it lists (PS3.10 Section 8, PS3.3 Annex F)."""

from collections.abc import Iterator
from pathlib import Path

import pydicom
from pydicom.errors import InvalidDicomError

from archive.dicom.errors import MalformedDicom

NAME = "DICOMDIR"


def is_dicomdir(path: Path) -> bool:
    """By its name, which PS3.10 Section 8.6 fixes; media copied to disk may have it in lower case."""
    return path.name.upper() == NAME


def referenced_files(path: Path) -> Iterator[Path]:
    """The files that a DICOMDIR lists and that are there, each once.

    Raises:
        MalformedDicom: it is not a readable DICOMDIR.
    """
    try:
        records = pydicom.dcmread(path, specific_tags=["DirectoryRecordSequence"]).get("DirectoryRecordSequence", [])
        file_ids = [record.get("ReferencedFileID") for record in records]
    except (InvalidDicomError, ValueError, EOFError, NotImplementedError) as error:
        raise MalformedDicom("The file is not a readable DICOMDIR.") from error
    for file_id in dict.fromkeys(_components(value) for value in file_ids if value):
        found = _below(path.parent, file_id)
        if found:
            yield found


def _components(file_id: object) -> tuple[str, ...]:
    """(0004,1500) Referenced File ID: folder names and file name as separate values."""
    return (file_id,) if isinstance(file_id, str) else tuple(map(str, file_id))  # type: ignore[call-overload]


def _below(folder: Path, components: tuple[str, ...]) -> Path | None:
    """The file at these components, whatever the case of letters became when the media was copied; never outside."""
    current = folder
    for component in components:
        if component in {"", ".", ".."} or "/" in component:
            return None
        exact = current / component
        if not exact.exists():
            alike = [entry for entry in current.iterdir() if entry.name.upper() == component.upper()]
            if not alike:
                return None
            exact = alike[0]
        current = exact
        if component is not components[-1] and not current.is_dir():
            return None
    return current if current.is_file() else None
