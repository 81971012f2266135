"""Parts of the URL paths. They match anything: what is not legal is answered 400 with a reason, not 404."""

from django.urls import register_converter


class Segment:
    """One path segment, possibly empty."""

    regex = "[^/]*"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class UidConverter(Segment):
    """A UID; `dicomweb.resource` checks its form (WADO-20)."""


class FrameListConverter(Segment):
    """Frame numbers separated by commas; `dicomweb.http.frame_list` parses it."""


class AETitleConverter(Segment):
    """An AE title, in which there may be a slash, but not at its end; `dicomweb.requester` checks its form."""

    regex = "[^/]*(?:/+[^/]+)*"


def register() -> None:
    register_converter(UidConverter, "uid")
    register_converter(FrameListConverter, "frames")
    register_converter(AETitleConverter, "ae")
