"""Deletion locks taken away by an administrator, from an AE that never releases them (PS3.4 Section CC.2.3.1).

Its subscriptions stay.
"""

from collections.abc import Collection
from functools import partial

from workflow.models import GlobalSubscription, Subscription
from workflow.services.transaction import change


def strip_locks(subscriptions: Collection[int]) -> int:
    """Take the locks of these subscriptions, by their primary keys. Returns how many had one."""
    return change(partial(_strip, subscriptions))


def strip_all_locks(subscribers: Collection[int]) -> int:
    """Take all locks of these AEs, and those that they would get of new workitems. Returns how many there were."""
    return change(partial(_strip_all, subscribers), alone=True)


def _strip(subscriptions: Collection[int]) -> int:
    return Subscription.objects.filter(pk__in=subscriptions, deletion_lock=True).update(deletion_lock=False)


def _strip_all(subscribers: Collection[int]) -> int:
    GlobalSubscription.objects.filter(subscriber__in=subscribers).update(deletion_lock=False)
    return Subscription.objects.filter(subscriber__in=subscribers, deletion_lock=True).update(deletion_lock=False)
