"""A destination that does as it is told, and somebody who sends studies to it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.auth import get_user_model

from archive.models import Destination, OrderedInstance, SendOrder
from archive.sending import client, delivery
from archive.services import send_orders
from tests.destination import DestinationServer
from tests.storing import StoredFile

Order = Callable[..., SendOrder]


@pytest.fixture
def server() -> Iterator[DestinationServer]:
    with DestinationServer().running() as server:
        yield server
    client._pool("").clear()


@pytest.fixture
def destination(db: None, server: DestinationServer) -> Destination:
    return Destination.objects.create(name="Elsewhere", url=server.url)


@pytest.fixture
def order(destination: Destination) -> Order:
    """Orders the studies of these files to be sent."""
    user = get_user_model().objects.create_user("sender")

    def ordered(*files: StoredFile, deidentified: bool = False, **options: Any) -> SendOrder:
        places = [(file.study, None) for file in files]
        return send_orders.place(user, destination, places, deidentified=deidentified)

    return ordered


def work() -> bool:
    """What a worker does, as long as it takes."""
    return delivery.work(60)


def states(order: SendOrder) -> dict[str, str]:
    """By SOP Instance UID what has become of each instance, with the reason."""
    rows = OrderedInstance.objects.filter(order=order).values_list("sop_instance_uid", "state", "reason")
    return {uid: f"{state} {reason}".strip() for uid, state, reason in rows}
