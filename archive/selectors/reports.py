"""Stored reports in words, with links to what they refer to as far as it is stored."""

from collections.abc import Callable

from archive.dicom.rendering.reports import pages, plain_text
from archive.dicom.rendering.reports.documents import report
from archive.selectors import locate
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
    wanted = {reference.instance for reference in found.references()}
    places = {there.instance: (there.study, there.series, there.instance) for there in locate.among(list(wanted))}

    def link(study: str, series: str, instance: str) -> str | None:
        return url(*places[instance]) if instance in places else None

    return pages.xml(found, link) if media_type == XML else pages.html(found, link).encode()
