"""Pictures of frames: as images, one each, or as an animation (WADO-83)."""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain, repeat

from archive.dicom.errors import NotRenderable
from archive.dicom.rendering import gif
from archive.dicom.rendering.frame_times import DEFAULT_MILLISECONDS, frame_times
from archive.dicom.rendering.pictures import VERSION, Form
from archive.dicom.rendering.rasters import Raster
from archive.selectors.presented import PresentedPicture
from archive.selectors.rendered import Picture, Shown
from dicomweb import offers
from dicomweb.http.accept import Offer
from dicomweb.http.rendering_parameters import RenderingParameters
from dicomweb.parts import AnyPart, FrameParts, Made, Part
from dicomweb.patience import Patience
from dicomweb.renditions.rendition import UNSHOWABLE

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Images:
    """Pictures: one is an image, several are an animation, or one image each (WADO-83).

    Args:
        location: the URL of the rendered resource.
        locations: the URL of a picture by its position, where each has its own.
        times: milliseconds for which each is seen when they are animated, where that is known.
    """

    digest: str
    source: str | None
    location: str
    pictures: Sequence[Picture]
    parameters: RenderingParameters
    locations: Callable[[int], str] | None = None
    times: Callable[[], Iterable[float]] | None = None

    @property
    def offers(self) -> Sequence[Offer]:
        return offers.PICTURE if len(self.pictures) == 1 else offers.PICTURES

    def alone(self, offer: Offer) -> AnyPart:
        form = form_of(self.parameters, offer.media_type)
        if len(self.pictures) == 1:
            return Made(partial(_image, self.pictures[0], form, self.location))
        return Made(partial(self._animation, form))

    def parts(self, offer: Offer) -> Sequence[AnyPart]:
        form = form_of(self.parameters, offer.media_type)
        return FrameParts(range(len(self.pictures)), partial(self._part, form))

    def _part(self, form: Form, position: int) -> AnyPart:
        location = self.locations(position) if self.locations else self.location
        return Made(partial(_image, self.pictures[position], form, location), UNSHOWABLE, location)

    def _animation(self, form: Form) -> Part:
        """The first picture is made now, while an error can still choose the status."""
        times = self.times() if self.times else repeat(DEFAULT_MILLISECONDS, len(self.pictures))
        rasters = _seen(self.pictures, form, times)
        first = next(rasters, None)
        if first is None:
            raise NotRenderable("None of the frames can be shown.")
        rows, columns = first[0].shape[:2]
        written = gif.animated(_of_size(chain([first], rasters), rows, columns), rows=rows, columns=columns)
        return Part(form.media_type, self.location, None, lambda: written)


def images(shown: Shown, url: str, parameters: RenderingParameters, numbers: Sequence[int] | None = None) -> Images:
    """All frames of an instance, or these.

    Args:
        url: of the instance.
    """
    pictures, sha256 = shown.pictures(numbers), shown.stored.sha256
    chosen = "" if numbers is None else f"/frames/{','.join(map(str, numbers))}"
    return Images(
        f"{sha256}{chosen}/{VERSION}",
        sha256,
        f"{url}{chosen}/rendered",
        pictures,
        parameters,
        locations=None if len(pictures) == 1 else lambda at: f"{url}/frames/{pictures.numbers[at]}/rendered",
        times=lambda: frame_times(shown.attributes, pictures.numbers),
    )


def one_image(picture: Picture, location: str, parameters: RenderingParameters) -> Images:
    """The one picture, at this URL."""
    return Images(picture.digest, picture.shown.stored.sha256, location, [picture], parameters)


def presentation(pictures: Sequence[PresentedPicture], location: str, parameters: RenderingParameters) -> Images:
    """Frames as a presentation state has them (WADO-97)."""
    return Images("".join(picture.digest for picture in pictures), None, location, pictures, parameters)


def form_of(parameters: RenderingParameters, media_type: str) -> Form:
    """How the images of an answer are asked for."""
    return Form(
        media_type,
        parameters.viewport,
        parameters.window,
        parameters.quality,
        parameters.annotation,
        parameters.icc_profile,
    )


def _image(picture: Picture, form: Form, location: str) -> Part:
    return Part.of_bytes(form.media_type, location, picture.encoded(form))


def _seen(pictures: Sequence[Picture], form: Form, times: Iterable[float]) -> Iterator[tuple[Raster, float]]:
    """What can be shown of them, each with the time for which it is seen, until too much is lost with the others."""
    patience = Patience()
    for picture, time in zip(pictures, times, strict=True):
        try:
            with patience.trying():
                raster = picture.seen(form).raster
        except UNSHOWABLE as problem:
            log.warning("%s of %s is left out: %s", picture.part, picture.shown.stored.instance, problem)
            if patience.is_over:
                return
            continue
        yield raster, time


def _of_size(rasters: Iterable[tuple[Raster, float]], rows: int, columns: int) -> Iterator[tuple[Raster, float]]:
    """An animation has one size."""
    return ((raster, time) for raster, time in rasters if raster.shape[:2] == (rows, columns))
