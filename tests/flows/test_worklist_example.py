"""What docs/worklist.md tells its readers to type works as it stands, and so does the algorithm that it shows."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydicom import dcmread
from pydicom.data import get_testdata_file
from websockets.sync.client import connect

from tests.live_archive import LiveArchive, live_archive
from tests.project import PROJECT

TUTORIAL = (PROJECT / "docs" / "worklist.md").read_text()
CT = dcmread(get_testdata_file("CT_small.dcm", download=False))

#: An answer of 4xx or 5xx must not pass for success, and no setting of curl's is for the tests.
STRICT = """
set -euo pipefail
curl() { command curl --disable --noproxy "*" --silent --show-error --fail "$@" && echo; }
trap 'kill $(jobs -p)' EXIT
"""


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveArchive]:
    """An archive with its worker and its clock: rules make workitems."""
    with live_archive(tmp_path_factory.mktemp("tutorial"), background=True) as archive:
        yield archive


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What looks like a clone of the project, with an environment for the algorithm."""
    folder = tmp_path_factory.mktemp("clone")
    for name in ("manage.py", "docs"):
        (folder / name).symlink_to(PROJECT / name)
    for environment in (".venv", "algorithm"):
        (folder / environment).symlink_to(sys.prefix)
    return folder


def script() -> str:
    """All code for the shell and for Python, in the order of the page; without what is asked of the reader."""
    code = ""
    for language, text in re.findall(r"```(sh|python)\n(.*?)```", TUTORIAL, re.DOTALL):
        code += text if language == "sh" else f".venv/bin/python - <<'PYTHON'\n{text}PYTHON\n"
    code, asked = re.subn(r"^(export (TOKEN|ARCHIVE)=|python3 -m venv ).*$", "", code, flags=re.MULTILINE)
    assert asked == 3, "the token and the address of the archive, and an environment"
    return code


@pytest.fixture(scope="module")
def printed(archive: LiveArchive, folder: Path) -> str:
    """What all of it prints."""
    given = {"TOKEN": archive.token(), "ARCHIVE": archive.url}
    done = subprocess.run(
        ["bash", "-c", f"{STRICT}\n{script()}"],
        cwd=folder,
        env=os.environ | archive.environment | given,
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
    )
    log = folder / "algorithm.log"
    assert done.returncode == 0, done.stderr + (log.read_text() if log.exists() else "")
    return done.stdout


def answers(printed: str) -> list[list[dict]]:
    """The arrays that curl has printed."""
    return [json.loads(line) for line in printed.splitlines() if line.startswith("[{")]


def test_the_algorithm_completes_the_step_that_the_rule_has_made(
    archive: LiveArchive, folder: Path, printed: str
) -> None:
    lines = (folder / "algorithm.log").read_text().splitlines()
    step = lines[0].split()[0]
    assert lines == [f"{step} IN PROGRESS", f"{step} COMPLETED"]

    (found,) = next(answer for answer in answers(printed) if answer[0]["00080018"]["Value"] == [step])
    assert found["0020000D"]["Value"] == [CT.StudyInstanceUID]
    assert found["00100020"]["Value"] == [CT.PatientID]
    (read,) = found["00404021"]["Value"]
    assert read["00081199"]["Value"][0]["00081155"]["Value"] == [CT.SOPInstanceUID]
    (performed,) = found["00741216"]["Value"]
    (made,) = performed["00404033"]["Value"]
    (reference,) = made["00081199"]["Value"]
    path = f"studies/{CT.StudyInstanceUID}/series/{made['0020000E']['Value'][0]}"
    with archive.session() as session:
        url = f"{archive.url}/{path}/instances/{reference['00081155']['Value'][0]}"
        response = session.get(url, headers={"Accept": "application/dicom"})
    assert response.status_code == 200, "the result can be retrieved"


def test_the_step_that_is_done_by_hand_is_completed(archive: LiveArchive, printed: str) -> None:
    with archive.session() as session:
        (found,) = session.get(f"{archive.url}/workitems?ProcedureStepLabel=Second look").json()
    assert found["00741000"]["Value"] == ["COMPLETED"]
    assert found["00080018"]["Value"][0] in printed


def test_a_reader_sees_where_events_come_and_what_was_changed(printed: str) -> None:
    headers = [line.lower() for line in printed.splitlines()]
    assert any(line.startswith("warning: 299 ") for line in headers)
    assert any(line.startswith("content-location: ws://") for line in headers)


def test_the_feed_has_what_the_algorithm_was_told(printed: str) -> None:
    """UPS-E3-3: of a workitem that a rule has made, too."""
    feed = next(found for found in answers(printed) if "sequence" in found[0])
    states = [entry["report"]["00741000"]["Value"][0] for entry in feed if "00741000" in entry["report"]]
    assert states == ["SCHEDULED", "IN PROGRESS", "COMPLETED"]
    assert re.search(r"^Link: <.*after=\d+.*>; rel=\"next\"", printed, re.MULTILINE | re.IGNORECASE)


def test_a_page_opens_a_channel_with_its_token_or_with_a_ticket(archive: LiveArchive, printed: str) -> None:
    shown = re.search(r'new WebSocket\("(.*?)", \["(\w+)", `(\w+\.)\$\{token\}`\]\)', TUTORIAL)
    assert shown
    url, protocol, prefix = shown[1].replace("127.0.0.1:8000", f"127.0.0.1:{archive.port}"), shown[2], shown[3]
    with_token = connect(
        url, subprotocols=[protocol, f"{prefix}{archive.token()}"], origin=archive.root, proxy=None, open_timeout=30
    )
    ticket = next(json.loads(line) for line in printed.splitlines() if line.startswith('{"url"'))
    assert ticket["url"].startswith(f"{url}?ticket=")
    with archive.session() as session:
        fresh = session.post(f"{archive.url}/subscribers/LUNG-AI/tickets").json()["url"]
    with_ticket = connect(fresh, origin=archive.root, proxy=None, open_timeout=30)
    for opening in (with_token, with_ticket):
        with opening as channel:
            assert channel.subprotocol in {protocol, None}
