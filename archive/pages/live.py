"""The address of the socket of pages that are open, over HTTP: `archive/live/channel.py` is the socket itself."""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve


def upgrade_required(request: HttpRequest) -> HttpResponse:
    """RFC 9110 Section 15.5.22. It tells nobody anything, so everybody may ask."""
    return HttpResponse(status=HTTPStatus.UPGRADE_REQUIRED, headers={"Upgrade": "websocket", "Connection": "Upgrade"})


def is_for_page(request: HttpRequest) -> bool:
    """Whether somebody wants to open the socket that is here."""
    try:
        return resolve(request.path_info).func is upgrade_required
    except Resolver404:
        return False
