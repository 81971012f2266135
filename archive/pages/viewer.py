"""The viewer's page: the same for each of its paths, because the viewer reads the path itself."""

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import get_script_prefix, reverse
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe

from archive.viewer.installed import URL_FOLDER, installed_viewer

#: Scripts of this host only, and none that is written into a page; the viewer writes styles into its own.
DIRECTIVES = (
    "default-src 'self'",
    "script-src 'self' 'wasm-unsafe-eval'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "media-src 'self' blob:",
    "font-src 'self' data:",
    "connect-src 'self' data: blob:",
    "worker-src 'self' blob:",
    "object-src 'self' blob:",
    "frame-src 'self' blob:",
    "frame-ancestors 'none'",
    "form-action 'self'",
    "base-uri 'none'",
)
CONTENT_SECURITY_POLICY = "; ".join(DIRECTIVES)


@require_safe
@login_required
@permission_required("archive.view_instance", raise_exception=True)
@ensure_csrf_cookie
def shell(request: HttpRequest, route: str = "") -> HttpResponse:
    viewer = installed_viewer()
    if viewer is None:
        return render(request, "archive/viewer_missing.html", {"home": get_script_prefix()}, status=404)
    files = static(f"{URL_FOLDER}/{viewer.folder.name}/")
    context = {
        "script": f"{files}{viewer.script}",
        "style": f"{files}{viewer.style}",
        "settings": _settings(request, files),
    }
    response = render(request, "archive/viewer.html", context)
    response["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
    return response


def _settings(request: HttpRequest, files: str) -> dict[str, Any]:
    """What `static/archive/viewer.js` starts the viewer with."""
    return {
        "files": files,
        "home": get_script_prefix(),
        "csrfCookie": settings.CSRF_COOKIE_NAME,
        "config": _configuration(may_store=request.user.has_perm("archive.add_instance")),
    }


def _configuration(*, may_store: bool) -> dict[str, Any]:
    """OHIF's own settings. It stays with this archive: neither a URL nor a file can name another source of images."""
    return {
        "routerBasename": reverse("archive:viewer").rstrip("/"),
        "extensions": [],
        "modes": [],
        "showStudyList": True,
        "groupEnabledModesFirst": True,
        "strictZSpacingForVolumeViewport": True,
        "maxNumberOfWebWorkers": 4,
        "maxNumRequests": {"interaction": 100, "thumbnail": 10, "prefetch": 25},
        "investigationalUseDialog": {"option": "never"},  # the page says it, always
        "customizationService": [{"ohif.tours": {"$set": []}}],
        "defaultDataSourceName": "archive",
        "dataSources": [
            {
                "namespace": "@ohif/extension-default.dataSourcesModule.dicomweb",
                "sourceName": "archive",
                "configuration": _data_source(may_store=may_store),
            }
        ],
    }


def _data_source(*, may_store: bool) -> dict[str, Any]:
    """The archive's DICOMweb service, as OHIF's data source sees it."""
    root = reverse("studies").removesuffix("/studies")
    return {
        "friendlyName": "Archive",
        "name": "archive",
        "qidoRoot": root,
        "wadoRoot": root,
        "wadoUriRoot": root,
        "qidoSupportsIncludeField": True,
        "supportsFuzzyMatching": True,
        "supportsWildcard": True,
        "enableStudyLazyLoad": True,
        "imageRendering": "wadors",
        "thumbnailRendering": "thumbnail",
        "thumbnailRequestStrategy": "fetch",
        "singlepart": "bulkdata,pdf,video",
        "bulkDataURI": {"enabled": True},
        "omitQuotationForMultipartRequest": True,
        "dicomUploadEnabled": may_store,
    }
