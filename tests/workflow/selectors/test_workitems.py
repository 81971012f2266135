"""Workitems by UID, and by study."""

import pytest

from tests.workflow import building
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
    uid = {"0020000D": building.element("UI", study)}
    later = building.workitem(uid, start="20260102")
    as_input = building.workitem({"00404021": building.element("SQ", uid)}, start="20260101")
    requested = building.workitem({"0040A370": building.element("SQ", {}, uid)}, start="20260103")
    output = building.element("SQ", {"00404033": building.element("SQ", uid)})
    made = building.workitem({"00741216": output}, start="20260104")
    building.workitem()
    assert list(workitems.of_study(study)) == [as_input, later, requested, made]
