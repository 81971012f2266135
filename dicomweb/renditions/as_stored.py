"""Documents and videos, which are shown by giving them as they are."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from archive.dicom.errors import NotRenderable
from archive.dicom.rendering.categories import DOCUMENT_TYPES
from archive.dicom.transfer_syntaxes import OCTET_STREAM
from archive.selectors import content
from archive.selectors.locate import StoredValue
from archive.selectors.rendered import Shown
from dicomweb import offers
from dicomweb.http.accept import Offer
from dicomweb.parts import AnyPart, Part

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
    return AsStored(shown.stored.sha256, media_type, Part.of_bytes(media_type, location, field))


def video(shown: Shown, location: str) -> AsStored:
    """The whole stream; no frame of it is decoded here."""
    media_type, _ = offers.pixel_data_type(shown.stored.transfer_syntax_uid)
    (span,) = shown.frames.locate([1])
    read = partial(content.frame, shown.frames, span)
    return AsStored(shown.stored.sha256, media_type, Part(media_type, location, content.frame_length(span), read))
