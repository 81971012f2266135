"""The viewer brought here: fetched from npm, changed, compressed, and put in its place when it is whole."""

import fcntl
import gzip
import json
import shutil
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from archive.errors import UnknownViewer, ViewerNotFetched
from archive.viewer.installed import LOCK_FILE, PACKAGE, PACKAGES, Viewer, installed_viewer, stamp, version
from archive.viewer.patch import copy_patched

NPM_SECONDS = 600

#: What gets smaller by it; images and fonts are compressed already.
COMPRESSED = {".js", ".mjs", ".css", ".wasm", ".json", ".svg", ".html"}


def install(folder: Path, package: Path | None = None) -> tuple[Viewer, bool]:
    """The viewer in this folder, and whether it had to be installed.

    Args:
        package: the unpacked npm package, where it has been fetched already.

    Raises:
        ViewerNotFetched: npm is missing, or could not fetch it.
        UnknownViewer: it is not what the archive has been written for.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with _alone_in(folder):
        if viewer := installed_viewer():
            return viewer, False
        with TemporaryDirectory(dir=folder, prefix="making-") as making:
            viewer = _made(package or _fetched(Path(making, "npm")), Path(making, "viewer"))
            place = folder / stamp()
            shutil.rmtree(place, ignore_errors=True)
            viewer.folder.rename(place)
        _remove_others(place)
        return Viewer(place, viewer.script, viewer.style), True


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Of several installations at once, one does it and the others find it done."""
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _fetched(workshop: Path) -> Path:
    """The package, from npm or its cache; no script of it is run."""
    npm = shutil.which("npm")
    if npm is None:
        raise ViewerNotFetched("npm is not installed")
    workshop.mkdir()
    for name in ("package.json", LOCK_FILE.name):
        shutil.copy(PACKAGES / name, workshop)
    command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    command += ["--prefer-offline", "--fetch-retries=1", "--fetch-retry-mintimeout=1000", "--loglevel=error"]
    try:
        subprocess.run(  # noqa: S603  all of it is written here
            command, cwd=workshop, capture_output=True, text=True, check=True, timeout=NPM_SECONDS
        )
    except subprocess.CalledProcessError as error:
        lines = [line for line in str(error.stderr).splitlines() if "A complete log" not in line]
        raise ViewerNotFetched(f"npm says: {' '.join(' '.join(lines).split())[:300]}") from None
    except subprocess.TimeoutExpired:
        raise ViewerNotFetched(f"npm has not answered within {NPM_SECONDS} seconds") from None
    return workshop / PACKAGE


def _made(package: Path, target: Path) -> Viewer:
    """The package's files as they are served, in a new folder, with the licence that they come under."""
    description = package / "package.json"
    fetched = json.loads(description.read_text(encoding="utf-8"))["version"] if description.is_file() else "none"
    if fetched != version():
        raise UnknownViewer(f"they are of version {fetched}, not {version()}")
    entry_points = copy_patched(package / "dist", target)
    shutil.copy(package / "LICENSE", target / "LICENSE.txt")
    with ThreadPoolExecutor() as pool:
        list(pool.map(_compress, [path for path in target.rglob("*") if path.suffix in COMPRESSED]))
    viewer = Viewer(target, entry_points.script, entry_points.style)
    viewer.record()
    return viewer


def _compress(path: Path) -> None:
    """Beside the file, a copy for clients that take gzip."""
    compressed = gzip.compress(path.read_bytes(), mtime=0)
    path.with_name(f"{path.name}.gz").write_bytes(compressed)


def _remove_others(place: Path) -> None:
    """Viewers of former versions, and what an interrupted installation has left."""
    for path in place.parent.iterdir():
        if path != place and path.is_dir():
            shutil.rmtree(path)
