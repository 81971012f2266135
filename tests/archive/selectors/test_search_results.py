"""Search, PS3.18 Section 10.6: what is returned, page by page."""

from typing import Any

import pytest
from django.conf import LazySettings

from archive.dicom import dicom_json
from archive.models import Instance
from archive.queryable import Level
from archive.selectors.search import ORDERS
from tests import factories
from tests.archive.selectors.searching import INSTANCE, SERIES, STUDY, UIDS, find, found, one, url, values

pytestmark = pytest.mark.django_db


# -- what is returned -----------------------------------------------------------


def test_QIDO_80_and_83_a_study_has_every_usual_attribute_with_or_without_a_value():
    patient = factories.patient(patient_id="", patient_name="")
    study = factories.study(patient=patient, study_date="", study_time="")
    assert one(STUDY) == {
        "00080020": {"vr": "DA"},
        "00080030": {"vr": "TM"},
        "00080050": {"vr": "SH"},
        "00080056": {"vr": "CS", "Value": ["ONLINE"]},
        "00080090": {"vr": "PN"},
        "00081190": {"vr": "UR", "Value": [url(str(study))]},
        "00100010": {"vr": "PN"},
        "00100020": {"vr": "LO"},
        "00100030": {"vr": "DA"},
        "00100040": {"vr": "CS"},
        "0020000D": {"vr": "UI", "Value": [str(study)]},
        "00200010": {"vr": "SH"},
        "00201206": {"vr": "IS", "Value": [0]},
        "00201208": {"vr": "IS", "Value": [0]},
    }


def test_QIDO_81_and_88_a_series_of_a_study(two_instances: tuple[Instance, Instance]):
    series = two_instances[0].series
    study = str(series.study)
    assert one(SERIES, study=study) == {
        "00080060": {"vr": "CS", "Value": ["CT"]},
        "0008103E": {"vr": "LO", "Value": ["Axial 1"]},
        "00081190": {"vr": "UR", "Value": [url(study, str(series))]},
        "0020000D": {"vr": "UI", "Value": [study]},
        "0020000E": {"vr": "UI", "Value": [str(series)]},
        "00200011": {"vr": "IS", "Value": [1]},
        "00201209": {"vr": "IS", "Value": [1]},
        "00400244": {"vr": "DA", "Value": ["20240201"]},
        "00400245": {"vr": "TM", "Value": ["1110"]},
        "00400275": {
            "vr": "SQ",
            "Value": [{"00400009": {"vr": "SH", "Value": ["SPS1"]}, "00401001": {"vr": "SH", "Value": ["RP1"]}}],
        },
    }


def test_QIDO_82_and_88_an_instance_of_a_series():
    instance = factories.instance(rows=0, instance_number=None, timezone_offset_from_utc="+0100")
    uids = (str(instance.series.study), str(instance.series), str(instance))
    assert one(INSTANCE, study=uids[0], series=uids[1]) == {
        "00080016": {"vr": "UI", "Value": ["1.2.840.10008.5.1.4.1.1.2"]},
        "00080018": {"vr": "UI", "Value": [uids[2]]},
        "00080056": {"vr": "CS", "Value": ["ONLINE"]},
        "00080201": {"vr": "SH", "Value": ["+0100"]},
        "00081190": {"vr": "UR", "Value": [url(*uids)]},
        "0020000D": {"vr": "UI", "Value": [uids[0]]},
        "0020000E": {"vr": "UI", "Value": [uids[1]]},
        "00200013": {"vr": "IS"},
        "00280010": {"vr": "US", "Value": [0]},
    }


def test_QIDO_84_searches_across_studies_return_what_is_above_too():
    instance = factories.instance()
    study, series = str(instance.series.study), str(instance.series)
    of_study, of_series = one(STUDY).keys(), one(SERIES, study=study).keys()
    of_instance = one(INSTANCE, study=study, series=series).keys()
    assert one(SERIES).keys() == of_study | of_series
    assert one(INSTANCE, study=study).keys() == of_series | of_instance
    assert one(INSTANCE).keys() == of_study | of_series | of_instance


def test_attributes_are_in_ascending_order():
    factories.instance(data_set={"00080008": {"vr": "CS"}, "7FE00010": {"vr": "OW"}})
    for level in UIDS:
        data_set = one(level, include_all=True)
        assert list(data_set) == sorted(data_set)


def test_a_person_name_is_returned_by_its_groups():
    patient = factories.patient(patient_name="Yamada^Tarou=山田^太郎")
    factories.study(patient=patient, referring_physician_name="==やまだ")
    data_set = one(STUDY)
    assert data_set["00100010"]["Value"] == [{"Alphabetic": "Yamada^Tarou", "Ideographic": "山田^太郎"}]
    assert data_set["00080090"]["Value"] == [{"Phonetic": "やまだ"}]


def test_QIDO_85_keys_are_returned():
    factories.study(study_description="Chest")
    assert "00081030" not in one(STUDY)
    assert one(STUDY, {"StudyDescription": "Ch*"})["00081030"] == {"vr": "LO", "Value": ["Chest"]}
    assert one(STUDY, {"IssuerOfPatientID": ""})["00100021"] == {"vr": "LO"}, "QIDO-35"


@pytest.fixture
def metadata() -> Instance:
    return factories.instance(
        data_set={
            "00080008": {"vr": "CS", "Value": ["ORIGINAL"]},
            "00081030": {"vr": "LO", "Value": ["not from here"]},
            "00101010": {"vr": "AS", "Value": ["030Y"]},
            "00180015": {"vr": "CS", "Value": ["CHEST"]},
        }
    )


def test_QIDO_60_and_63_attributes_of_the_level_are_included_and_those_below_are_not(metadata: Instance):
    fields = ["PatientAge", "BodyPartExamined", "ImageType", "StudyDescription"]
    seen = {}
    for level in UIDS:
        data_set = values(one(level, include=fields))
        seen[level] = [data_set.get(tag) for tag in ("00101010", "00180015", "00080008")]
        assert data_set["00081030"] is None, "the study's own row says so"
    assert seen[STUDY] == [["030Y"], None, None]
    assert seen[SERIES] == [["030Y"], ["CHEST"], None]
    assert seen[INSTANCE] == [["030Y"], ["CHEST"], ["ORIGINAL"]]


def test_QIDO_64_an_attribute_of_a_higher_level_is_included(metadata: Instance):
    study = str(metadata.series.study)
    assert one(SERIES, include=["PatientID"], study=study)["00100020"]["Value"] == [
        metadata.series.study.patient.patient_id
    ]


def test_QIDO_61_all_is_what_the_level_and_those_above_have(metadata: Instance):
    tags = {"00101010", "00180015", "00080008"}
    assert one(STUDY, include_all=True).keys() & tags == {"00101010"}
    assert one(SERIES, include_all=True).keys() & tags == {"00101010", "00180015"}
    assert one(INSTANCE, include_all=True).keys() >= tags | {"00083002", "00201206"}


def test_QIDO_61_bulk_data_is_included_by_reference():
    stored = {"7FE00010": dicom_json.bulk("OW", "7FE00010")}
    instance = factories.instance(data_set=stored)
    uids = (str(instance.series.study), str(instance.series), str(instance))
    data_set = one(INSTANCE, include=["PixelData"])
    assert data_set["7FE00010"] == {"vr": "OW", "BulkDataURI": f"{url(*uids)}/bulkdata/7FE00010"}


def test_QIDO_65_and_66_what_nobody_has_is_not_included(metadata: Instance):
    included = one(INSTANCE, include=["00231001", "PatientSize"], creators={"00230010": "ACME"})
    assert included == one(INSTANCE)


def test_the_first_instance_speaks_for_its_series_and_study():
    series = factories.series()
    for number, age in ((2, "002Y"), (1, "001Y")):
        factories.instance(series, instance_number=number, data_set={"00101010": {"vr": "AS", "Value": [age]}})
    factories.instance(factories.series(series.study), data_set={"00101010": {"vr": "AS", "Value": ["003Y"]}})
    assert one(STUDY, include=["PatientAge"])["00101010"]["Value"] == ["001Y"]
    assert values(next(find(SERIES, include=["PatientAge"]).data_sets))["00101010"] == ["001Y"]


def test_a_series_without_instances_is_found_all_the_same():
    factories.series()
    assert "00101010" not in one(SERIES, include=["PatientAge"])
    assert "00101010" not in one(STUDY, include=["PatientAge"])


# -- pages ----------------------------------------------------------------------


def test_QIDO_67_and_69_a_page_and_what_remains_after_it():
    for _ in range(5):
        factories.study()
    page = find(STUDY, limit=2, offset=1)
    assert (page.count, page.remaining) == (2, 2)
    assert (find(STUDY, limit=2, offset=3).count, find(STUDY, limit=2, offset=3).remaining) == (2, 0)
    assert (find(STUDY, limit=0).count, find(STUDY, limit=0).remaining) == (0, 5)
    assert (find(STUDY, offset=10**15).count, find(STUDY, offset=10**15).remaining) == (0, 0)


def test_QIDO_68_the_server_has_a_limit_of_its_own(settings: LazySettings):
    settings.ARCHIVE_MAX_RESULTS = 2
    for _ in range(3):
        factories.study()
    assert (find(STUDY).count, find(STUDY, limit=100).count) == (2, 2)
    assert find(STUDY, limit=100).remaining == 1


@pytest.mark.parametrize(("level", "total"), [(STUDY, 9), (SERIES, 18), (INSTANCE, 18)])
def test_QIDO_71_and_72_pages_hold_every_match_once(level: Level, total: int):
    for _ in range(9):
        study = factories.study(referring_physician_name="Doe^John Doe")
        for _ in range(2):
            factories.instance(factories.series(study, series_number=1))
    keys = {"ModalitiesInStudy": "C*", "PatientName": "*", "ReferringPhysicianName": "*o*"}
    pages = [found(level, keys, limit=4, offset=offset) for offset in range(0, total, 4)]
    assert all(len(page) == 4 for page in pages[:-1])
    assert len({uid for page in pages for uid in page}) == sum(map(len, pages)) == total


def test_studies_come_newest_first_and_the_rest_in_order():
    old, new = factories.study(study_date="20200101"), factories.study(study_date="20210101")
    assert found(STUDY) == [str(new), str(old)]
    second, first = factories.series(old, series_number=2), factories.series(old, series_number=1)
    assert found(SERIES, study=str(old)) == [str(first), str(second)]
    b, a = factories.instance(first, instance_number=10), factories.instance(first, instance_number=9)
    assert found(INSTANCE, study=str(old), series=str(first)) == [str(a), str(b)]


def test_QIDO_71_every_order_ends_with_something_unique():
    assert {order[-1].removeprefix("-") for order in ORDERS.values()} == {"id"}


@pytest.mark.parametrize(("level", "queries"), [(STUDY, 1), (SERIES, 2), (INSTANCE, 2)])
def test_a_search_takes_as_many_queries_for_one_match_as_for_many(
    level: Level, queries: int, django_assert_num_queries: Any
):
    for _ in range(3):
        factories.instance()
    with django_assert_num_queries(queries):
        assert len(list(find(level).data_sets)) == 3
