"""What is seen of an instance, whatever its category."""

from collections.abc import Sequence
from typing import Protocol

from archive.dicom.errors import MalformedPixelData, NoCodec, NotRenderable, NotTranscodable
from dicomweb.http.accept import Offer
from dicomweb.parts import AnyPart

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
