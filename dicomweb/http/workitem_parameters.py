"""The queries of the worklist (PS3.18 Section 11), as its editions and their clients spell them.

Names are in any case. A UID may stand alone, without a name. Parameters that nobody knows are ignored.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from urllib.parse import unquote

from archive.dicom.ae_titles import ae_title
from archive.dicom.matching.attribute_paths import MalformedAttribute, attribute_path
from archive.dicom.matching.query_strings import MalformedParameters, components, number
from archive.dicom.uids import is_uid

#: What each parameter is called, in lower case; the first is the name in the present edition.
WORKITEM = ("workitem", "affectedsopinstanceuid", "sopinstanceuid", "00080018")
TRANSACTION_UID = ("transaction-uid", "transaction", "transactionuid", "00081195")
REQUESTER = ("requester",)
AE_TITLE = ("aetitle", "requester")
AFTER = ("after",)
LIMIT = ("limit",)
DELETION_LOCK = ("deletionlock",)
FILTER = "filter"
#: What may stand in the query of a subscription besides the keys of its filter.
_NO_KEYS = frozenset({*DELETION_LOCK, "accept", "charset"})


@dataclass(frozen=True, slots=True)
class SubscriptionParameters:
    """How to subscribe.

    Args:
        keys: of the filter, each with its values as they were written.
    """

    deletion_lock: bool = False
    keys: dict[str, tuple[str, ...]] = field(default_factory=dict)


def workitem(query: str) -> str | None:
    """The SOP Instance UID for a workitem that is created (Section 11.4.1.2)."""
    return _uid(query, WORKITEM)


def transaction_uid(query: str) -> str | None:
    """The lock of a workitem that is updated (Section 11.6.1.2)."""
    return _uid(query, TRANSACTION_UID)


def requester(query: str) -> str | None:
    """The AE title of who asks for a change of state or for cancellation."""
    return _ae_title(query, REQUESTER)


def subscriber(query: str) -> str | None:
    """The AE title of who suspends a subscription, where the path does not say it."""
    return _ae_title(query, AE_TITLE)


def after(query: str) -> int | None:
    """The sequence of the last event report that a client has."""
    return _number(query, AFTER)


def limit(query: str) -> int | None:
    """How many event reports are wanted, one at least."""
    wanted = _number(query, LIMIT)
    if wanted == 0:
        raise MalformedParameters("The limit is at least 1.")
    return wanted


def subscription(query: str, *, filtered: bool) -> SubscriptionParameters:
    """The parameters of a subscription (Section 11.10.1.2).

    The 2017 edition has each key of the filter as a parameter of its own; later ones have them all in `filter`.

    Raises:
        MalformedParameters: the lock is neither true nor false; a key is repeated; there are none and have to be, or
            the other way round.
    """
    lock = _only(query, DELETION_LOCK)
    if lock is not None and lock.lower() not in {"true", "false"}:
        raise MalformedParameters("The deletionlock parameter is neither true nor false.")
    keys: dict[str, tuple[str, ...]] = {}
    for name, values in _keys(query, filtered=filtered):
        if name in keys:
            raise MalformedParameters("The filter has a key more than once.")
        keys[name] = values
    if filtered and not keys:
        raise MalformedParameters("A filtered subscription needs a filter.")
    if keys and not filtered:
        raise MalformedParameters("Only the filtered subscription has a filter.")
    return SubscriptionParameters(lock is not None and lock.lower() == "true", keys)


# -- one value -------------------------------------------------------------------


def _uid(query: str, names: Sequence[str]) -> str | None:
    """The UID of a parameter, or the one that stands alone.

    Raises:
        MalformedParameters: it is none, or there are several.
    """
    uid = _only(query, names, alone=True)
    if uid is not None and not is_uid(uid):
        raise MalformedParameters(f"The {names[0]} in the query is not a UID.")
    return uid


def _ae_title(query: str, names: Sequence[str]) -> str | None:
    text = _only(query, names)
    if text is None:
        return None
    title = ae_title(text)
    if title is None:
        raise MalformedParameters(f"The {names[0]} in the query is not an AE title.")
    return title


def _number(query: str, names: Sequence[str]) -> int | None:
    text = _only(query, names)
    return None if text is None else number(names[0], text)


def _only(query: str, names: Sequence[str], *, alone: bool = False) -> str | None:
    """The value that all the parameters of these names have; None where there is none.

    Args:
        alone: whether what stands without a value and begins with a digit is one.
    """
    found = dict.fromkeys(_values(query, names, alone=alone))
    if len(found) > 1:
        raise MalformedParameters(f"The query gives {names[0]} more than once, and not the same.")
    return next(iter(found), None)


def _values(query: str, names: Sequence[str], *, alone: bool) -> Iterator[str]:
    for name, values in components(query):
        if name.lower() in names:
            yield ",".join(values).strip()
        elif alone and not values and name[:1].isdigit():
            yield name.strip()


# -- the keys of a filter --------------------------------------------------------


def _keys(query: str, *, filtered: bool) -> Iterator[tuple[str, tuple[str, ...]]]:
    for name, values in components(query):
        if name.lower() == FILTER:
            yield from _in_filter(",".join(values))
        elif name.lower() not in _NO_KEYS and (filtered or _is_attribute(name)):
            yield name, values


def _in_filter(text: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """`attribute=value,attribute=value`; what has no `=` in it is a further value of the key before it.

    A value can be percent-encoded within the parameter, which is itself: so commas can be in it.
    """
    keys: list[tuple[str, list[str]]] = []
    for piece in text.split(",") if text else ():
        name, equals, value = piece.partition("=")
        if equals:
            keys.append((name.strip(), [value]))
        elif keys:
            keys[-1][1].append(piece)
        else:
            raise MalformedParameters("The filter is not a list of attribute=value.")
    return ((name, tuple(_decoded(value) for value in values if value)) for name, values in keys)


def _decoded(value: str) -> str:
    """The second time: what the encoding of the parameter has hidden has not been looked at yet.

    Raises:
        MalformedParameters: no text could be like this.
    """
    text = unquote(value)
    if "\0" in text:
        raise MalformedParameters("The filter has a NUL in it.")
    return text


def _is_attribute(name: str) -> bool:
    try:
        return attribute_path(name) is not None
    except MalformedAttribute:
        return True
