"""SuspendGlobalSubscription (PS3.18 Section 11.12): to be subscribed to no further workitems."""

from functools import partial

from workflow.errors import NotSubscribed
from workflow.models import GlobalSubscription
from workflow.services.transaction import change


def suspend(kind: str, ae_title: str) -> None:
    """End a global subscription; subscriptions to single workitems and their locks stay.

    Args:
        kind: of `GlobalSubscription.Kind`.

    Raises:
        NotSubscribed: the AE has no global subscription of this kind.
    """
    change(partial(_suspend, kind, ae_title))


def _suspend(kind: str, ae_title: str) -> None:
    deleted, _ = GlobalSubscription.objects.filter(subscriber__ae_title=ae_title, kind=kind).delete()
    if not deleted:
        raise NotSubscribed(ae_title)
