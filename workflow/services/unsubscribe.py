"""DeleteSubscription (PS3.18 Section 11.11): its deletion lock goes with a subscription.

What has been reported before is still sent.
"""

from functools import partial

from django.db.models import QuerySet

from workflow.errors import NotSubscribed
from workflow.missing import missing
from workflow.models import GlobalSubscription, Subscription, Workitem
from workflow.services.transaction import change


def unsubscribe(workitem: str, ae_title: str) -> None:
    """End the subscription of an AE to one workitem.

    Raises:
        NotSubscribed: it has none.
        WorkitemNotFound, WorkitemDeleted: there is no such workitem.
    """
    change(partial(_unsubscribe, workitem, ae_title))


def unsubscribe_globally(ae_title: str) -> None:
    """End all subscriptions of an AE, to all workitems, to those that match a filter, and to single ones.

    Raises:
        NotSubscribed: it has none of any kind.
    """
    change(partial(_unsubscribe_globally, ae_title), alone=True)


def _unsubscribe(workitem: str, ae_title: str) -> None:
    if not Workitem.objects.filter(sop_instance_uid=workitem).exists():
        raise missing(workitem)
    subscription = Subscription.objects.filter(workitem__sop_instance_uid=workitem, subscriber__ae_title=ae_title)
    if not _delete(subscription):
        raise NotSubscribed(ae_title)


def _unsubscribe_globally(ae_title: str) -> None:
    standing = _delete(GlobalSubscription.objects.filter(subscriber__ae_title=ae_title))
    single = _delete(Subscription.objects.filter(subscriber__ae_title=ae_title))
    if not (standing or single):
        raise NotSubscribed(ae_title)


def _delete(subscriptions: QuerySet[GlobalSubscription] | QuerySet[Subscription]) -> int:
    return subscriptions.delete()[0]
