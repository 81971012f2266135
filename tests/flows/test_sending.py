"""Studies sent from one archive to another, over a real socket, by a worker and its clock."""

import json
from collections.abc import Iterator

import pytest

from tests.builders import instance, part10
from tests.faults.workers import rows, wait_until
from tests.live_archive import LiveArchive, live_archive

ORDER = """
from django.contrib.auth import get_user_model
from archive.models import Destination, Study
from archive.sealed import seal
from archive.services import send_orders
sign_in = {"sign_in": "token", "secret": seal("TOKEN")}
destination, _ = Destination.objects.get_or_create(name="Elsewhere", url="URL", defaults=sign_in)
places = [(uid, None) for uid in Study.objects.values_list("study_instance_uid", flat=True)]
for deidentified in DEIDENTIFIED:
    send_orders.place(get_user_model().objects.first(), destination, places, deidentified=deidentified)
"""


@pytest.fixture(scope="module")
def sender(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveArchive]:
    with live_archive(tmp_path_factory.mktemp("sender"), background=True) as archive:
        yield archive


def order(sender: LiveArchive, receiver: LiveArchive, deidentified: list[bool]) -> None:
    script = ORDER.replace("URL", receiver.url).replace("TOKEN", receiver.token())
    sender.manage("shell", "--no-imports", "-c", script.replace("DEIDENTIFIED", str(deidentified)))


def done(sender: LiveArchive) -> list[tuple]:
    """What has become of orders, once nothing is under way."""
    query = "SELECT state, total, sent, failed FROM archive_sendorder ORDER BY id"
    wait_until(lambda: {row[0] for row in rows(sender, query)} == {"done"})
    return rows(sender, query)


def found(archive: LiveArchive, **query: str) -> list[dict[str, dict[str, list[str]]]]:
    with archive.session() as session:
        return json.loads(session.get(f"{archive.url}/instances", params=query, timeout=30).text)


def test_a_study_is_sent_as_it_is_then_without_its_patient_and_a_second_time(sender, archive):
    datasets = [
        instance(PatientID="SENT-1", PatientName="Zebra^Unique", StudyInstanceUID="2.25.4711") for _ in range(25)
    ]
    files = [part10(dataset) for dataset in datasets]
    assert sender.store(*files).status_code == 200
    before = archive.blob_keys()

    order(sender, archive, [False])
    assert done(sender) == [("done", 25, 25, 0)]
    assert {archive.blob_of(content) for content in files} == archive.blob_keys() - before

    order(sender, archive, [False, True])
    assert done(sender)[1:] == [("done", 25, 25, 0)] * 2
    assert len(archive.blob_keys() - before) == 50, "what is there already is taken, and stored once"

    assert len(found(archive, PatientID="SENT-1")) == 25
    deidentified = found(archive, PatientIdentityRemoved="YES", includefield="00100010")
    assert len(deidentified) == 25
    assert not [one for one in deidentified if "Value" in one["00100010"]]
    assert "Zebra" not in sender.output
    assert archive.token() not in sender.output
