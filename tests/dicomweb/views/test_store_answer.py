"""The Store Instances Response Module, and instances that are stored already (PS3.18 Section 10.5.3)."""

import re
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.test import Client
from pydicom.uid import (
    generate_uid,
)

from archive.dicom.metadata import native_xml_reader, received_model
from archive.models import Instance, Series, Study
from tests.builders import instance, part10
from tests.dicomweb.answers import payloads, values
from tests.dicomweb.stores import (
    CANNOT_UNDERSTAND,
    DICOM_JSON,
    DUPLICATE,
    NOT_MATCHING,
    STUDIES,
    STUDY_MISMATCH,
    failed_items,
    of_study,
    other_failures,
    post,
    stored_items,
)
from tests.storing import stored

pytestmark = pytest.mark.django_db


# -- A.4 the answer --------------------------------------------------------------


@pytest.mark.parametrize(
    "headers",
    [{}, {"accept": "*/*"}, {"accept": DICOM_JSON}, {"accept": "application/*"}, {"accept": "application/json"}],
)
def test_STOW_60_STOW_63_STOW_65_the_answer_is_one_json_object_of_exactly_this_type(archive, headers):
    """P24"""
    response = post(archive, part10(instance()), headers=headers)

    assert response["Content-Type"] == DICOM_JSON
    assert isinstance(response.json(), dict)


@pytest.mark.parametrize(
    ("accept", "is_multipart"),
    [("application/dicom+xml", False), ('multipart/related; type="application/dicom+xml"', True)],
)
def test_STOW_61_STOW_62_the_answer_is_xml_of_the_same_module_where_that_is_asked_for(archive, accept, is_multipart):
    file = stored()
    uids = {"StudyInstanceUID": file.study, "SeriesInstanceUID": file.series, "SOPInstanceUID": file.instance}
    files = [part10(instance()), part10(instance(**uids, Rows=4, Columns=16)), b"garbage", part10(instance(Rows=9))]

    response = post(archive, *files, headers={"accept": accept})

    assert response.status_code == 202
    (document,) = payloads(response) if is_multipart else [response.content]
    module = received_model.read(native_xml_reader.instance(document)).data_set
    assert len(values(module, "00081199")) == 2
    assert values(values(module, "00081199")[1], "00081196") == [NOT_MATCHING]
    assert values(values(module, "00081198")[0], "00081197") == [DUPLICATE]
    assert values(values(module, "0008119A")[0], "00081197") == [CANNOT_UNDERSTAND]


@pytest.mark.parametrize("accept", ["text/plain", "application/dicom", f"{DICOM_JSON};q=0", "image/*"])
def test_STOW_64_an_answer_that_is_not_accepted_is_406_before_anything_is_stored(archive, accept):
    response = post(archive, part10(instance()), headers={"accept": accept})

    assert response.status_code == 406
    assert DICOM_JSON in response.content.decode()
    assert Instance.objects.count() == 0


def test_STOW_66_what_was_created_is_located(archive):
    study = generate_uid()
    datasets = [of_study(study) for _ in range(3)]
    url = f"http://testserver{STUDIES}/{study}"

    one = post(archive, part10(datasets[0]))
    series, uid = datasets[0].SeriesInstanceUID, datasets[0].SOPInstanceUID
    assert one["Location"] == one["Content-Location"] == f"{url}/series/{series}/instances/{uid}"

    several = post(archive, part10(datasets[1]), part10(datasets[2]))
    assert several["Location"] == several["Content-Location"] == url

    nothing_new = post(archive, part10(datasets[0]))
    assert not nothing_new.has_header("Location")

    two_studies = post(archive, part10(instance()), part10(instance()))
    assert not two_studies.has_header("Location")


def test_STOW_67_the_answer_has_a_length(archive):
    response = post(archive, part10(instance()))

    assert int(response["Content-Length"]) == len(response.content)


def test_STOW_68_refusals_are_explained_in_a_warning_without_values(archive):
    """OTH-17"""
    response = post(archive, part10(instance(SeriesInstanceUID=None, PatientName="Doe^Jane")), b"GIF89a Doe^Jane")

    assert re.match(r'299 [^ ]+ "[^"]+", 299 [^ ]+ "[^"]+"$', response["Warning"])
    assert "Doe" not in response["Warning"] + response.content.decode()


# -- A.5 Store Instances Response Module -----------------------------------------


def test_STOW_70_every_instance_has_one_item(archive):
    study = generate_uid()
    good = [of_study(study) for _ in range(2)]
    bad = [instance() for _ in range(2)]
    parts = [part10(dataset) for pair in zip(good, bad, strict=True) for dataset in pair]

    response = post(archive, *parts, b"garbage", path=f"{STUDIES}/{study}")

    assert stored_items(response) == [dataset.SOPInstanceUID for dataset in good]
    assert failed_items(response) == {dataset.SOPInstanceUID: STUDY_MISMATCH for dataset in bad}
    assert len(values(response.json(), "00081198")) == 2
    assert other_failures(response) == [CANNOT_UNDERSTAND]


def test_STOW_71_STOW_73_the_module_has_no_empty_sequence_and_nothing_else(archive):
    study = generate_uid()
    response = post(archive, part10(of_study(study)), part10(instance()), path=f"{STUDIES}/{study}")

    module = response.json()
    assert list(module) == ["00081190", "00081198", "00081199"]
    assert [module[tag]["vr"] for tag in module] == ["UR", "SQ", "SQ"]
    (item,) = module["00081199"]["Value"]
    assert {tag: element["vr"] for tag, element in item.items()} == {
        "00081150": "UI",
        "00081155": "UI",
        "00081190": "UR",
    }
    (item,) = module["00081198"]["Value"]
    assert {tag: element["vr"] for tag, element in item.items()} == {
        "00081150": "UI",
        "00081155": "UI",
        "00081197": "US",
    }


def test_STOW_72_the_urls_lead_to_what_was_stored(archive):
    dataset = instance()
    module = post(archive, part10(dataset)).json()

    (study_url,) = values(module, "00081190")
    (instance_url,) = values(values(module, "00081199")[0], "00081190")
    for url in (study_url, instance_url):
        assert payloads(archive.get(url.removeprefix("http://testserver"))) == [part10(dataset)]


def test_STOW_72_for_several_studies_the_module_names_none(archive):
    module = post(archive, part10(instance()), part10(instance())).json()

    assert module["00081190"] == {"vr": "UR"}


def test_STOW_74_the_most_specific_reason_is_given(archive):
    """An instance of another study that is a duplicate, too, is of another study."""
    file = stored()

    response = post(archive, file.content, path=f"{STUDIES}/1.2.3")

    assert failed_items(response) == {file.instance: STUDY_MISMATCH}


# -- A.6 duplicates --------------------------------------------------------------


def test_STOW_80_the_same_instance_again_is_success_and_stored_once(archive):
    content = part10(instance())
    post(archive, content)

    response = post(archive, content)

    assert (response.status_code, len(stored_items(response))) == (200, 1)
    assert Instance.objects.count() == Study.objects.get().number_of_study_related_instances == 1


@pytest.mark.parametrize(("policy", "status"), [("refuse", 409), ("replace", 200)])
def test_STOW_81_other_content_is_refused_or_takes_the_place(archive, settings, policy, status):
    settings.ARCHIVE_ON_DUPLICATE = policy
    file = stored(PatientName="Doe^Jane")
    uids = {"StudyInstanceUID": file.study, "SeriesInstanceUID": file.series, "SOPInstanceUID": file.instance}
    other = part10(instance(**uids, PatientName="Doe^John"))

    response = post(archive, other)

    assert response.status_code == status
    assert payloads(archive.get(file.path)) == [other if policy == "replace" else file.content]
    assert Series.objects.get().number_of_series_related_instances == 1


def test_STOW_85_STOW_76_what_was_coerced_is_told_with_what_it_was(archive, settings):
    settings.ARCHIVE_ON_CONFLICT = "coerce"
    study = generate_uid()
    post(archive, part10(of_study(study, PatientID="A")))

    response = post(archive, part10(of_study(study, PatientID="B")))

    assert response.status_code == 202
    (item,) = values(response.json(), "00081199")
    assert values(item, "00081196") == [0xB000]
    (original,) = values(item, "04000561")
    assert values(original, "04000565") == ["COERCE"]
    assert values(original, "04000550") == [{"00100020": {"vr": "LO", "Value": ["B"]}}]
    assert "00100020" in response["Warning"]
    path = values(item, "00081190")[0].removeprefix("http://testserver")
    (metadata,) = archive.get(f"{path}/metadata").json()
    assert values(metadata, "00100020") == ["A"]
    assert metadata["04000561"]["Value"][0] == original


def test_STOW_83_twins_in_one_request(archive):
    content = part10(instance())

    response = post(archive, content, content)

    assert response.status_code == 200
    assert Instance.objects.count() == 1
    assert len(stored_items(response)) == 1, "STOW-70: one item for one instance"


@pytest.mark.django_db(transaction=True)
def test_STOW_84_requests_at_once_are_all_answered(settings):
    """Of one study, and each with one instance that all of them bring."""
    settings.ARCHIVE_ANONYMOUS_ACCESS = "write"
    study = generate_uid()
    shared = part10(of_study(study))
    ready = threading.Barrier(4)

    def send(files: Sequence[bytes]) -> int:
        ready.wait(10)
        try:
            return post(Client(raise_request_exception=False), *files).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        statuses = list(pool.map(send, [[shared, part10(of_study(study))] for _ in range(4)]))

    assert statuses == [200] * 4
    assert Study.objects.get().number_of_study_related_instances == Instance.objects.count() == 5
