"""Reports: as a page, or as the text of one."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from archive.dicom.rendering.pictures import VERSION
from archive.selectors import reports
from archive.selectors.rendered import Shown
from dicomweb import offers
from dicomweb.http.accept import Offer
from dicomweb.links import Links
from dicomweb.parts import AnyPart, Made, Part
from dicomweb.renditions.rendition import UNSHOWABLE


@dataclass(frozen=True, slots=True)
class ReportPage:
    """A report as a page, or as the text of one."""

    shown: Shown
    links: Links
    location: str

    @property
    def digest(self) -> str:
        """Its links are part of it."""
        return f"{self.source}/{self.links.root}/{VERSION}"

    @property
    def source(self) -> str | None:
        return self.shown.stored.sha256

    @property
    def offers(self) -> Sequence[Offer]:
        return offers.TEXT

    def alone(self, offer: Offer) -> AnyPart:
        return Made(partial(self._written, offer.media_type))

    def parts(self, offer: Offer) -> Sequence[AnyPart]:
        return [Made(partial(self._written, offer.media_type), UNSHOWABLE, self.location)]

    def _written(self, media_type: str) -> Part:
        written = reports.written(self.shown, media_type, self._link)
        return Part.of_bytes(f"{media_type}; charset=UTF-8", self.location, written)

    def _link(self, study: str, series: str, instance: str) -> str:
        return f"{self.links.instance(study, series, instance)}/rendered"
