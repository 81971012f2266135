"""What PS3.4 Table CC.2.5-3 asks of the items of sequences, row by row: each is taken from a workitem that has all."""

import pytest

from tests.full_workitems import full_update, full_workitem
from tests.workflow.checking import MISSING, NOT_ALLOWED, OTHER_VALUE, WITHOUT_VALUE, created, problems, updated
from tests.workflow.published import ROWS, emptied, places, without
from tests.workitems import code, data_set, element, performed, performer, tag, workitem

strictly = pytest.mark.parametrize("strict", [False, True], ids=["lenient", "strict"])

EVERYTHING = full_workitem()
ALL_CHANGES = full_update()
CREATED_ITEMS = [place for place in places(EVERYTHING) if place.steps]
UPDATED_ITEMS = [place for place in places(ALL_CHANGES) if place.steps]
#: A new workitem has them empty, or an update does not have them: nothing in them counts.
CREATED_EMPTY = ("ProcedureStepProgressInformationSequence.", "UnifiedProcedureStepPerformedProcedureSequence.")


def of_type(found, column, *codes):
    """Those with one of these codes; content items have values by their Value Type, whatever the code."""
    return [
        pytest.param(place, id=place.name)
        for place in found
        if place.cells[column] in codes and not place.cells["condition"].startswith("ValueType")
    ]


# -- created ---------------------------------------------------------------------


@pytest.mark.parametrize("code", ["1/1", "2/2", "3/1", "1C/1", "2C/2C"])
def test_all_nested_rows_of_a_new_workitem_are_looked_at(code):
    unreachable = {"HL7InstanceIdentifier", "ReferencedFrameNumber", "ReferencedSegmentNumber"}
    of_other_categories = {"SexParametersForClinicalUseCategoryComment", "SexParametersForClinicalUseCategoryReference"}
    expected = {
        cells["path"]
        for cells in ROWS
        if cells["create"] == code and "." in cells["path"] and not cells["path"].startswith(CREATED_EMPTY)
        if cells["path"].rpartition(".")[2] not in unreachable | of_other_categories
    }
    assert expected <= {place.cells["path"] for place in CREATED_ITEMS}


@pytest.mark.parametrize("code", ["1/1", "2/2", "3/1", "3/2", "1C/1"])
def test_all_nested_rows_of_an_update_are_looked_at(code):
    forbidden = {f"{cells['path']}." for cells in ROWS if cells["set"] == "NA"}
    unreachable = {"HL7InstanceIdentifier", "ReferencedFrameNumber", "ReferencedSegmentNumber"}
    expected = {
        cells["path"]
        for cells in ROWS
        if cells["set"] == code and "." in cells["path"] and not cells["path"].startswith(tuple(forbidden))
        if cells["path"].rpartition(".")[2] not in unreachable
    }
    assert expected <= {place.cells["path"] for place in UPDATED_ITEMS}


@strictly
@pytest.mark.parametrize("place", of_type(CREATED_ITEMS, "create", "1/1"))
def test_what_an_item_has_to_have_is_missed(place, strict):
    assert problems(created, without(EVERYTHING, place), strict=strict) == {place.name: MISSING}


@strictly
@pytest.mark.parametrize("place", of_type(CREATED_ITEMS, "create", "1/1"))
def test_what_an_item_has_to_have_cannot_be_empty(place, strict):
    assert problems(created, emptied(EVERYTHING, place), strict=strict) == {place.name: WITHOUT_VALUE}


@pytest.mark.parametrize("place", of_type(CREATED_ITEMS, "create", "2/2"))
def test_what_has_to_be_there_in_an_item_is_filled_in_or_missed(place):
    incomplete = without(EVERYTHING, place)
    checked = created(incomplete)
    assert checked.modified
    assert place.item(checked.data_set)[place.tag] == {"vr": place.cells["vr"]}
    assert problems(created, incomplete, strict=True) == {place.name: MISSING}


@strictly
@pytest.mark.parametrize("place", of_type(CREATED_ITEMS, "create", "2/2", "3/2", "3/3"))
def test_what_may_be_empty_in_an_item_may_be_empty(place, strict):
    checked = created(emptied(EVERYTHING, place), strict=strict)
    assert place.item(checked.data_set)[place.tag] == {"vr": place.cells["vr"]}


@strictly
@pytest.mark.parametrize("place", of_type(CREATED_ITEMS, "create", "3/1"))
def test_what_is_optional_in_an_item_has_a_value_if_it_is_there(place, strict):
    assert problems(created, emptied(EVERYTHING, place), strict=strict) == {place.name: WITHOUT_VALUE}
    assert not created(without(EVERYTHING, place), strict=strict).modified


def test_an_empty_item_is_none():
    """Some senders have one where they mean that a sequence is empty."""
    checked = created(workitem(ScheduledStationNameCodeSequence=[{}, code("AIALG"), {}], OtherPatientIDsSequence=[{}]))
    assert checked.modified
    assert checked.data_set[tag("ScheduledStationNameCodeSequence")]["Value"] == [code("AIALG")]
    assert checked.data_set[tag("OtherPatientIDsSequence")] == element("OtherPatientIDsSequence", [])


def test_problems_name_the_item():
    given = workitem(ScheduledHumanPerformersSequence=[performer(), data_set(HumanPerformerName="Read^Er")])
    assert problems(created, given) == {
        "ScheduledHumanPerformersSequence[2].HumanPerformerCodeSequence": MISSING,
        "ScheduledHumanPerformersSequence[2].HumanPerformerOrganization": MISSING,
    }


# -- updated ---------------------------------------------------------------------


@pytest.mark.parametrize("place", of_type(UPDATED_ITEMS, "set", "1/1"))
def test_what_an_updated_item_has_to_have(place):
    assert problems(updated, without(ALL_CHANGES, place)) == {place.name: MISSING}
    assert problems(updated, emptied(ALL_CHANGES, place)) == {place.name: WITHOUT_VALUE}


@pytest.mark.parametrize("place", of_type(UPDATED_ITEMS, "set", "3/1"))
def test_what_is_optional_in_an_updated_item_has_a_value_if_it_is_there(place):
    assert problems(updated, emptied(ALL_CHANGES, place)) == {place.name: WITHOUT_VALUE}
    assert not updated(without(ALL_CHANGES, place)).modified


@pytest.mark.parametrize("place", of_type(UPDATED_ITEMS, "set", "2/2", "3/2", "3/3"))
def test_what_may_be_empty_in_an_updated_item_may_be_empty(place):
    checked = updated(emptied(ALL_CHANGES, place))
    assert not checked.modified
    assert place.item(checked.data_set)[place.tag] == {"vr": place.cells["vr"]}


def test_what_has_to_be_there_in_an_updated_item_is_filled_in():
    media = [place for place in UPDATED_ITEMS if place.tag == tag("StorageMediaFileSetID")]
    assert len(media) == 3
    for place in media:
        checked = updated(without(ALL_CHANGES, place))
        assert checked.modified
        assert place.item(checked.data_set)[place.tag] == element("StorageMediaFileSetID", [])


def test_that_there_is_no_output_is_for_the_performer_to_say():
    checked = updated(performed(OutputInformationSequence=None))
    assert not checked.modified
    (item,) = checked.data_set[tag("UnifiedProcedureStepPerformedProcedureSequence")]["Value"]
    assert tag("OutputInformationSequence") not in item


@pytest.mark.parametrize("keyword", ["IssuerOfPatientID", "IssuerOfPatientIDQualifiersSequence"])
def test_what_an_updated_item_cannot_have(keyword):
    given = data_set(OtherPatientIDsSequence=[data_set(PatientID="ID-2", **{keyword: []})])
    assert problems(updated, given) == {f"OtherPatientIDsSequence[1].{keyword}": NOT_ALLOWED}


def test_there_is_one_item_of_progress_information():
    """PS3.3 Section C.30.1."""
    several = element("ProcedureStepProgressInformationSequence", [data_set(ProcedureStepProgress="1")] * 2)
    assert problems(updated, {"00741002": several}) == {"ProcedureStepProgressInformationSequence": OTHER_VALUE}
