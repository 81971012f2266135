"""Well-known UIDs of the worklist, and new ones."""

from uuid import uuid4

#: PS3.4 Table CC.3.1-1: the SOP class of every workitem, whoever created it.
PUSH_SOP_CLASS = "1.2.840.10008.5.1.4.34.6.1"

#: PS3.4 Table CC.2.3-1: what stands for all workitems, and for those that match a filter.
GLOBAL_SUBSCRIPTION = "1.2.840.10008.5.1.4.34.5"
FILTERED_SUBSCRIPTION = "1.2.840.10008.5.1.4.34.5.1"
GLOBAL_SUBSCRIPTIONS = frozenset({GLOBAL_SUBSCRIPTION, FILTERED_SUBSCRIPTION})


def new_uid() -> str:
    """PS3.5 Section B.2."""
    return f"2.25.{uuid4().int}"
