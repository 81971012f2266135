"""The worklist of the demo: its steps, by the services that clients use, who follows them, and a rule."""

from contextlib import suppress

from django.db.models import Q
from django.utils import timezone

from archive import rows
from archive.dicom.demo.identifiers import ROOT
from workflow.demo_workitems import (
    ALGORITHM,
    RULE_FILTER,
    RULE_NAME,
    WORKSTATION,
    DemoWorkitem,
    rule_template,
    workitems,
)
from workflow.errors import DuplicateWorkitem, FilterRefused, UnknownSubscriber
from workflow.models import ApplicationEntity, RuleFiring, Workitem, WorkitemRule, WorkitemTombstone
from workflow.services.change_state import change_state
from workflow.services.create import create
from workflow.services.purge import ROWS
from workflow.services.request_cancellation import request_cancellation
from workflow.services.rules import root
from workflow.services.subscribe import subscribe_globally
from workflow.services.transaction import change
from workflow.services.update import update
from workflow.states import CANCELED, IN_PROGRESS, SCHEDULED

_STATION_CODE = "ScheduledStationNameCodeSequence.CodeValue"
_OF_DEMO = Q(sop_instance_uid__startswith=f"{ROOT}.")


def prepare() -> None:
    """Subscribe the AEs of the demo and make its rule, which fires for studies that come later."""
    WorkitemRule.objects.get_or_create(name=RULE_NAME, defaults={"filter": RULE_FILTER, "template": rule_template()})
    known = set(ApplicationEntity.objects.values_list("ae_title", flat=True))
    # An archive may be closed to AEs that it does not know, and have no filtered subscriptions.
    with suppress(UnknownSubscriber, FilterRefused):
        if WORKSTATION not in known:
            subscribe_globally(WORKSTATION, deletion_lock=False)
        if ALGORITHM not in known:
            subscribe_globally(ALGORITHM, deletion_lock=False, filter={_STATION_CODE: [ALGORITHM]})


def seed(*, coarseness: int = 1) -> int:
    """Create the workitems that there are not, and take them to their states. Returns how many they were.

    Args:
        coarseness: of the studies that are stored (see `archive.dicom.demo.catalogue`).
    """
    return sum(_seed(workitem) for workitem in workitems(timezone.now(), root(), coarseness=coarseness))


def _seed(workitem: DemoWorkitem) -> bool:
    """What is there, or was, stays as it is: somebody may have gone on with it."""
    try:
        create(workitem.data_set, sop_instance_uid=workitem.uid)
    except DuplicateWorkitem:
        return False
    _perform(workitem)
    return True


def _perform(workitem: DemoWorkitem) -> None:
    if workitem.state == SCHEDULED:
        return
    if workitem.state == CANCELED:
        request_cancellation(workitem.uid, workitem.canceled, requesting_ae=WORKSTATION)
        return
    lock = workitem.transaction_uid
    change_state(workitem.uid, IN_PROGRESS, transaction_uid=lock)
    update(workitem.uid, workitem.progress | workitem.performed, transaction_uid=lock)
    if workitem.state != IN_PROGRESS:
        change_state(workitem.uid, workitem.state, transaction_uid=lock)


def discard() -> int:
    """Remove the workitems of the demo, those that its rule has created, the rule and the AEs. Returns how many
    workitems they were. No trace stays, so that the same can be created again.
    """
    number = change(_discard_workitems)
    WorkitemRule.objects.filter(name=RULE_NAME).delete()
    ApplicationEntity.objects.filter(ae_title__in=(ALGORITHM, WORKSTATION)).delete()
    return number


def _discard_workitems() -> int:
    fired = RuleFiring.objects.filter(rule__name=RULE_NAME).values("sop_instance_uid")
    ours = _OF_DEMO | Q(sop_instance_uid__in=fired)
    found = list(Workitem.objects.filter(ours).order_by("pk").values_list("pk", flat=True))
    for table, column in ROWS if found else ():
        rows.execute(f"DELETE FROM {table} WHERE {column} IN %s", tuple(found))  # noqa: S608
    WorkitemTombstone.objects.filter(ours).delete()
    return len(found)
