"""Wake whoever sends events to subscribers, in this process and in others. A wake-up that is lost loses no event."""

from collections.abc import Collection

from archive import wake_ups

#: The group that every process with open event channels listens to.
GROUP = "worklist-events"


def wake(subscribers: Collection[str]) -> None:
    """There are new events for these AE titles. To be called when they have been committed, from synchronous code."""
    wake_ups.wake(GROUP, subscribers)
