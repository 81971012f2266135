"""The keys of filtered subscriptions, PS3.4 Section CC.2.3.1."""

import pytest

from tests.workitems import code, workitem
from workflow.errors import InvalidFilter
from workflow.selectors.global_subscriptions import read


def test_a_workitem_is_matched_as_by_a_search():
    wanted = read(
        {
            "WorklistLabel": ["AI"],
            "ScheduledStationNameCodeSequence.CodeValue": ["A"],
            "ScheduledStationNameCodeSequence.CodingSchemeDesignator": ["2"],
        }
    )
    station = "ScheduledStationNameCodeSequence"
    meant = workitem(WorklistLabel="AI", **{station: [code("B", scheme="1"), code("A", scheme="2")]})
    apart = workitem(WorklistLabel="AI", **{station: [code("A", scheme="1"), code("B", scheme="2")]})
    assert wanted.met_by(meant)
    assert not wanted.met_by(apart)
    assert not wanted.met_by(meant | {"00741202": {"vr": "LO"}})


def test_a_filter_says_in_which_zone_its_moments_are():
    wanted = read({"ScheduledProcedureStepStartDateTime": ["20260131091500"], "TimezoneOffsetFromUTC": ["+0000"]})
    assert wanted.met_by(workitem(ScheduledProcedureStepStartDateTime="20260131101500+0100"))
    assert not wanted.met_by(workitem(ScheduledProcedureStepStartDateTime="20260131091500+0100"))


@pytest.mark.parametrize(
    "written",
    [
        pytest.param({"TransactionUID": ["1.2"]}, id="the lock"),
        pytest.param({"00001000": ["1.2"]}, id="group 0000"),
        pytest.param({"Modality": ["CT"]}, id="no attribute of a workitem"),
        pytest.param({"ScheduledStationNameCodeSequence.CodeMeaning": ["x"]}, id="no key of the table"),
        pytest.param({"ScheduledStationNameCodeSequence": ["x"]}, id="a sequence"),
        pytest.param({"WorklistLabel": []}, id="without a value"),
        pytest.param({"WorklistLabel": ["*"]}, id="what everything meets"),
        pytest.param({"ScheduledProcedureStepStartDateTime": ["soon"]}, id="no moment"),
        pytest.param({"TimezoneOffsetFromUTC": ["+0100"]}, id="a zone alone"),
        pytest.param({"Nothing": ["x"]}, id="no attribute"),
        pytest.param({"WorklistLabel": ["AI"], "00741202": ["AI"]}, id="twice"),
        pytest.param({}, id="no key"),
    ],
)
def test_a_filter_that_would_not_be_what_was_meant_is_refused(written: dict[str, list[str]]):
    with pytest.raises(InvalidFilter):
        read(written)
