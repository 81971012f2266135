"""Keys matched in the data sets themselves, where columns and indexed values cannot say all that is asked."""

from collections.abc import Iterator, Sequence

import orjson
from django.conf import settings
from django.db.models import QuerySet

from archive.dicom.dicom_json import DataSet
from archive.errors import SearchTooBroad
from workflow.models import Workitem
from workflow.selectors.keys import SearchKeys

#: So many data sets are read at once.
BATCH = 200
NARROWER = "ProcedureStepState, ScheduledProcedureStepStartDateTime, a code of a station, or PatientID"


def scan(candidates: QuerySet[Workitem], search: SearchKeys) -> list[int]:
    """The primary keys of the candidates whose data sets meet the keys, in the order of the candidates.

    Raises:
        SearchTooBroad: there are more candidates than one search may look at.
    """
    most = settings.ARCHIVE_MAX_SCANNED
    pks = list(candidates.values_list("pk", flat=True)[: most + 1])
    if len(pks) > most:
        raise SearchTooBroad(most, NARROWER)
    return [pk for pk, data_set in data_sets(pks) if search.met_by(data_set)]


def data_sets(pks: Sequence[int]) -> Iterator[tuple[int, DataSet]]:
    """The data sets of these workitems in this order, without those that have been deleted meanwhile."""
    for start in range(0, len(pks), BATCH):
        batch = pks[start : start + BATCH]
        read = dict(Workitem.objects.filter(pk__in=batch).values_list("pk", "dicom_json"))
        yield from ((pk, orjson.loads(read[pk])) for pk in batch if pk in read)
