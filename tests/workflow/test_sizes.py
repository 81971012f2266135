"""How large a workitem may be, and what is told of it: a small request must not become a large outbox."""

from typing import Any

import orjson
import pytest
from django.conf import LazySettings

from archive.dicom.dicom_json import DataSet
from tests.workitems import code, data_set, workitem
from tests.worklist import LOCK, claimed, created, stored, subscribed_globally, told_briefly
from workflow.errors import InvalidWorkitem
from workflow.services.create import create
from workflow.services.force_cancel import force_cancel
from workflow.services.request_cancellation import request_cancellation
from workflow.services.update import update
from workflow.sizes import MOST_TOLD

pytestmark = pytest.mark.django_db

PERFORMER = data_set(
    HumanPerformerCodeSequence=[code("P")], HumanPerformerName="Somebody", HumanPerformerOrganization="Ward"
)


def private(group: str, length: int) -> DataSet:
    return {
        f"{group}0010": {"vr": "LO", "Value": ["TEST"]},
        f"{group}1001": {"vr": "UT", "Value": ["x" * length]},
    }


def assignment(number: int) -> dict[str, Any]:
    stations = [code(f"S{station}") for station in range(number)]
    return {"ScheduledStationNameCodeSequence": stations, "ScheduledHumanPerformersSequence": [PERFORMER] * number}


def test_stations_are_told_with_every_performer_of_a_workitem_as_far_as_that_is_not_too_much() -> None:
    subscribed_globally()
    create(workitem(**assignment(20)))
    assert told_briefly() == ["1 SCHEDULED", *["5"] * 20]

    with pytest.raises(InvalidWorkitem, match="event reports"):
        create(workitem(**assignment(200)))
    with pytest.raises(InvalidWorkitem, match="event reports"):
        update(created(), data_set(**assignment(200)), transaction_uid=None)


def progress(length: int) -> DataSet:
    return data_set(ProcedureStepProgressInformationSequence=[data_set(ProcedureStepProgressDescription="x" * length)])


def test_progress_that_is_too_much_to_be_told_is_refused() -> None:
    uid = claimed()
    before = stored(uid)
    with pytest.raises(InvalidWorkitem, match="event reports"):
        update(uid, progress(MOST_TOLD), transaction_uid=LOCK)
    assert stored(uid) == before
    update(uid, progress(MOST_TOLD - 1000), transaction_uid=LOCK)


def test_what_is_kept_can_be_canceled_however_much_is_told() -> None:
    uid = claimed()
    update(uid, progress(MOST_TOLD - 1000), transaction_uid=LOCK)
    force_cancel(uid, data_set(ReasonForCancellation="x" * 10_000))
    assert stored(uid)["00741000"]["Value"] == ["CANCELED"]


def test_a_request_to_cancel_that_is_too_much_to_be_told_is_refused() -> None:
    uid = claimed()
    with pytest.raises(InvalidWorkitem, match="event report"):
        request_cancellation(uid, data_set(ReasonForCancellation="x" * MOST_TOLD), requesting_ae="ASKER")


def test_a_workitem_does_not_grow_without_end_by_updates(settings: LazySettings) -> None:
    settings.ARCHIVE_MAX_WORKITEM_SIZE = 10_000
    uid = created()
    update(uid, private("0009", 5_000), transaction_uid=None)
    before = stored(uid)
    with pytest.raises(InvalidWorkitem, match="attributes"):
        update(uid, private("000B", 5_000), transaction_uid=None)
    assert stored(uid) == before
    assert len(orjson.dumps(before)) < 10_000
    update(uid, private("0009", 7_000), transaction_uid=None)
