"""Give stored objects back as files, byte for byte as they were received."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from archive.selectors import content, locate
from archive.selectors.locate import StoredInstance


def destination(folder: Path, stored: StoredInstance) -> Path:
    """`folder/study/series/instance.dcm`."""
    return folder / stored.study / stored.series / f"{stored.instance}.dcm"


def export_studies(studies: Iterable[str], folder: Path) -> Iterator[tuple[StoredInstance, bool]]:
    """Write the instances of the studies below the folder; yields each with whether it had to be written.

    A file that is there with the right size is left as it is, so that an interrupted export can be repeated.

    Raises:
        StudyNotFound: there is no such study.
        StorageError, OSError: an object could not be read or written; what was exported before stays.
    """
    for study in studies:
        for stored in locate.instances(study):
            path = destination(folder, stored)
            missing = not (path.exists() and path.stat().st_size == stored.size)
            if missing:
                _write(stored, path)
            yield stored, missing


def _write(stored: StoredInstance, path: Path) -> None:
    """Under another name first: a file of the right name is always whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".part")
    with partial.open("wb") as file:
        file.writelines(content.whole(stored))
    partial.replace(path)
