"""Tickets for event channels, see `dicomweb/tickets.py`."""

from http import HTTPStatus

from django.http import HttpResponse, JsonResponse
from rest_framework.request import Request

from dicomweb import negotiation, offers, tickets
from dicomweb.links import Links
from dicomweb.requester import subscriber


def issue(request: Request, ae_title: str) -> HttpResponse:
    """A URL that opens a channel, once and soon, for whoever has it."""
    title = subscriber(request, ae_title)
    negotiation.choose(request, offers.PLAIN_JSON)
    url = f"{Links.of(request).event_channel(title)}?ticket={tickets.issue(request.user, title)}"
    answer = {"url": url, "seconds": int(tickets.LIFETIME.total_seconds())}
    response = JsonResponse(answer, status=HTTPStatus.CREATED)
    response["Cache-Control"] = "no-store"
    return response
