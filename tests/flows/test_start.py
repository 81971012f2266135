"""`manage.py serve` where there is nothing yet: no database, no folder, no user."""

from pathlib import Path

from tests.builders import instance, part10
from tests.live_archive import LiveArchive, running


def test_the_first_start_makes_all_there_must_be_and_the_next_one_finds_it(tmp_path: Path) -> None:
    archive, dataset = LiveArchive(tmp_path, {}), instance()
    with running(archive):
        assert archive.store(part10(dataset)).status_code == 200
    with running(archive), archive.session() as session:
        study = f"{archive.url}/studies/{dataset.StudyInstanceUID}"
        assert session.get(f"{study}/metadata", timeout=30).status_code == 200
    assert archive.output.count("API token") == 1
