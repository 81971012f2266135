"""What the worklist does in the background. Each may be run again, and by several at once; beat sends it often enough
that none is tried again by itself.
"""

from celery import shared_task
from django.utils import timezone

from workflow.services import outbox, purge, rules


@shared_task(autoretry_for=())
def fire_rules() -> None:
    """Each rule is a task of its own: one that fails stops no other."""
    rules.pass_over(timezone.now())
    for pk in rules.enabled():
        fire_rule.apply_async((pk,), expires=EXPIRES)


@shared_task(autoretry_for=())
def fire_rule(pk: int) -> None:
    rules.fire(pk, timezone.now())


@shared_task(autoretry_for=())
def purge_workitems() -> None:
    purge.purge(timezone.now())


@shared_task(autoretry_for=())
def prune_events() -> None:
    outbox.prune()


#: Seconds after which nobody waits for a rule to be fired: it will have been sent again.
EXPIRES = 60
