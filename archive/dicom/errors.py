"""What can be wrong with the bytes of a stored object. Messages name tags and offsets, never values."""

from archive.errors import ArchiveError


class NotDicom(ArchiveError):
    """The bytes are not a DICOM file (PS3.10 Section 7): no preamble with the DICM prefix."""


class MalformedDicom(ArchiveError):
    """A DICOM file that cannot be read to its end: truncated, corrupt or hostile."""


class NotTranscodable(ArchiveError):
    """A stored object has no form in the transfer syntax that is asked for, or it is too large for it."""


class MalformedPixelData(ArchiveError):
    """A frame or an image that cannot be read: corrupt, truncated, or not what the data set says of it."""


class NoCodec(ArchiveError):
    """Nothing here decodes or encodes this transfer syntax, or this media type, or not such pixels."""


class MalformedMetadata(ArchiveError):
    """Bytes that are neither DICOM JSON nor a Native DICOM Model: the syntax is broken, or the root is another."""


class MalformedAttribute(ArchiveError):
    """An attribute of metadata that no data element can be made of."""

    def __init__(self, path: str, problem: str) -> None:
        super().__init__(f"Attribute {path} {problem}.")


class UnusableBulkdata(ArchiveError):
    """Bulk data of a media type or an encoding of which no value can be made, or no Image Pixel attributes be told."""


class NotCoercible(ArchiveError):
    """A file in which attributes cannot be changed."""


class NotRenderable(ArchiveError):
    """Pixels that are not shown: of a kind that there is no way to show, or described by what contradicts itself."""


class UnusableWindow(ArchiveError):
    """A window that no values lie in (PS3.3 Section C.11.2.1.2)."""


class UnusableViewport(ArchiveError):
    """A viewport in which an image cannot be shown: a region that has nothing of it, or too many pixels."""
