"""What there is over HTTP for event channels (PS3.18 Section 8.10.4): the same events as a feed, and tickets.

The feed takes nothing away: an event that it has given still comes over a channel.
"""

from http import HTTPStatus
from typing import Any

from django.http import HttpResponse, JsonResponse
from rest_framework.request import Request

from dicomweb import negotiation, tickets
from dicomweb.errors import BadRequest
from dicomweb.event_admission import number
from dicomweb.event_frames import report
from dicomweb.http.accept import Offer
from dicomweb.links import Links
from dicomweb.requester import subscriber
from dicomweb.status_report import status_report
from workflow.selectors.events import StoredEvent, events_after

JSON = Offer("application/json")
#: Events in one answer, and the most that can be asked for.
USUAL, MOST = 100, 1000

NOT_OVER_HTTP = "Events come over WebSocket here: open the same URL as ws or wss. /events below it has them over HTTP."


def channel(request: Request, ae_title: str) -> HttpResponse:
    """A channel that is asked for without an upgrade (RFC 9110 Section 15.5.22)."""
    subscriber(request, ae_title)
    response = status_report(request, HTTPStatus.UPGRADE_REQUIRED, NOT_OVER_HTTP)
    response["Upgrade"] = "websocket"
    response["Connection"] = "Upgrade"
    return response


def feed(request: Request, ae_title: str) -> HttpResponse:
    """The events that are kept after a sequence, and where the next ones will be."""
    title = subscriber(request, ae_title)
    after = number(request.GET, "after") or 0
    limit = number(request.GET, "limit")
    if limit == 0:
        raise BadRequest("limit is at least 1.")
    negotiation.choose(request, (JSON,))
    found = events_after({title: after}, min(limit or USUAL, MOST)).get(title, [])
    response = JsonResponse([_entry(event) for event in found], safe=False)
    following = f"{Links.of(request).events(title)}?after={found[-1].sequence if found else after}"
    response["Link"] = f'<{following}{f"&limit={limit}" if limit else ""}>; rel="next"'
    response["Cache-Control"] = "no-store"
    return response


def ticket(request: Request, ae_title: str) -> HttpResponse:
    """A URL that opens a channel, once and soon, for whoever has it."""
    title = subscriber(request, ae_title)
    shown = tickets.issue(request.user, title)
    url = f"{Links.of(request).event_channel(title)}?ticket={shown}"
    answer = {"url": url, "seconds": int(tickets.LIFETIME.total_seconds())}
    response = JsonResponse(answer, status=HTTPStatus.CREATED)
    response["Cache-Control"] = "no-store"
    return response


def _entry(event: StoredEvent) -> dict[str, Any]:
    return {"sequence": event.sequence, "time": event.created_at.isoformat(), "report": report(event)}
