"""What people keep of the list of studies: worklists and columns."""

from urllib.parse import parse_qs

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from archive.errors import NameTaken
from archive.page_access import page
from archive.selectors import people
from archive.services import people as keep
from archive.study_list_columns import COLUMNS
from archive.study_list_query import StudyListQuery
from archive.url_values import primary_key

VIEW = "archive.view_instance"
LONGEST_NAME = 60


@require_POST
@page(VIEW)
def keep_worklist(request: HttpRequest) -> HttpResponse:
    """For the person, or for a group that they belong to."""
    name = " ".join(request.POST.get("name", "").split())[:LONGEST_NAME]
    if not name or not name.isprintable():
        return _worklists(request, "A worklist needs a name.")
    group = request.POST.get("group", "")
    try:
        if group:
            its = get_object_or_404(request.user.groups, pk=primary_key(group))
            keep.keep_worklist(name, _query(request), group=its)
        else:
            keep.keep_worklist(name, _query(request), owner=request.user)
    except NameTaken as error:
        return _worklists(request, str(error))
    return _worklists(request)


@require_POST
@page(VIEW)
def remove_worklist(request: HttpRequest, pk: int) -> HttpResponse:
    people.worklists(request.user).filter(pk=pk).delete()
    return _worklists(request)


@require_POST
@page(VIEW)
def columns(request: HttpRequest) -> HttpResponse:
    known = [column.name for column in COLUMNS if column.name in request.POST.getlist("column")]
    keep.keep_columns(request.user, [] if "usual" in request.POST else known)
    return redirect(f"{reverse('archive:study_list')}?{_query(request)}")


def _query(request: HttpRequest) -> str:
    """What the list shows, without the page it is at."""
    query = StudyListQuery.read(parse_qs(request.POST.get("query", "")))
    return query.to_query(page=1)


def _worklists(request: HttpRequest, problem: str = "") -> HttpResponse:
    context = {
        "worklists": people.worklists(request.user),
        "groups": list(request.user.groups.all()),
        "problem": problem,
    }
    return render(request, "archive/worklists.html", context)
