"""What a page that is told of changes has to know of its socket."""

from typing import Any
from urllib.parse import urlencode

from django import template
from django.urls import reverse

from archive.wake_ups import between_processes

register = template.Library()

#: Seconds between two looks of a page that is hinted of everything, and of one that is not: without a socket, or where
#: other processes cannot say what they have changed.
LOOK_SECONDS, LOOK_SECONDS_UNHINTED = 60, 10


@register.inclusion_tag("archive/live.html")
def live(topic: str) -> dict[str, Any]:
    """`{% live "studies" %}`, where a script of the page watches this topic."""
    return {
        "url": f"{reverse('archive:live')}?{urlencode({'topic': topic})}",
        "seconds": LOOK_SECONDS if between_processes() else LOOK_SECONDS_UNHINTED,
        "seconds_unhinted": LOOK_SECONDS_UNHINTED,
    }
