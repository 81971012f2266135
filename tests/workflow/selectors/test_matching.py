"""The keys of filtered subscriptions, PS3.4 Section CC.2.3.1."""

import pytest

from archive.dicom.matching.query_keys import MalformedMatch
from tests.workflow.selectors.searching import path
from tests.workitems import code, workitem
from workflow.selectors.matching import matches, read_filter


def test_a_workitem_is_matched_as_by_a_search():
    keys = read_filter(
        {
            path("WorklistLabel"): ("AI",),
            path("ScheduledStationNameCodeSequence.CodeValue"): ("A",),
            path("ScheduledStationNameCodeSequence.CodingSchemeDesignator"): ("2",),
        }
    )
    station = "ScheduledStationNameCodeSequence"
    meant = workitem(WorklistLabel="AI", **{station: [code("B", scheme="1"), code("A", scheme="2")]})
    apart = workitem(WorklistLabel="AI", **{station: [code("A", scheme="1"), code("B", scheme="2")]})
    assert matches(keys, meant, None)
    assert not matches(keys, apart, None)
    assert not matches(keys, meant | {"00741202": {"vr": "LO"}}, None)


def test_a_filter_says_in_which_zone_its_moments_are():
    start = path("ScheduledProcedureStepStartDateTime")
    keys = read_filter({start: ("20260131091500",), path("TimezoneOffsetFromUTC"): ("+0000",)})
    assert matches(keys, workitem(ScheduledProcedureStepStartDateTime="20260131101500+0100"), 0)
    assert not matches(keys, workitem(ScheduledProcedureStepStartDateTime="20260131091500+0100"), 0)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        pytest.param("TransactionUID", ("1.2",), id="the lock"),
        pytest.param("00001000", ("1.2",), id="group 0000"),
        pytest.param("Modality", ("CT",), id="no attribute of a workitem"),
        pytest.param("ScheduledStationNameCodeSequence.CodeMeaning", ("x",), id="no key of the table"),
        pytest.param("ScheduledStationNameCodeSequence", ("x",), id="a sequence"),
        pytest.param("WorklistLabel", (), id="without a value"),
        pytest.param("WorklistLabel", ("*",), id="what everything meets"),
        pytest.param("ScheduledProcedureStepStartDateTime", ("soon",), id="no moment"),
        pytest.param("TimezoneOffsetFromUTC", ("+0100",), id="a zone alone"),
    ],
)
def test_a_filter_that_would_not_be_what_was_meant_is_refused(name: str, values: tuple[str, ...]):
    with pytest.raises(MalformedMatch):
        read_filter({path(name): values})
