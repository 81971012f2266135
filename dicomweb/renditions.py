"""How instances are shown: in which media types, and as which parts of an answer (PS3.18 Section 8.7.4)."""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import Protocol

from archive.dicom.byte_ranges import ByteRange
from archive.dicom.errors import MalformedPixelData, NoCodec, NotRenderable, NotTranscodable
from archive.dicom.rendering import gif
from archive.dicom.rendering.categories import DOCUMENT_TYPES, Category
from archive.dicom.rendering.frame_times import DEFAULT_MILLISECONDS, frame_times
from archive.dicom.rendering.pictures import VERSION, Form
from archive.dicom.rendering.rasters import Raster
from archive.dicom.transfer_syntaxes import OCTET_STREAM
from archive.selectors import content, presented, reports
from archive.selectors.locate import StoredValue
from archive.selectors.presented import PresentedPicture
from archive.selectors.rendered import Picture, Shown, WaveformPicture
from dicomweb import offers
from dicomweb.errors import NotAcceptable
from dicomweb.http.accept import Offer
from dicomweb.http.rendering_parameters import RenderingParameters
from dicomweb.links import Links
from dicomweb.parts import AnyPart, FrameParts, Made, Part
from dicomweb.patience import Patience

log = logging.getLogger(__name__)

#: What keeps one frame from being shown, and nothing else.
UNSHOWABLE = (MalformedPixelData, NoCodec, NotRenderable, NotTranscodable)


class Rendition(Protocol):
    """What is seen of an instance, or of some of its frames."""

    @property
    def digest(self) -> str:
        """Tells what is seen from anything else, whatever it is given as."""

    @property
    def source(self) -> str | None:
        """The SHA-256 of the object that it is of; None when it is of several."""

    @property
    def offers(self) -> Sequence[Offer]:
        """What it can be given as, the best first."""

    def alone(self, offer: Offer) -> AnyPart:
        """All of it as the one body of an answer."""

    def parts(self, offer: Offer) -> Sequence[AnyPart]:
        """All of it as parts of an answer, each of the offer's media type."""


def rendition(
    shown: Shown, links: Links, parameters: RenderingParameters, numbers: Sequence[int] | None = None
) -> Rendition:
    """What is seen of an instance.

    Args:
        numbers: of the frames that are asked for; None for the whole instance.

    Raises:
        NotRenderable: there is nothing to see.
        NoPixelData, FrameNotFound: there are no such frames.
        NotAcceptable: they are of a video.
    """
    stored = shown.stored
    url = links.instance(stored.study, stored.series, stored.instance)
    location = f"{url}/rendered"
    if shown.category is Category.IMAGE or (numbers is not None and shown.category is not Category.VIDEO):
        return images(shown, url, parameters, numbers)
    if shown.category is Category.VIDEO:
        if numbers is not None:
            raise NotAcceptable([f"the whole video at {location}"])
        return video(shown, location)
    if shown.category is Category.PRESENTATION_STATE:
        return presentation(presented.all_pictures(stored), location, parameters)
    if shown.category is Category.WAVEFORM:
        return plot(shown, location, parameters)
    if shown.category is Category.REPORT:
        return Page(shown, links, location)
    return document(shown, location)


# -- images ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Images:
    """Pictures: one is an image, several are an animation, or one image each (WADO-83).

    Args:
        location: the URL of the rendered resource.
        locations: of that of each picture, by its position.
        times: milliseconds for which each is seen when they are animated.
    """

    digest: str
    source: str | None
    location: str
    locations: Callable[[int], str]
    pictures: Sequence[Picture]
    times: Callable[[], Iterable[float]]
    parameters: RenderingParameters

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
        make = partial(_image, self.pictures[position], form, self.locations(position))
        return Made(make, may_fail=UNSHOWABLE)

    def _animation(self, form: Form) -> Part:
        """The first picture is made now, while an error can still choose the status."""
        rasters = _seen(self.pictures, form, self.times())
        first = next(rasters, None)
        if first is None:
            raise NotRenderable("None of the frames can be shown.")
        rows, columns = first[0].shape[:2]
        written = gif.animated(_of_size(chain([first], rasters), rows, columns), rows=rows, columns=columns)
        return Part(form.media_type, self.location, None, lambda: written)


def images(shown: Shown, url: str, parameters: RenderingParameters, numbers: Sequence[int] | None) -> Images:
    """All frames of an instance, or these.

    Args:
        url: of the instance.
    """
    pictures = shown.pictures(numbers)
    chosen = "" if numbers is None else f"/frames/{','.join(map(str, numbers))}"
    alone = numbers is None and len(pictures) == 1
    return Images(
        f"{shown.stored.sha256}{chosen}/{VERSION}",
        shown.stored.sha256,
        f"{url}{chosen}/rendered",
        lambda position: f"{url}/rendered" if alone else f"{url}/frames/{pictures.numbers[position]}/rendered",
        pictures,
        lambda: frame_times(shown.attributes, pictures.numbers),
        parameters,
    )


def one_image(picture: Picture, location: str, parameters: RenderingParameters) -> Images:
    """The one picture, at this URL."""
    digest, source = picture.digest, picture.shown.stored.sha256
    return Images(digest, source, location, lambda _: location, [picture], lambda: [0], parameters)


def presentation(pictures: Sequence[PresentedPicture], location: str, parameters: RenderingParameters) -> Images:
    """Frames as a presentation state has them (WADO-97)."""
    digest = "".join(picture.digest for picture in pictures)
    times = [DEFAULT_MILLISECONDS] * len(pictures)
    return Images(digest, None, location, lambda _: location, pictures, lambda: times, parameters)


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
    return _whole(form.media_type, location, picture.encoded(form))


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


# -- waveforms -------------------------------------------------------------------


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
        return _whole(offers.SVG, self.images.location, written)


def plot(shown: Shown, location: str, parameters: RenderingParameters) -> Plot:
    picture = WaveformPicture(shown)
    return Plot(picture, one_image(picture, location, parameters))


# -- reports ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Page:
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
        return [Made(partial(self._written, offer.media_type), may_fail=UNSHOWABLE)]

    def _written(self, media_type: str) -> Part:
        written = reports.written(self.shown, media_type, self._link)
        return _whole(f"{media_type}; charset=UTF-8", self.location, written)

    def _link(self, study: str, series: str, instance: str) -> str:
        return f"{self.links.instance(study, series, instance)}/rendered"


# -- as stored -------------------------------------------------------------------

ENCAPSULATED_DOCUMENT = "00420011"


@dataclass(frozen=True, slots=True)
class AsStored:
    """A document or a video, which is shown by giving it as it is."""

    source: str | None
    media_type: str
    part: Part

    @property
    def digest(self) -> str:
        return f"{self.source} as stored"

    @property
    def offers(self) -> Sequence[Offer]:
        return offers.as_stored(self.media_type)

    def alone(self, offer: Offer) -> AnyPart:
        return self.part

    def parts(self, offer: Offer) -> Sequence[AnyPart]:
        return [self.part]


def document(shown: Shown, location: str) -> AsStored:
    """What is encapsulated.

    Raises:
        NotRenderable: there is nothing.
    """
    value = shown.indexes.bulkdata.get(ENCAPSULATED_DOCUMENT)
    by_class = DOCUMENT_TYPES[shown.indexes.sop_class_uid]
    media_type = value.media_type if value and value.media_type != OCTET_STREAM else by_class
    if value:
        read = partial(content.value, StoredValue(shown.stored, value, shown.indexes.inflation))
        return AsStored(shown.stored.sha256, media_type, Part(media_type, location, value.range.length, read))
    field = shown.attributes.field(ENCAPSULATED_DOCUMENT)
    if not field:
        raise NotRenderable(f"Instance {shown.stored.instance} has no document.")
    return AsStored(shown.stored.sha256, media_type, _whole(media_type, location, field))


def video(shown: Shown, location: str) -> AsStored:
    """The whole stream; no frame of it is decoded here."""
    media_type, _ = offers.pixel_data_type(shown.stored.transfer_syntax_uid)
    (span,) = shown.frames.locate([1])
    read = partial(content.frame, shown.frames, span)
    return AsStored(shown.stored.sha256, media_type, Part(media_type, location, content.frame_length(span), read))


def _whole(media_type: str, location: str, body: bytes) -> Part:
    """A part of bytes that are there."""

    def read(byte_range: ByteRange | None = None) -> Iterator[bytes]:
        return iter([body[byte_range.start : byte_range.stop] if byte_range else body])

    return Part(media_type, location, len(body), read)
