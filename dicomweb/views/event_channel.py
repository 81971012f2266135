"""Open Event Channel (PS3.18 Section 8.10.4) without an upgrade: who uses HTTP is told to use WebSocket.

`dicomweb/event_channel.py` is the channel itself.
"""

from http import HTTPStatus

from django.http import HttpResponse
from rest_framework.request import Request

from dicomweb.requester import subscriber
from dicomweb.status_report import status_report

USE_WEBSOCKET = "Events come over WebSocket: open this URL as ws or wss. /events below it has them over HTTP."


def upgrade_required(request: Request, ae_title: str) -> HttpResponse:
    """RFC 9110 Section 15.5.22."""
    subscriber(request, ae_title)
    response = status_report(request, HTTPStatus.UPGRADE_REQUIRED, USE_WEBSOCKET)
    response["Upgrade"] = "websocket"
    response["Connection"] = "Upgrade"
    return response
