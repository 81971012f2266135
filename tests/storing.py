"""Instances in the archive, for tests that need their bytes: built, and stored as the store transaction does it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

from archive.services.outcomes import Outcome, Stored
from archive.services.spool import Spool
from archive.services.store import StoreBatch
from tests import builders

ROOT = "/dicom-web"


@dataclass(frozen=True, slots=True)
class StoredFile:
    """One stored instance, the bytes that were sent, and where it is."""

    content: bytes
    study: str
    series: str
    instance: str

    @property
    def study_path(self) -> str:
        return f"{ROOT}/studies/{self.study}"

    @property
    def series_path(self) -> str:
        return f"{self.study_path}/series/{self.series}"

    @property
    def path(self) -> str:
        return f"{self.series_path}/instances/{self.instance}"


def store(*files: bytes, study: str | None = None) -> list[Outcome]:
    """What becomes of these files in one request."""
    batch = StoreBatch(study=study)
    for content in files:
        spool = Spool()
        spool.write(content)
        batch.add(spool)
    return batch.finish()


def stored(
    dataset: Dataset | None = None, *, transfer_syntax: str = ExplicitVRLittleEndian, **elements: Any
) -> StoredFile:
    """The data set, or an instance of these elements, stored."""
    return stored_file(builders.part10(dataset or builders.instance(**elements), transfer_syntax))


def stored_file(content: bytes) -> StoredFile:
    """A file as it is, stored."""
    (outcome,) = store(content)
    assert isinstance(outcome, Stored), outcome
    identity = outcome.identity
    return StoredFile(content, identity.study, identity.series, identity.instance)


def stored_study(series: Sequence[int]) -> list[list[StoredFile]]:
    """A study of so many instances in each of its series, with Series and Instance Numbers from 1."""
    study = generate_uid()
    return [
        [
            stored(
                StudyInstanceUID=study,
                SeriesInstanceUID=series_uid,
                SeriesNumber=series_number,
                InstanceNumber=instance_number,
            )
            for instance_number in range(1, number + 1)
        ]
        for series_number, number, series_uid in ((*pair, generate_uid()) for pair in enumerate(series, 1))
    ]
