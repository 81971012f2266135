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
