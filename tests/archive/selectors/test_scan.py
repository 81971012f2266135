"""Keys without a column: matched against the stored metadata of what the columns leave over."""

from typing import Any

import pytest
from django.conf import LazySettings

from archive.dicom.matching.query_keys import Reading
from archive.errors import SearchTooBroad
from archive.models import Instance, InstanceMetadata
from archive.queryable import Level
from archive.selectors.metadata import BATCH
from tests import factories
from tests.archive.selectors.searching import INSTANCE, SERIES, STUDY, find, found, one

pytestmark = pytest.mark.django_db


def lo(*values: Any, vr: str = "LO") -> dict[str, Any]:
    return {"vr": vr, "Value": list(values)}


def code(value: str, scheme: str) -> dict[str, Any]:
    return {"00080100": lo(value, vr="SH"), "00080102": lo(scheme, vr="SH")}


def with_metadata(**values: str) -> Instance:
    """An instance, of a study of its own, whose metadata has these attributes with a value of VR LO each."""
    tags = {"age": "00101010", "body_part": "00180015", "image_type": "00080008"}
    return factories.instance(data_set={tags[name]: lo(value) for name, value in values.items()})


@pytest.fixture
def chest() -> Instance:
    with_metadata(age="040Y", body_part="HEAD", image_type="DERIVED")
    return with_metadata(age="030Y", body_part="CHEST", image_type="ORIGINAL")


@pytest.mark.parametrize(
    ("key", "value", "own_level"),
    [("PatientAge", "030Y", STUDY), ("BodyPartExamined", "CH*", SERIES), ("ImageType", "ORIGINAL", INSTANCE)],
)
def test_QIDO_21_an_attribute_without_a_column_is_matched_at_its_level_and_below(
    chest: Instance, key: str, value: str, own_level: Level
):
    uids = {STUDY: str(chest.series.study), SERIES: str(chest.series), INSTANCE: str(chest)}
    for level, uid in uids.items():
        if level >= own_level:
            assert found(level, {key: value}) == [uid]
            assert found(level, {key: "nothing"}) == []


def test_QIDO_16_keys_with_and_without_columns_are_met_together(chest: Instance):
    patient = chest.series.study.patient.patient_id
    assert found(SERIES, {"BodyPartExamined": "CHEST", "PatientID": patient}) == [str(chest.series)]
    assert found(SERIES, {"BodyPartExamined": "HEAD", "PatientID": patient}) == []
    assert found(SERIES, {"BodyPartExamined": "CHEST"}, study=str(chest.series.study)) == [str(chest.series)]
    assert found(SERIES, {"BodyPartExamined": "CHEST"}, study="1.2.3") == [], "QIDO-08"


def test_QIDO_85_what_was_matched_in_the_metadata_is_returned(chest: Instance):
    assert one(SERIES, {"BodyPartExamined": "CHEST"})["00180015"]["Value"] == ["CHEST"]
    keys = {"PatientID": chest.series.study.patient.patient_id, "BodyPartExamined": "", "KVP": "", "Laterality": ""}
    data_set = one(INSTANCE, keys)
    assert data_set["00180015"]["Value"] == ["CHEST"], "QIDO-35"
    assert (data_set["00180060"], data_set["00200060"]) == ({"vr": "DS"}, {"vr": "CS"}), "QIDO-35"


def test_QIDO_34_universal_keys_scan_nothing(chest: Instance, settings: LazySettings):
    settings.ARCHIVE_MAX_SCANNED = 1
    assert len(found(SERIES, {"BodyPartExamined": "*", "KVP": ""})) == 2


def test_the_first_instance_speaks_for_its_series_and_study():
    series = factories.series()
    for number, part in ((2, "HEAD"), (1, "CHEST")):
        factories.instance(series, instance_number=number, data_set={"00180015": lo(part), "00101010": lo(part)})
    assert found(SERIES, {"BodyPartExamined": "CHEST"}) == [str(series)]
    assert found(SERIES, {"BodyPartExamined": "HEAD"}) == []
    assert found(STUDY, {"PatientAge": "CHEST"}) == [str(series.study)]
    assert len(found(INSTANCE, {"BodyPartExamined": "HEAD"})) == 1, "an instance speaks for itself"


def test_what_has_no_instances_meets_no_key_but_an_empty_one():
    series = factories.series()
    assert found(SERIES, {"BodyPartExamined": "?*"}) == []
    assert found(SERIES, {"BodyPartExamined": '""'}, reading=Reading(empty_values=True)) == [str(series)]


def test_QIDO_13_and_46_sequences_at_any_depth():
    deep = {"0040A730": lo({"00080100": lo("x"), "0040A730": lo(code("A", "DCM"), code("B", "SCT"), vr="SQ")}, vr="SQ")}
    instance = factories.instance(data_set=deep)
    inner = "ContentSequence.0040A730"
    assert found(INSTANCE, {f"{inner}.CodeValue": "A", f"{inner}.CodingSchemeDesignator": "DCM"}) == [str(instance)]
    assert found(INSTANCE, {f"{inner}.CodeValue": "A", f"{inner}.CodingSchemeDesignator": "SCT"}) == []
    assert found(INSTANCE, {f"{inner}.CodeValue": "B", "ContentSequence.CodeValue": "x"}) == [str(instance)]


def test_QIDO_46_an_item_has_to_meet_the_keys_with_columns_and_those_without():
    items = [{"00400009": lo("S1"), "00400007": lo("left")}, {"00400009": lo("S2"), "00400007": lo("right")}]
    rows = [{"scheduled_procedure_step_id": "S1"}, {"scheduled_procedure_step_id": "S2"}]
    series = factories.series(request_attributes=rows)
    factories.instance(series, data_set={"00400275": lo(*items, vr="SQ")})
    step, description = (f"RequestAttributesSequence.ScheduledProcedureStep{name}" for name in ("ID", "Description"))
    assert found(SERIES, {step: "S1", description: "left"}) == [str(series)]
    assert found(SERIES, {step: "S1", description: "right"}) == []
    assert one(SERIES, {description: "left"})["00400275"]["Value"] == items, "QIDO-85"


def test_QIDO_20_and_65_private_attributes_of_instances_come_with_their_creator():
    metadata = {"00230042": lo("ACME"), "00234201": lo("gold"), "00234202": lo("secret")}
    instance = factories.instance(data_set=metadata)
    factories.instance(data_set={"00230010": lo("OTHER"), "00231001": lo("gold")})
    creators = {"00230010": "ACME"}
    data_set = one(INSTANCE, {"00231001": "g?ld"}, creators=creators)
    assert data_set["00080018"]["Value"] == [str(instance)]
    assert {tag: element for tag, element in data_set.items() if tag[:4] == "0023"} == {
        "00230042": lo("ACME"),
        "00234201": lo("gold"),
    }
    included = list(find(INSTANCE, include=["00231001"], creators=creators).data_sets)
    assert [data_set.get("00234201") for data_set in included] == [lo("gold"), None]


def test_QIDO_52_and_53_and_50_hold_in_the_metadata_too():
    metadata = {"00080008": lo("ORIGINAL", "PRIMARY", vr="CS"), "00081070": lo({"Alphabetic": "Schmidt^A"}, vr="PN")}
    instance = factories.instance(data_set=metadata)
    factories.instance(data_set={"00080008": lo("ORIGINAL", vr="CS"), "00080080": lo("St. Anna")})
    several, empty, fuzzy = Reading(multiple_values=True), Reading(empty_values=True), Reading(fuzzy=True)
    assert found(INSTANCE, {"ImageType": "PRIMARY\\ORIGINAL"}, reading=several) == [str(instance)]
    assert found(INSTANCE, {"InstitutionName": '""'}, reading=empty) == [str(instance)]
    assert found(INSTANCE, {"OperatorsName": "smith"}, reading=fuzzy) == [str(instance)]


def test_QIDO_42_and_48_zones_hold_in_the_metadata_too():
    metadata = {
        "00080201": lo("+0900"),
        "0008002A": lo("20240131003000"),
        "00080023": lo("20240131"),
        "00080033": lo("0030"),
    }
    factories.instance(data_set=metadata)
    in_utc = {"TimezoneOffsetFromUTC": "+0000"}
    for keys in ({"AcquisitionDateTime": "20240130"}, {"AcquisitionDateTime": "20240131003000"}):
        assert found(INSTANCE, keys | in_utc) == []
    assert len(found(INSTANCE, {"AcquisitionDateTime": "20240130-20240130"} | in_utc)) == 1
    assert len(found(INSTANCE, {"AcquisitionDateTime": "20240130153000+0000"})) == 1
    assert len(found(INSTANCE, {"ContentDate": "20240130", "ContentTime": "1530"} | in_utc)) == 1


def test_QIDO_93_a_search_that_would_have_to_look_at_too_much_is_too_broad(settings: LazySettings):
    settings.ARCHIVE_MAX_SCANNED = 3
    instances = [with_metadata(body_part="CHEST") for _ in range(4)]
    with pytest.raises(SearchTooBroad, match="3 candidates"):
        find(SERIES, {"BodyPartExamined": "CHEST"})
    patient = instances[0].series.study.patient.patient_id
    assert found(SERIES, {"BodyPartExamined": "CHEST", "PatientID": patient}) == [str(instances[0].series)]


@pytest.mark.parametrize("limit", [1, 7, BATCH, BATCH + 1])
def test_QIDO_71_pages_of_a_scan_hold_every_match_once(limit: int):
    total = BATCH + 10
    series = factories.series()
    metadata = [factories.compressed({"00080008": lo(kind)}) for kind in ("LOCALIZER", "AXIAL")]
    rows = Instance.objects.bulk_create(
        Instance(series=series, sop_instance_uid=factories.uid(), blob_key=factories.uid(), instance_number=1, size=1)
        for _ in range(2 * total)
    )
    InstanceMetadata.objects.bulk_create(
        InstanceMetadata(instance=row, dicom_json=metadata[number % 2]) for number, row in enumerate(rows)
    )
    offsets = range(0, total, limit) if limit > 1 else (0, 1, total - 1)
    pages = [find(INSTANCE, {"ImageType": "AXIAL"}, limit=limit, offset=offset) for offset in offsets]
    assert [page.remaining for page in pages] == [max(total - offset - limit, 0) for offset in offsets], "QIDO-69"
    uids = [data_set["00080018"]["Value"][0] for page in pages for data_set in page.data_sets]
    assert len(set(uids)) == len(uids) == (total if limit > 1 else 3)
    assert find(INSTANCE, {"ImageType": "AXIAL"}, offset=total).count == 0, "QIDO-70"


def test_a_match_that_is_deleted_meanwhile_leaves_a_gap_and_no_error(chest: Instance, monkeypatch: pytest.MonkeyPatch):
    series = chest.series.pk
    monkeypatch.setattr("archive.selectors.search.scan", lambda *arguments: [series, series + 1000])
    assert found(SERIES, {"BodyPartExamined": "CHEST"}) == [str(chest.series)]
