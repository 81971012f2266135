"""The parameters of event channels and their feed: numbers."""

from django.http import QueryDict

from dicomweb.errors import BadRequest

_DIGITS = 18
#: More than any sequence; longer numbers mean the same.
FAR = 10**_DIGITS


def number(query: QueryDict, name: str) -> int | None:
    """A parameter that is a number; None when it is not there.

    Raises:
        BadRequest: it is none, or there are several.
    """
    values = query.getlist(name)
    if not values:
        return None
    if len(values) > 1 or not (values[0].isascii() and values[0].isdigit()):
        raise BadRequest(f"{name} is a number, given once.")
    digits = values[0].lstrip("0") or "0"
    return int(digits) if len(digits) <= _DIGITS else FAR
