"""What names a patient, and what lets somebody in, is in no log and in no answer to a request that failed."""

from collections.abc import Iterator

import pytest
import requests

from tests.builders import instance, part10, related
from tests.live_archive import LiveArchive, live_archive

#: In every value that must not come out again.
SECRET = "SECRET"
JSON, XML = "application/dicom+json", "application/dicom+xml"
MODEL = "<NativeDicomModel><DicomAttribute tag='00100010' vr='PN'>{}</DicomAttribute></NativeDicomModel>"


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveArchive]:
    """An archive that logs all it can."""
    with live_archive(tmp_path_factory.mktemp("privacy"), ARCHIVE_LOG_LEVEL="debug") as archive:
        yield archive


@pytest.fixture
def file() -> bytes:
    return part10(instance(PatientName=f"{SECRET}^A", PatientID=f"{SECRET}1", StudyDescription=f"{SECRET} study"))


@pytest.fixture(autouse=True)
def _log_is_silent(archive: LiveArchive) -> Iterator[None]:
    yield
    assert SECRET not in archive.output
    assert archive.output.count(archive.token()) == 2, "as the token that is shown at the first start"


def assert_silent(answer: requests.Response) -> None:
    assert 400 <= answer.status_code < 500
    assert SECRET not in answer.text + str(answer.headers)


QUERIES = [
    *(f"studies?PatientName={SECRET}%00", f"studies?StudyDate={SECRET}", f"studies?limit={SECRET}"),
    *(f"studies?PatientName=%FF{SECRET}", f"studies?accept={SECRET}", f"studies?PatientID={SECRET * 1000}"),
    *(f"studies?0010002={SECRET}", f"studies?fuzzymatching={SECRET}", f"studies?TimezoneOffsetFromUTC={SECRET}"),
    *(f"wado?requestType={SECRET}", f"wado?requestType=WADO&studyUID={SECRET}^", f"wado?requestType=WADO&x={SECRET}"),
]


@pytest.mark.parametrize("query", QUERIES)
def test_a_query_that_is_refused_is_repeated_nowhere(
    archive: LiveArchive, session: requests.Session, query: str
) -> None:
    assert_silent(session.get(f"{archive.url}/{query}"))


def test_objects_that_are_refused_or_contradict_others_are_told_by_their_uids(
    archive: LiveArchive, session: requests.Session, file: bytes
) -> None:
    assert archive.store(file).status_code == 200
    cuts = [file[:length] for length in range(300, len(file) - 140, 97)]
    for content in (*cuts, file.replace(b"SECRET1", b"SECRET2")):
        assert_silent(session.post(f"{archive.url}/studies", content, headers={"Content-Type": "application/dicom"}))


@pytest.mark.parametrize(
    ("root", "document"),
    [
        (JSON, '[{"00100010":{"vr":"PN","Value":["SECRET\\\\x"]}}]'),
        (JSON, '[{"SECRET":{"vr":"PN"}}]'),
        (JSON, '[{"00100010":{"vr":"SECRET"}}]'),
        (JSON, "[SECRET"),
        (JSON, '[{"00100010":{"vr":"PN","BulkDataURI":"SECRET"}}]'),
        (XML, MODEL.format("<SECRET/>")),
        (XML, MODEL.format("SECRET<Value/>")),
    ],
)
def test_metadata_that_are_refused_are_repeated_nowhere(
    archive: LiveArchive, session: requests.Session, root: str, document: str
) -> None:
    body, content_type = related([({"Content-Type": root}, document.encode())], type=root)
    assert_silent(session.post(f"{archive.url}/studies", body, headers={"Content-Type": content_type}))


@pytest.mark.parametrize("credentials", ["Token SECRET", "Basic U0VDUkVUOlNFQ1JFVA==", "Bearer SECRET"])
def test_credentials_that_are_wrong_are_repeated_nowhere(archive: LiveArchive, credentials: str) -> None:
    url = f"{archive.url}/studies?PatientName={SECRET}"
    assert_silent(requests.get(url, headers={"Authorization": credentials}, timeout=30))
