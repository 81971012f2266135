"""The events of an event channel over HTTP, for clients without WebSocket and for a look at what has been.

The feed takes nothing away: what it has given still comes over a channel.
"""

from typing import Any

from django.http import HttpResponse, JsonResponse
from rest_framework.request import Request

from dicomweb import negotiation, offers, workitem_request
from dicomweb.event_frames import report
from dicomweb.http import workitem_parameters
from dicomweb.links import Links
from dicomweb.requester import subscriber
from workflow.selectors.events import StoredEvent, events_after

#: Events in one answer, and the most that can be asked for.
USUAL, MOST = 100, 1000


def events(request: Request, ae_title: str) -> HttpResponse:
    """Those that are kept after a sequence, and where the next ones will be."""
    title = subscriber(request, ae_title)
    negotiation.choose(request, offers.PLAIN_JSON)
    query = workitem_request.query(request)
    after, limit = workitem_parameters.after(query) or 0, workitem_parameters.limit(query)
    found = events_after({title: after}, min(limit or USUAL, MOST)).get(title, [])
    response = JsonResponse([_entry(event) for event in found], safe=False)
    following = f"{Links.of(request).events(title)}?after={found[-1].sequence if found else after}"
    response["Link"] = f'<{following}{f"&limit={limit}" if limit else ""}>; rel="next"'
    response["Cache-Control"] = "no-store"
    return response


def _entry(event: StoredEvent) -> dict[str, Any]:
    return {"sequence": event.sequence, "time": event.created_at.isoformat(), "report": report(event)}
