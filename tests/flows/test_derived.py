"""Derived data as they come about: a server, a worker and its clock."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydicom.uid import JPEGLSLossless

from tests.builders import compressed, instance, part10
from tests.live_archive import LiveArchive, live_archive

SECONDS = 60

STATES = """
from collections import Counter
from archive.models import Derivation, DerivedBlob
print(sorted(Counter(Derivation.objects.values_list("state", flat=True)).items()))
print(sorted(Counter(DerivedBlob.objects.values_list("kind", flat=True)).items()))
"""


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[LiveArchive]:
    with live_archive(tmp_path, background=True) as archive:
        yield archive


def states(archive: LiveArchive) -> list[str]:
    """What waits, has failed and is done; and what has been derived."""
    return archive.manage("shell", "--no-imports", "-c", STATES).splitlines()


def test_what_is_stored_is_derived_within_seconds_and_gone_when_it_is_deleted(archive: LiveArchive) -> None:
    native = instance()
    files = [part10(native), part10(compressed(JPEGLSLossless, 3), JPEGLSLossless)]
    report = part10(instance(PixelData=None, Rows=None, Columns=None))
    assert archive.store(*files, report).status_code == 200

    deadline = time.monotonic() + SECONDS
    while (found := states(archive)) != ["[('done', 3)]", "[('frames', 1), ('thumbnail', 2)]"]:
        assert time.monotonic() < deadline, found

    with archive.session() as session:
        study = f"{archive.url}/studies/{native.StudyInstanceUID}"
        thumbnail = session.get(f"{study}/thumbnail", timeout=60)
        assert (thumbnail.status_code, thumbnail.headers["Content-Type"]) == (200, "image/jpeg")
        assert session.delete(study, timeout=60).ok
    assert states(archive) == ["[('done', 2)]", "[('frames', 1), ('thumbnail', 1)]"]
    assert "Traceback" not in archive.output
