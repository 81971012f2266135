"""Why nothing is stored at a place: it never was, or it has been deleted."""

from archive.errors import Deleted, InstanceNotFound, NotStored, SeriesNotFound, StudyNotFound
from archive.models import Series, Study, Tombstone


def missing(study: str, series: str | None = None, instance: str | None = None) -> NotStored:
    """What to raise for a study, a series or an instance that is not stored."""
    place = {"series_instance_uid": series or "", "sop_instance_uid": instance or ""}
    if Tombstone.objects.filter(study_instance_uid=study, **place).exists():
        return Deleted(study, series, instance)
    if series is None or not Study.objects.filter(study_instance_uid=study).exists():
        return StudyNotFound(study)
    siblings = Series.objects.filter(study__study_instance_uid=study, series_instance_uid=series)
    if instance is None or not siblings.exists():
        return SeriesNotFound(study, series)
    return InstanceNotFound(study, series, instance)
