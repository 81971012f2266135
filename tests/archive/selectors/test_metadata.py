"""The stored DICOM JSON of instances."""

import orjson
import pytest

from archive.dicom import dicom_json
from archive.models import Instance
from archive.selectors import locate, metadata
from tests.storing import stored_study

pytestmark = pytest.mark.django_db


def test_stored_json_is_that_of_each_instance():
    stored_study([3])
    ids = dict(Instance.objects.values_list("pk", "sop_instance_uid"))

    documents = metadata.stored_json(list(ids))

    assert set(documents) == set(ids)
    for pk, document in documents.items():
        data_set = orjson.loads(dicom_json.resolve(document, "http://archive/instance"))
        assert data_set["00080018"]["Value"] == [ids[pk]]
        assert data_set["7FE00010"]["BulkDataURI"] == "http://archive/instance/bulkdata/7FE00010"


def test_documents_come_in_the_order_of_the_instances_over_several_batches(monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(metadata, "BATCH", 2)
    first, second = stored_study([3, 2])
    found = locate.instances(first[0].study)[::-1]

    with django_assert_num_queries(3):
        documents = list(metadata.in_order(found))

    assert [stored.instance for stored, _ in documents] == [file.instance for file in (first + second)[::-1]]
    assert all(stored.instance.encode() in document for stored, document in documents)


def test_nothing_has_no_documents():
    assert metadata.stored_json([]) == {}
    assert list(metadata.in_order([])) == []
