"""The viewer is installed whole or not at all, once for each version of it and of what is changed in it."""

import gzip
import json
import os
import stat

import pytest

from archive.errors import UnknownViewer, ViewerNotFetched
from archive.viewer import install as installing
from archive.viewer.install import install
from archive.viewer.installed import LOCK_FILE, installed_viewer, stamp, version
from tests.archive.viewer.package import viewer_package


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.ARCHIVE_VIEWER_DIR = tmp_path / "viewer"
    return settings.ARCHIVE_VIEWER_DIR


@pytest.fixture
def package(tmp_path):
    return viewer_package(tmp_path / "package")


def npm(tmp_path, monkeypatch, script: str) -> None:
    """The only npm that there is, is this shell script."""
    program = tmp_path / "bin" / "npm"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}/usr/bin{os.pathsep}/bin")


def test_an_installed_viewer_is_found(folder, package):
    assert installed_viewer() is None
    viewer, new = install(folder, package)
    assert (new, installed_viewer()) == (True, viewer)
    assert viewer.folder == folder / stamp()
    assert (viewer.folder / viewer.script).is_file()
    assert (viewer.folder / viewer.style).is_file()
    assert (viewer.folder / "LICENSE.txt").read_text() == "The MIT License (MIT)"


def test_it_is_installed_once(folder, package):
    first, _ = install(folder, package)
    made = (first.folder / first.script).stat().st_mtime_ns
    assert install(folder, package / "not-looked-at") == (first, False)
    assert (first.folder / first.script).stat().st_mtime_ns == made


def test_the_same_package_makes_the_same_files(folder, package):
    viewer, _ = install(folder, package)
    first = {path.name: path.read_bytes() for path in viewer.folder.rglob("*.gz")}
    (viewer.folder / "installed.json").unlink()
    install(folder, package)
    assert {path.name: path.read_bytes() for path in viewer.folder.rglob("*.gz")} == first


def test_another_change_of_the_files_is_another_viewer(folder, package, monkeypatch):
    former, _ = install(folder, package)
    for module in ("archive.viewer.install.stamp", "archive.viewer.installed.stamp"):
        monkeypatch.setattr(module, lambda: "3.13.3-0123456789ab")
    assert installed_viewer() is None
    viewer, new = install(folder, package)
    assert new
    assert viewer.folder.is_dir()
    assert not former.folder.exists()


def test_what_an_interrupted_installation_has_left_is_removed_and_never_taken_for_a_viewer(folder, package):
    (folder / "making-abc").mkdir(parents=True)
    (folder / stamp()).mkdir()
    assert installed_viewer() is None
    viewer, _ = install(folder, package)
    assert [path.name for path in folder.iterdir() if path.is_dir()] == [viewer.folder.name]


def test_scripts_styles_and_codecs_have_compressed_copies(folder, package):
    viewer, _ = install(folder, package)
    compressed = {path.name.removesuffix(".gz") for path in viewer.folder.rglob("*.gz")}
    assert {viewer.script, viewer.style, "0ddf166f7a343eda.wasm"} <= compressed
    assert "CT-AAA.png" not in compressed
    for path in viewer.folder.rglob("*.gz"):
        assert gzip.decompress(path.read_bytes()) == path.with_suffix("").read_bytes()


def test_a_package_of_another_version_is_refused_and_nothing_is_left(folder, package):
    (package / "package.json").write_text(json.dumps({"version": "3.14.0"}))
    with pytest.raises(UnknownViewer, match=f"3.14.0, not {version()}"):
        install(folder, package)
    assert [path for path in folder.iterdir() if path.is_dir()] == []


def test_a_folder_that_is_no_package_is_refused(folder, tmp_path):
    with pytest.raises(UnknownViewer, match="of version none"):
        install(folder, tmp_path)


def test_npm_fetches_what_the_lock_file_names(folder, package, tmp_path, monkeypatch):
    place = "node_modules/@ohif"
    fetching = f'cmp package-lock.json "{LOCK_FILE}" && mkdir -p {place} && cp -R "{package}" {place}/app'
    npm(tmp_path, monkeypatch, f'{fetching} && echo "$@" > "$0.asked"')
    install(folder)
    assert installed_viewer()
    asked = (tmp_path / "bin" / "npm.asked").read_text()
    assert asked.startswith("ci --ignore-scripts ")


def test_without_npm_there_is_no_viewer(folder, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ViewerNotFetched, match="npm is not installed"):
        install(folder)


def test_without_a_way_to_the_registry_there_is_none_and_npm_says_why(folder, tmp_path, monkeypatch):
    npm(tmp_path, monkeypatch, "echo 'npm error code ENOTFOUND' >&2; echo 'npm error A complete log of' >&2; exit 1")
    with pytest.raises(ViewerNotFetched, match=r"npm says: npm error code ENOTFOUND$"):
        install(folder)
    assert installed_viewer() is None


def test_nobody_waits_for_npm_for_ever(folder, tmp_path, monkeypatch):
    npm(tmp_path, monkeypatch, "exec sleep 5")
    monkeypatch.setattr(installing, "NPM_SECONDS", 0.1)
    with pytest.raises(ViewerNotFetched, match="has not answered"):
        install(folder)


def test_the_lock_file_pins_one_package_by_its_hash_and_names_no_address():
    lock = json.loads(LOCK_FILE.read_text())
    (root, (name, package)) = lock["packages"].items()
    assert root[1]["dependencies"] == {"@ohif/app": package["version"]}
    assert name == "node_modules/@ohif/app"
    assert package["integrity"].startswith("sha512-")
    assert "://" not in LOCK_FILE.read_text()
