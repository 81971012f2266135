"""Where event channels are, below the service root: PS3.18 Section 8.10.4, and where other archives have them."""

from django.urls import path, re_path

from dicomweb import converters
from dicomweb.event_channel import event_channel, no_channel

converters.register()

websocket_urlpatterns = [
    path("dicom-web/subscribers/<uid:ae_title>", event_channel),
    path("dicom-web/ws/subscribers/<uid:ae_title>", event_channel),
    re_path("", no_channel),
]
