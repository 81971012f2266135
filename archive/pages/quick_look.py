"""The quick look: a series as a stack of what the archive renders of it, shown by `static/js/quicklook/`."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from archive.dicom.errors import MalformedPixelData, NoCodec, NotRenderable, NotTranscodable
from archive.dicom.rendering.categories import DOCUMENT_TYPES, Category
from archive.dicom.rendering.frame_facts import FrameFacts
from archive.dicom.rendering.voi_lut import VoiLutFunction, Window
from archive.dicom.rendering.window_presets import PRESETS
from archive.dicom.uids import is_tolerable_uid
from archive.errors import NoProcess
from archive.page_access import page
from archive.pages.viewer_links import viewer_url
from archive.selectors import locate, stack
from archive.selectors.rendered import Shown
from archive.selectors.stack import Stack, StackedInstance
from archive.storage import StorageError
from archive.url_values import position

VIEW = "archive.view_instance"

#: As the `window` parameter has them (PS3.18 Section 8.3.5.1.4).
_FUNCTIONS = {
    VoiLutFunction.LINEAR: "linear",
    VoiLutFunction.LINEAR_EXACT: "linear-exact",
    VoiLutFunction.SIGMOID: "sigmoid",
}


@dataclass(frozen=True, slots=True)
class Pages:
    """The names of the pages around it.

    Args:
        open: whether they lead on, to the viewer and to attributes.
    """

    study: str
    look: str
    windows: str
    open: bool


OURS = Pages("archive:study", "archive:look", "archive:look_windows", open=True)
SHARED = Pages("archive:shared_study", "archive:shared_look", "archive:shared_windows", open=False)

_NO_WINDOW = (MalformedPixelData, NoCodec, NotRenderable, NotTranscodable)
_AWAY = (StorageError, NoProcess)


@require_safe
@page(VIEW)
def series(request: HttpRequest, study: str, series: str) -> HttpResponse:
    return show(request, study, series, OURS)


@require_safe
@page(VIEW)
def windows(request: HttpRequest, study: str, series: str) -> HttpResponse:
    return windows_of(request, study, series)


def show(request: HttpRequest, study: str, series: str, pages: Pages) -> HttpResponse:
    """`from` says at which instance the stack begins, where a series has more than one page shows."""
    found = stack.stack(study, series, position(request.GET.get("from", "")))
    before, after = found.neighbors
    last = found.first + len(found.instances) - 1
    context = {
        "stack": found,
        "study": found.study,
        "patient": found.study.patient,
        "series": found.series,
        "before": before,
        "after": after,
        "last": last,
        "earlier": max(found.first - stack.MOST_INSTANCES, 1) if found.first > 1 else None,
        "later": last + 1 if last < found.series.number_of_series_related_instances else None,
        "look": _described(found, pages),
        "pages": pages,
    }
    return render(request, "archive/quick_look.html", context)


def windows_of(request: HttpRequest, study: str, series: str) -> HttpResponse:
    """The windows of one frame (`instance`, `frame`): by which it is shown, and which its pixels suggest."""
    instance, number = request.GET.get("instance", ""), position(request.GET.get("frame", ""))
    if not all(map(is_tolerable_uid, (study, series, instance))):
        raise Http404
    (stored,) = locate.instances(study, series, instance)
    try:
        (picture,) = Shown.one(stored).pictures([number])
        found = picture.windows()
    except _NO_WINDOW as error:
        raise Http404 from error
    except _AWAY:
        return HttpResponse(status=503)
    return JsonResponse({"shown": _window(found.shown), "contrast": _window(found.contrast)})


def _described(found: Stack, pages: Pages) -> dict[str, Any]:
    """What the scripts read."""
    study, series = found.study.study_instance_uid, found.series.series_instance_uid
    instances = reverse("studies/{study}/series/{series}/instances", kwargs={"study": study, "series": series})
    return {
        "instances": instances,
        "windows": reverse(pages.windows, args=[study, series]),
        "viewer": viewer_url(study, modalities=[found.series.modality]) if pages.open else None,
        "tags": reverse(pages.study, args=[study]) + "#tags" if pages.open else None,
        "presets": [[name, *_window(window)] for name, window in PRESETS.get(found.series.modality, ())],
        "stack": [entry for one in found.instances for entry in _entries(one, found)],
    }


def _entries(one: StackedInstance, found: Stack) -> Iterator[Mapping[str, Any]]:
    """What is shown of an instance: mostly one thing, of a presentation state each image."""
    entry = {"uid": one.stored.instance, "v": one.picture_version, "kind": _kind(one)}
    if one.category is Category.PRESENTATION_STATE:
        for frame in one.presented:
            query = _as_presented(one, found.study.study_instance_uid, frame)
            yield entry | {"url": f"{reverse('wado')}?{query}"}
    elif one.category is not Category.IMAGE:
        yield entry
    else:
        yield entry | {
            "frames": 1 if one.tiled else one.frames,
            "several": one.frames > 1,
            "columns": one.columns,
            "rows": one.rows,
            "aspect": one.aspect,
            "gray": one.gray,
            "overlays": one.overlays,
            "times": one.times,
            "facts": [_facts(facts) for facts in one.facts],
        }


def _kind(one: StackedInstance) -> str:
    match one.category:
        case Category.IMAGE:
            return "image" if not one.tiled else "slide" if one.whole else "large"
        case Category.PRESENTATION_STATE:
            return "presented"
        case Category.VIDEO:
            return "video"
        case Category.REPORT:
            return "page"
        case Category.WAVEFORM:
            return "drawing"
        case Category.DOCUMENT:
            return _DOCUMENTS.get(DOCUMENT_TYPES[one.sop_class_uid], "file")
    return "none"


#: Browsers show no PDF in a sandbox; models they show nowhere.
_DOCUMENTS = {"application/pdf": "pdf", "text/xml": "page"}


def _as_presented(one: StackedInstance, study: str, frame: stack.ShownFrame) -> str:
    """The query of the URI Service for an image as a presentation state has it (PS3.18 Section 9.5)."""
    query = {
        "requestType": "WADO",
        "studyUID": study,
        "seriesUID": frame.series,
        "objectUID": frame.instance,
        "contentType": "image/jpeg",
        "presentationSeriesUID": one.stored.series,
        "presentationUID": one.stored.instance,
    }
    return urlencode(query | ({"frameNumber": frame.number} if frame.number else {}))


def _facts(facts: FrameFacts) -> dict[str, Any]:
    return {
        "lines": facts.lines,
        "windows": [[name, *_window(window)] for name, window in facts.windows],
        "by_window": facts.by_window,
        "to": facts.directions,
    }


def _window(window: Window) -> tuple[float, float, str]:
    return window.center, window.width, _FUNCTIONS[window.function]
