"""The list of studies."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from archive.page_access import page


@page("archive.view_instance")
def study_list(request: HttpRequest) -> HttpResponse:
    return render(request, "archive/study_list.html")
