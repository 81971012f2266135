"""Which workitems people have claimed on their pages."""

from typing import Any

from workflow.models import Claim


def lock_of(workitem: str, user: Any) -> str:
    """The Transaction UID with which somebody claimed the workitem on its page; "" when it is not theirs.

    It is for services, never for a page.
    """
    theirs = Claim.objects.filter(workitem__sop_instance_uid=workitem, user=user)
    return theirs.values_list("workitem__transaction_uid", flat=True).first() or ""
