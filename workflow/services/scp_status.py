"""SCP Status Change (PS3.4 Table CC.2.4-1): the archive has started, or is about to stop."""

from collections.abc import Collection
from functools import partial

import orjson
from django.conf import settings
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from workflow.event_reports import EventReport, scp_status_change
from workflow.models import ApplicationEntity, Event, GlobalSubscription, Subscription
from workflow.services.publish import Addressed, publish
from workflow.services.transaction import change


def announce(status: str, ae_titles: Collection[str] | None = None) -> None:
    """Report the status once to every AE that has any subscription, and to those of `ARCHIVE_UPS_FALLBACK_AES`.

    Who comes back late does not find the same status several times in a row.

    Args:
        status: `event_reports.RESTARTED` or `event_reports.GOING_DOWN`.
        ae_titles: nobody but these; None for all.
    """
    # Alone, so that two processes that say the same at the same time say it once.
    change(partial(_announce, scp_status_change(status), ae_titles), alone=True)


def _announce(report: EventReport, ae_titles: Collection[str] | None) -> None:
    for ae_title in settings.ARCHIVE_UPS_FALLBACK_AES:
        ApplicationEntity.objects.get_or_create(ae_title=ae_title)
    told = _to_be_told()
    if ae_titles is not None:
        told = told.filter(ae_title__in=ae_titles)
    publish([Addressed(report, set(told.values_list("pk", flat=True)) - _waiting_for(report))])


def _to_be_told() -> QuerySet[ApplicationEntity]:
    subscriptions, standing = (
        model.objects.filter(subscriber=OuterRef("pk")) for model in (Subscription, GlobalSubscription)
    )
    fallback = Q(ae_title__in=settings.ARCHIVE_UPS_FALLBACK_AES)
    return ApplicationEntity.objects.filter(Exists(subscriptions) | Exists(standing) | fallback)


def _waiting_for(report: EventReport) -> set[int]:
    """Those whose newest event says just this and has not been sent yet."""
    newest = Event.objects.filter(
        type=report.type,
        sequence=F("subscriber__last_sequence"),
        sequence__gt=F("subscriber__delivered_sequence"),
    )
    said = orjson.dumps(report.attributes)
    return {event.subscriber_id for event in newest if bytes(event.dicom_json) == said}
