"""Waveforms: as a drawing, or an image of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from archive.selectors.rendered import Shown, WaveformPicture
from dicomweb import offers
from dicomweb.http.accept import Offer
from dicomweb.http.rendering_parameters import RenderingParameters
from dicomweb.parts import AnyPart, Made, Part
from dicomweb.renditions.images import Images, form_of, one_image


@dataclass(frozen=True, slots=True)
class Plot:
    """A waveform: a drawing, or an image of it."""

    picture: WaveformPicture
    images: Images

    @property
    def digest(self) -> str:
        return self.images.digest

    @property
    def source(self) -> str | None:
        return self.images.source

    @property
    def offers(self) -> Sequence[Offer]:
        return offers.PLOT

    def alone(self, offer: Offer) -> AnyPart:
        if offer.media_type != offers.SVG:
            return self.images.alone(offer)
        return Made(self._drawing)

    def parts(self, offer: Offer) -> Sequence[AnyPart]:
        return [self._drawing()] if offer.media_type == offers.SVG else self.images.parts(offer)

    def _drawing(self) -> Part:
        written = self.picture.svg(form_of(self.images.parameters, offers.SVG))
        return Part.of_bytes(offers.SVG, self.images.location, written)


def plot(shown: Shown, location: str, parameters: RenderingParameters) -> Plot:
    picture = WaveformPicture(shown)
    return Plot(picture, one_image(picture, location, parameters))
