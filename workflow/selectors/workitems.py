"""Workitems by their UIDs, and by the studies that they are about."""

import orjson
from django.db.models import QuerySet

from archive.dicom.dicom_json import DataSet
from workflow.missing import missing
from workflow.models import IndexedValue, Workitem
from workflow.queryable import study_paths


def retrieve(workitem: str) -> bytes:
    """The data set in the DICOM JSON Model, UTF-8 (PS3.18 Section 11.5).

    Raises:
        WorkitemNotFound, WorkitemDeleted
    """
    stored = Workitem.objects.filter(sop_instance_uid=workitem).values_list("dicom_json", flat=True).first()
    if stored is None:
        raise missing(workitem)
    return bytes(stored)


def data_set_of(workitem: str) -> DataSet:
    """The data set of a workitem.

    Raises:
        WorkitemNotFound, WorkitemDeleted
    """
    data_set: DataSet = orjson.loads(retrieve(workitem))
    return data_set


def of_study(study_instance_uid: str) -> QuerySet[Workitem]:
    """The workitems that are about a study, in the order in which they are to be done: it was requested, is their
    input, or came out of them.
    """
    named = IndexedValue.objects.filter(path__in=study_paths(), value=study_instance_uid)
    return Workitem.objects.filter(pk__in=named.values("workitem_id")).order_by(
        "scheduled_procedure_step_start_date_time", "sop_instance_uid"
    )
