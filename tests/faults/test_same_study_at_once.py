"""Several server processes over one database, and many clients that all store the same study through them."""

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from pydicom.uid import generate_uid

from tests.builders import instance, multipart, part10
from tests.live_archive import LiveArchive, live_archive, running

CLIENTS = 8
SERIES = 3
SHARED, OWN = 30, 5  # instances that every client sends, and that one client alone sends


@pytest.fixture
def archives(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[LiveArchive]]:
    with live_archive(tmp_path_factory.mktemp("archives")) as first, running(first.beside()) as second:
        yield [first, second]


def test_clients_that_store_the_same_study_at_once_make_one_study_with_the_right_counts(
    archives: list[LiveArchive],
) -> None:
    """STOW-80, STOW-84"""
    study, series = generate_uid(), [generate_uid() for _ in range(SERIES)]

    def new_object(number: int) -> bytes:
        return part10(instance(StudyInstanceUID=study, SeriesInstanceUID=series[number % SERIES]))

    shared = [new_object(number) for number in range(SHARED)]

    def store_all(client: int) -> set[int]:
        archive = archives[client % len(archives)]
        objects = shared + [new_object(number) for number in range(OWN)]
        random.Random(client).shuffle(objects)
        statuses = set()
        with archives[0].session() as session:
            for start in range(0, len(objects), 4):
                body, content_type = multipart(objects[start : start + 4])
                answer = session.post(f"{archive.url}/studies", data=body, headers={"Content-Type": content_type})
                statuses.add(answer.status_code)
        return statuses

    with ThreadPoolExecutor(CLIENTS) as clients:
        assert set().union(*clients.map(store_all, range(CLIENTS))) == {200}
    count = SHARED + CLIENTS * OWN
    for archive in archives:
        with archives[0].session() as session:
            (found,) = session.get(f"{archive.url}/studies").json()
            assert found["00201206"]["Value"] == [SERIES]
            assert found["00201208"]["Value"] == [count]
            counted = session.get(f"{archive.url}/studies/{study}/series").json()
            assert sum(one["00201209"]["Value"][0] for one in counted) == count
            assert len(session.get(f"{archive.url}/studies/{study}/instances").json()) == count
    assert len(archives[0].blob_keys()) == count, "what lost the race leaves no bytes behind"
