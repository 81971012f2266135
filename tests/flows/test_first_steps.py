"""What the first steps tell their readers to type works as it stands."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from pydicom import dcmread
from pydicom.data import get_testdata_file

from tests.live_archive import LiveArchive
from tests.project import PROJECT

FIRST_STEPS = (PROJECT / "docs/first-steps.md").read_text()

CT, MR = (Path(get_testdata_file(name, download=False)) for name in ("CT_small.dcm", "MR_small.dcm"))


def snippets(language: str) -> str:
    """All code of a language, in its order: a later snippet may use what an earlier one has set."""
    return "\n".join(re.findall(rf"```{language}\n(.*?)```", FIRST_STEPS, re.DOTALL))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What looks like a clone of the project, and takes the files that the snippets write."""
    (tmp_path / "manage.py").symlink_to(PROJECT / "manage.py")
    (tmp_path / ".venv").symlink_to(sys.prefix)
    return tmp_path


def run(archive: LiveArchive, folder: Path, *command: str) -> str:
    given = {"TOKEN": archive.token(), "ARCHIVE": archive.url}
    done = subprocess.run(
        command, cwd=folder, env=archive.environment | given, capture_output=True, text=True, check=False, timeout=180
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_shell_commands_import_store_search_and_retrieve(archive: LiveArchive, folder: Path) -> None:
    commands, exports = re.subn(r"^export (TOKEN|ARCHIVE)=.*$", "", snippets("sh"), flags=re.MULTILINE)
    assert exports == 2, "the reader is asked for the token and the address of the archive"
    # An answer of 4xx or 5xx must not pass for success, and no setting of curl's is for the tests.
    strict = 'set -euo pipefail; curl() { command curl --disable --noproxy "*" --silent --show-error --fail "$@"; }'
    printed = run(archive, folder, "bash", "-c", f"{strict}\n{commands}")
    uid = dcmread(CT).SOPInstanceUID
    assert printed.count(uid) >= 3, "the answers to store, search and metadata name the instance"
    assert CT.read_bytes() in (folder / "study.multipart").read_bytes()


def test_the_python_program_stores_finds_and_retrieves(archive: LiveArchive, folder: Path) -> None:
    printed = run(archive, folder, sys.executable, "-c", snippets("python"))
    assert dcmread(MR).SOPInstanceUID in printed


def test_what_was_stored_is_exported_byte_for_byte(archive: LiveArchive, folder: Path) -> None:
    assert archive.store(CT.read_bytes()).status_code == 200
    (command,) = re.findall(r"`(\.venv/bin/python manage\.py export_dicom .*?)`", FIRST_STEPS)
    run(archive, folder, "bash", "-c", command)
    exported = [path.read_bytes() for path in folder.glob("some-folder/**/*") if path.is_file()]
    assert CT.read_bytes() in exported
