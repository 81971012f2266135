"""Static files: their URLs under whatever path a proxy puts before the archive, and the viewer's among them."""

from typing import Any

from django.contrib.staticfiles.storage import StaticFilesStorage
from django.http import HttpRequest, HttpResponseBase
from django.urls import get_script_prefix
from whitenoise.middleware import WhiteNoiseMiddleware

from archive.viewer.installed import URL_FOLDER, installed_viewer


class PrefixedStaticFiles(StaticFilesStorage):
    """Django decides at the first request where static files are; here each request's own path prefix counts."""

    def url(self, name: str | None) -> str:
        self.base_url = f"{get_script_prefix()}static/"
        return super().url(name)


class StaticFilesMiddleware(WhiteNoiseMiddleware):  # type: ignore[misc]
    """WhiteNoise, which also serves the viewer, from when it is installed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._has_viewer = False
        self._add_viewer()

    @property
    def _viewer_prefix(self) -> str:
        return f"{self.static_prefix}{URL_FOLDER}/"

    def _add_viewer(self) -> None:
        if viewer := installed_viewer():
            self.add_files(str(viewer.folder), prefix=f"{self._viewer_prefix}{viewer.folder.name}")
            self._has_viewer = True

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not self._has_viewer and request.path_info.startswith(self._viewer_prefix):
            self._add_viewer()
        response: HttpResponseBase = super().__call__(request)
        return response

    def immutable_file_test(self, path: str, url: str) -> bool:
        """The URLs of the viewer's files change whenever the files do."""
        return url.startswith(self._viewer_prefix)
