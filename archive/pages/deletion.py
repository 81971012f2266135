"""Deleting studies with their objects, once somebody has confirmed it."""

from contextlib import suppress

from django.contrib import messages
from django.db.models import Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from archive.dicom.uids import is_tolerable_uid
from archive.errors import NotStored
from archive.list_query import MOST_ROWS
from archive.models import Study
from archive.page_access import page
from archive.services.delete import delete


@require_http_methods(["GET", "HEAD", "POST"])
@page("archive.delete_instance")
@page("archive.view_instance")
def studies(request: HttpRequest) -> HttpResponse:
    """GET asks, POST deletes: `study=1.2.3&study=1.2.4`."""
    given = (request.POST if request.method == "POST" else request.GET).getlist("study")[:MOST_ROWS]
    uids = [uid for uid in given if is_tolerable_uid(uid)]
    found = Study.objects.filter(study_instance_uid__in=uids).select_related("patient").order_by("-study_date", "-pk")
    if not found:
        messages.warning(request, "There is none of these studies in the archive.")
    elif request.method != "POST":
        total = found.aggregate(total=Sum("number_of_study_related_instances"))["total"]
        return render(request, "archive/delete_studies.html", {"studies": found, "instances": total})
    else:
        _delete(request, [study.study_instance_uid for study in found])
    return redirect("archive:study_list")


def _delete(request: HttpRequest, uids: list[str]) -> None:
    for uid in uids:
        with suppress(NotStored):  # somebody else was faster
            delete(uid)
    messages.success(request, f"Deleted {len(uids)} {'study' if len(uids) == 1 else 'studies'}.")
