"""What the status of an answer to a store request says (PS3.18 Table 10.5.3-1, RFC 9110 Section 15), in plain words."""

from enum import Enum, auto


class Verdict(Enum):
    #: The answer says what became of each instance.
    HEARD = auto()
    #: The request was refused whole, for what may lie in one of its instances.
    REFUSED = auto()
    #: The same request may succeed later.
    LATER = auto()
    #: No request will succeed before somebody has changed something.
    NEVER = auto()


_LATER = frozenset({408, 425, 429, 502, 503, 504, 507})
_NEVER = frozenset({401, 403, 404, 405, 407, 410, 501, 505})

_WORDS = {
    401: "The destination refuses the sign-in of this archive.",
    403: "The destination does not allow this archive to store anything.",
    404: "There is no store service at the destination's address.",
    405: "There is no store service at the destination's address.",
    407: "The proxy that leads to the destination asks for a sign-in.",
    410: "There is no store service at the destination's address any more.",
    413: "It is larger than the destination takes.",
    415: "The destination does not take DICOM files.",
    429: "The destination asks for fewer requests.",
    500: "The destination failed to work on it.",
    501: "There is no store service at the destination's address.",
    503: "The destination has no room or no time at present.",
}


def verdict(status: int) -> Verdict:
    if 200 <= status < 300 or status == 409:
        return Verdict.HEARD
    if status in _LATER:
        return Verdict.LATER
    return Verdict.NEVER if status in _NEVER or status < 400 else Verdict.REFUSED


def words(status: int) -> str:
    """With the status itself, for who runs the destination."""
    if 300 <= status < 400:
        return f"The destination's address leads to another one, which is not followed (HTTP {status})."
    if said := _WORDS.get(status):
        return f"{said[:-1]} (HTTP {status})."
    return f"The destination did not take it (HTTP {status})."
