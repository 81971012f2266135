"""The studies of the demo into the archive, by the same service as any others, and out of it again."""

from collections.abc import Collection, Iterable, Iterator

from django.db.models import Q

from archive.dicom.demo.identifiers import ROOT
from archive.models import Study, Tombstone
from archive.services.delete import delete
from archive.services.outcomes import Outcome
from archive.services.spool import Spool
from archive.services.store import StoreBatch

OF_DEMO = Q(study_instance_uid__startswith=f"{ROOT}.")


def known(studies: Collection[str]) -> set[str]:
    """Those of these Study Instance UIDs that are stored."""
    stored = Study.objects.filter(study_instance_uid__in=studies)
    return set(stored.values_list("study_instance_uid", flat=True))


def store(files: Iterable[bytes]) -> list[Outcome]:
    """Store DICOM files together: all are visible at once, and none of them if this is interrupted.

    Raises:
        StoreFailed
    """
    batch = StoreBatch()
    try:
        for content in files:
            spool = Spool()
            spool.write(content)
            batch.add(spool)
    except BaseException:
        batch.abandon()
        raise
    return batch.finish()


def discard() -> Iterator[str]:
    """Delete the studies of the demo, and what has been added to them, one after the other: give each when it is gone.

    It is as if they had never been: they are not found afterwards, rather than deleted.
    """
    for study in Study.objects.filter(OF_DEMO).values_list("study_instance_uid", flat=True):
        delete(study)
        yield study
    Tombstone.objects.filter(OF_DEMO).delete()
