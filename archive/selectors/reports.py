"""Stored reports in words, with links to what they refer to as far as it is stored."""

from collections.abc import Callable, Iterable, Mapping

from archive import rows
from archive.dicom.rendering.reports import pages, plain_text
from archive.dicom.rendering.reports.documents import report
from archive.selectors.locate import BATCH
from archive.selectors.rendered import TURNS, Shown

#: The URL of what is seen of an object, from its three UIDs.
URL = Callable[[str, str, str], str]

PLAIN_TEXT, XML = "text/plain", "text/xml"


def written(shown: Shown, media_type: str, url: URL) -> bytes:
    """A report as plain text, XML or HTML, in UTF-8."""
    with TURNS:
        return _written(shown, media_type, url)


def _written(shown: Shown, media_type: str, url: URL) -> bytes:
    found = report(shown.attributes)
    if media_type == PLAIN_TEXT:
        return plain_text.text(found).encode()
    places = _places({reference.instance for reference in found.references()})

    def link(study: str, series: str, instance: str) -> str | None:
        return url(*places[instance]) if instance in places else None

    return pages.xml(found, link) if media_type == XML else pages.html(found, link).encode()


def _places(instances: Iterable[str]) -> Mapping[str, tuple[str, str, str]]:
    """Where those of the instances are that are stored."""
    sql = (
        "SELECT study.study_instance_uid, series.series_instance_uid, instance.sop_instance_uid"
        " FROM archive_instance instance JOIN archive_series series ON series.id = instance.series_id"
        " JOIN archive_study study ON study.id = series.study_id WHERE instance.sop_instance_uid IN %s"
    )
    wanted = list(instances)
    batches = (wanted[start : start + BATCH] for start in range(0, len(wanted), BATCH))
    return {uids[2]: uids for batch in batches for uids in rows.select(sql, tuple(batch))}
