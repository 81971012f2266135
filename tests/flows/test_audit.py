"""The audit trail of a real archive: written beside the requests, also when it is stopped just after them."""

from tests.builders import instance, part10
from tests.live_archive import live_archive


def events(archive) -> str:
    return archive.manage(
        *("shell", "-v0", "-c"),
        "from archive.models import AuditEvent;"
        "print(*AuditEvent.objects.values_list('person', 'action', 'way', 'study_instance_uid', 'times'), sep='\\n')",
    )


def test_what_was_done_last_is_in_the_trail_of_an_archive_that_is_stopped(tmp_path):
    data_set = instance(PatientName="Secret^Name")
    with live_archive(tmp_path) as archive:
        assert archive.store(part10(data_set)).status_code == 200
        with archive.session() as session:
            for _ in range(3):
                assert session.get(f"{archive.url}/studies/{data_set.StudyInstanceUID}").status_code == 200
    told = events(archive)

    assert f"('admin', 'stored', 'dicomweb', '{data_set.StudyInstanceUID}', 1)" in told
    assert f"('admin', 'retrieved', 'dicomweb', '{data_set.StudyInstanceUID}', 3)" in told
    assert "Secret" not in told
