"""`manage.py fetch_viewer` says in one line what has become of it."""

import pytest
from django.core.management import CommandError, call_command

from archive.viewer.installed import installed_viewer, stamp
from tests.archive.viewer.package import viewer_package


@pytest.fixture(autouse=True)
def _folder(settings, tmp_path):
    settings.ARCHIVE_VIEWER_DIR = tmp_path / "viewer"


def test_it_installs_the_viewer_and_the_second_time_has_nothing_to_do(tmp_path, capsys):
    package = viewer_package(tmp_path / "package")
    call_command("fetch_viewer", package=package)
    assert capsys.readouterr().out == f"The viewer has been installed: {stamp()}.\n"
    call_command("fetch_viewer")
    assert capsys.readouterr().out == ""
    assert installed_viewer()


def test_it_fails_in_one_line(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CommandError, match=r"^The viewer is not installed: npm is not installed$"):
        call_command("fetch_viewer")


def test_it_fails_where_the_package_is_not_the_one_it_knows(tmp_path):
    package = viewer_package(tmp_path / "package")
    (package / "dist" / "app.bundle.css").write_text("")
    with pytest.raises(CommandError, match="not those that this archive was written for"):
        call_command("fetch_viewer", package=package)
    assert installed_viewer() is None
