"""OTH-08, STOW-84: a study is deleted, stored and read by many at once; every answer is a deliberate one."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle, islice

import pytest
import requests
from pydicom.uid import generate_uid

from tests.builders import instance, multipart, part10
from tests.live_archive import LiveArchive, live_archive, running

CLIENTS, REQUESTS = 50, 8
SERIES, OBJECTS = 3, 12


@pytest.fixture
def archives(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[LiveArchive]]:
    with live_archive(tmp_path_factory.mktemp("archives")) as first, running(first.beside()) as second:
        yield [first, second]


def test_a_study_that_is_deleted_stored_and_read_at_once_has_the_right_counts(archives: list[LiveArchive]) -> None:
    study, series = generate_uid(), [generate_uid() for _ in range(SERIES)]
    objects = [
        part10(instance(StudyInstanceUID=study, SeriesInstanceUID=series[number % SERIES])) for number in range(OBJECTS)
    ]
    token = archives[0].token()

    def store(session: requests.Session, url: str, number: int) -> requests.Response:
        chosen = list(islice(cycle(objects), number % OBJECTS, number % OBJECTS + 4))
        body, content_type = multipart(chosen)
        return session.post(f"{url}/studies", data=body, headers={"Content-Type": content_type}, timeout=120)

    def delete(session: requests.Session, url: str, number: int) -> requests.Response:
        path = f"/series/{series[number % SERIES]}" if number % 2 else ""
        return session.delete(f"{url}/studies/{study}{path}", timeout=120)

    def read(session: requests.Session, url: str, number: int) -> requests.Response:
        path = ("", "/metadata", "/series", "/bulkdata", "/instances?includefield=all")[number % 5]
        with session.get(f"{url}/studies/{study}{path}", timeout=120, stream=True) as response:
            for _ in response.iter_content(1 << 16):  # what is deleted meanwhile may break an answer off
                pass
        return response

    kinds: list[tuple[Callable[[requests.Session, str, int], requests.Response], set[int]]] = [
        (store, {200}),
        (delete, {204, 404, 410}),
        (read, {200, 404, 410, 503, 0}),  # found, and then its bytes were gone: 503, or 0 when broken off
    ]

    def work(client: int) -> list[tuple[str, int]]:
        send, expected = kinds[client % len(kinds)]
        unexpected = []
        with requests.Session() as session:
            session.trust_env = False
            session.headers["Authorization"] = f"Token {token}"
            for number in range(REQUESTS):
                try:
                    status = send(session, archives[client % 2].url, client + number).status_code
                except requests.RequestException:
                    status = 0
                if status not in expected:
                    unexpected.append((send.__name__, status))
        return unexpected

    with ThreadPoolExecutor(CLIENTS) as clients:
        assert [problem for found in clients.map(work, range(CLIENTS)) for problem in found] == []

    with archives[0].session() as session:
        first = archives[0].url
        found = session.get(f"{first}/studies?StudyInstanceUID={study}").json()
        stored = session.get(f"{first}/studies/{study}/instances").json()
        assert [one["00201208"]["Value"] for one in found] == ([[len(stored)]] if stored else [])
        listed = session.get(f"{first}/studies/{study}/series").json()
        assert sum(one["00201209"]["Value"][0] for one in listed) == len(stored)
        assert [one["00201206"]["Value"] for one in found] == ([[len(listed)]] if listed else [])
        assert len(archives[0].blob_keys()) == len(stored), "nothing is left of what was deleted"
        for one in stored:
            url = f"{first}/studies/{study}/series/{one['0020000E']['Value'][0]}"
            assert session.get(f"{url}/instances/{one['00080018']['Value'][0]}").status_code == 200
        session.delete(f"{first}/studies/{study}")
        assert session.get(f"{first}/studies").json() == []
    assert archives[0].blob_keys() == set()
    assert not any("Internal Server Error" in archive.output for archive in archives)
