"""Absolute URLs of the resources, as the client sees them from where it is."""

from dataclasses import dataclass
from urllib.parse import quote

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse


@dataclass(frozen=True, slots=True)
class Links:
    """URLs under one service root, such as `https://pacs.example/dicom-web`."""

    root: str

    @classmethod
    def of(cls, request: HttpRequest) -> "Links":
        """From `ARCHIVE_PUBLIC_URL` where it is set, else from the request as the trusted proxies describe it."""
        path = reverse("studies").removesuffix("/studies")
        if settings.ARCHIVE_PUBLIC_URL:
            return cls(settings.ARCHIVE_PUBLIC_URL + path.removeprefix(request.META.get("SCRIPT_NAME", "")))
        return cls(f"{request.scheme}://{request.get_host()}{path}")

    def study(self, study: str) -> str:
        return f"{self.root}/studies/{study}"

    def series(self, study: str, series: str) -> str:
        return f"{self.root}/studies/{study}/series/{series}"

    def instance(self, study: str, series: str, instance: str) -> str:
        return f"{self.root}/studies/{study}/series/{series}/instances/{instance}"

    def workitem(self, workitem: str) -> str:
        return f"{self.root}/workitems/{workitem}"

    def event_channel(self, ae_title: str) -> str:
        """Where the event reports for an AE come (PS3.18 Section 8.10.4): `ws` for `http`, `wss` for `https`."""
        return f"ws{self.root.removeprefix('http')}/subscribers/{quote(ae_title, safe='')}"

    def events(self, ae_title: str) -> str:
        """The same over HTTP."""
        return f"{self.root}/subscribers/{quote(ae_title, safe='')}/events"
