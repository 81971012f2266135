"""Hints: something of a topic has changed. They name no study and nobody, and one that is lost loses nothing."""

from django.db import transaction

from archive import wake_ups

#: The group that every process with open pages listens to.
GROUP = "open-pages"
#: A process sends no more than one in so many seconds, whatever it writes.
PAUSE_SECONDS = 0.5

#: A study has come or gone.
STUDIES = "studies"


def hint_on_commit(topic: str) -> None:
    """Tell open pages, as soon as this transaction is committed."""

    def hint() -> None:
        wake_ups.wake(GROUP, [topic], pause=PAUSE_SECONDS)

    # What is committed has succeeded, whatever keeps pages from being told.
    transaction.on_commit(hint, robust=True)
