"""Labels made, put on studies and taken off. To do it twice is to do it once."""

import logging
from collections.abc import Collection
from functools import partial
from typing import Any

from django.db.models import Count, QuerySet

from archive import label_names, rows
from archive.audit import trail
from archive.audit.events import Action
from archive.errors import LabelNotFound, TooManyLabels
from archive.models import Label, LabelColor, StudyLabel
from archive.transactions import write

log = logging.getLogger(__name__)

#: More are no help to anybody who looks for one.
MOST = 200


def named(name: str, *, create: bool = False) -> Label:
    """The label of this name, in capitals or not.

    Args:
        create: make it when there is none, of a color that the fewest have.

    Raises:
        MalformedLabel: it is no name.
        LabelNotFound: there is none.
        TooManyLabels: there are too many to make one more.
    """
    cleaned = label_names.clean(name)
    found = Label.objects.filter(name_key=label_names.key(cleaned)).first()
    if found is None and not create:
        raise LabelNotFound
    return found or write(partial(_create, cleaned))


def put_on(label: Label, uids: Collection[str], *, by: Any = None) -> None:
    """Put a label on studies. Those that are not stored any more are left out, and so is the label that is not.

    Args:
        by: the user who does it; None where nobody has signed in.
    """
    _note(label, "put on", write(partial(_put_on, label, uids, by)))


def take_off(label: Label, uids: Collection[str]) -> None:
    """Take a label off studies, from those that have it."""
    _note(label, "taken off", write(partial(_take_off, label, uids)))


def delete(labels: QuerySet[Label]) -> None:
    """Delete labels, and take them off their studies. To be called inside a transaction."""
    # Who puts one on a study meanwhile waits, and finds it gone.
    pks = list(labels.select_for_update().values_list("pk", flat=True))
    StudyLabel.objects.filter(label__in=pks).delete()
    Label.objects.filter(pk__in=pks).delete()
    log.info("deleted labels %s", ", ".join(map(str, pks)))


def _create(name: str) -> Label:
    found = Label.objects.filter(name_key=label_names.key(name)).first()  # somebody else was faster
    if found is not None:
        return found
    colors = dict(Label.objects.order_by().values_list("color").annotate(Count("pk")))
    if sum(colors.values()) >= MOST:
        raise TooManyLabels(MOST)
    return Label.objects.create(name=name, color=min(LabelColor.values, key=lambda color: colors.get(color, 0)))


def _note(label: Label, what: str, uids: Collection[str]) -> None:
    """In the trail and in the log: of studies that are stored, which alone can have labels."""
    if uids:
        trail.note(Action.LABELED, *uids, subject=f"label {label.pk}: {what}")
        log.info("label %d %s studies %s", label.pk, what, ", ".join(uids))


def _put_on(label: Label, uids: Collection[str], by: Any) -> Collection[str]:
    """Returns the UIDs of the studies that have it now."""
    studies = _locked(uids)
    if not Label.objects.filter(pk=label.pk).exists():
        return ()
    put = (StudyLabel(study_id=study, label=label, added_by=by) for study in studies)
    StudyLabel.objects.bulk_create(put, ignore_conflicts=True)
    return studies.values()


def _take_off(label: Label, uids: Collection[str]) -> Collection[str]:
    studies = _locked(uids)
    StudyLabel.objects.filter(label=label, study__in=list(studies)).delete()
    return studies.values()


def _locked(uids: Collection[str]) -> dict[int, str]:
    """By primary key the UIDs of those that are stored, which are not deleted meanwhile."""
    sql = "SELECT id, study_instance_uid FROM archive_study WHERE study_instance_uid IN %s ORDER BY study_instance_uid"
    return dict(rows.select_for_update(sql, tuple(uids), no_key=True)) if uids else {}
