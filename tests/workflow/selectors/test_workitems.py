"""Workitems by UID, and by study."""

import pytest

from tests.workflow import building
from tests.workitems import data_set
from workflow.errors import WorkitemDeleted, WorkitemNotFound
from workflow.models import WorkitemTombstone
from workflow.selectors import workitems

pytestmark = pytest.mark.django_db


def test_a_workitem_is_retrieved_as_it_is_stored():
    row = building.workitem()
    assert workitems.retrieve(row.sop_instance_uid) == row.dicom_json


def test_one_that_was_never_known_is_told_from_one_that_has_been_deleted():
    WorkitemTombstone.objects.create(sop_instance_uid="1.2.3")
    with pytest.raises(WorkitemDeleted):
        workitems.retrieve("1.2.3")
    with pytest.raises(WorkitemNotFound):
        workitems.retrieve("1.2.4")


def test_a_study_has_the_workitems_that_name_it_anywhere_in_the_order_to_do_them():
    study = "1.2.5"
    named = data_set(StudyInstanceUID=study)
    output = data_set(OutputInformationSequence=[data_set(StudyInstanceUID="1.2.6"), named])
    places = [
        ("20260102", {"StudyInstanceUID": study}),
        ("20260101", {"InputInformationSequence": [named]}),
        ("20260104", {"UnifiedProcedureStepPerformedProcedureSequence": [output]}),
        ("20260103", {"ReferencedRequestSequence": [data_set(AccessionNumber="A"), named]}),
    ]
    rows = [building.workitem(ScheduledProcedureStepStartDateTime=start, **place) for start, place in places]
    building.workitem(StudyInstanceUID="1.2.7")
    assert list(workitems.of_study(study)) == [rows[1], rows[0], rows[3], rows[2]]
