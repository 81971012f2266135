"""An outbox in memory, for tests of what reads it: no database, so that they are many and quick."""

import threading
from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from dicomweb import event_hub
from workflow.event_reports import GOING_DOWN, scp_status_change
from workflow.selectors.events import StoredEvent


class Outbox:
    """Takes the place of selectors and services for the hub."""

    def __init__(self) -> None:
        self.events: dict[str, list[StoredEvent]] = {}
        self.delivered: dict[str, int] = {}
        self.reads = 0
        self._lock = threading.Lock()

    def write(self, ae_title: str, number: int = 1, *, kind: int = 1, attributes: bytes = b"{}") -> None:
        with self._lock:
            events = self.events.setdefault(ae_title, [])
            for _ in range(number):
                events.append(StoredEvent(len(events) + 1, kind, "1.2.3", attributes, datetime.now(UTC)))

    def events_after(self, positions: Mapping[str, int], limit: int) -> dict[str, list[StoredEvent]]:
        found = {}
        with self._lock:
            self.reads += 1
            for ae_title, position in positions.items():
                if events := self.events.get(ae_title, [])[position:][:limit]:
                    found[ae_title] = events
                    limit -= len(events)
        return found

    def last_sequences(self, ae_titles: list[str]) -> dict[str, int]:
        return {ae_title: len(self.events[ae_title]) for ae_title in ae_titles if ae_title in self.events}

    def set_delivered(self, positions: Mapping[str, int]) -> None:
        self.delivered |= positions

    def announce(self, status: str, ae_titles: list[str]) -> None:
        assert status == GOING_DOWN
        for ae_title in ae_titles:
            self.write(ae_title, kind=scp_status_change(status).type)


def outbox_of(monkeypatch: pytest.MonkeyPatch) -> Outbox:
    outbox = Outbox()
    monkeypatch.setattr(event_hub, "events_after", outbox.events_after)
    monkeypatch.setattr(event_hub, "last_sequences", outbox.last_sequences)
    monkeypatch.setattr(event_hub, "delivered", outbox.set_delivered)
    monkeypatch.setattr(event_hub, "announce", outbox.announce)
    return outbox
