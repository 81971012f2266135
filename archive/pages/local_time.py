"""What day it is where somebody looks at a page: the browser says its time zone in a cookie (static/js/base.js)."""

from datetime import date, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.http import HttpRequest
from django.utils.timezone import get_default_timezone, now

COOKIE = "timezone"


def zone(request: HttpRequest) -> tzinfo:
    """The browser's time zone; the archive's own when it names none that there is."""
    try:
        return ZoneInfo(request.COOKIES[COOKIE].replace("%2F", "/"))
    except (KeyError, ValueError, ZoneInfoNotFoundError, OSError):
        return get_default_timezone()


def today(request: HttpRequest) -> date:
    return now().astimezone(zone(request)).date()
