"""Which viewer belongs to this archive, and whether it is installed."""

import json
from dataclasses import asdict, dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

from django.conf import settings

from archive.viewer import patch

#: What npm is asked for: a package without an address, held to its hash by the lock file.
PACKAGES = Path(__file__).resolve().parents[2] / "viewer"
LOCK_FILE = PACKAGES / "package-lock.json"
PACKAGE = "node_modules/@ohif/app"

#: Below the static files: where each installed viewer has a folder of its own.
URL_FOLDER = "ohif"

#: Written last, so that there is none in a folder that is not whole.
RECORD = "installed.json"


@dataclass(frozen=True, slots=True)
class Viewer:
    """An installed viewer: its folder, and in it the script and the style that start it."""

    folder: Path
    script: str
    style: str

    def record(self) -> None:
        values = {name: value for name, value in asdict(self).items() if name != "folder"}
        (self.folder / RECORD).write_text(json.dumps(values), encoding="utf-8")


@cache
def version() -> str:
    """The version of OHIF, from the lock file."""
    lock = json.loads(LOCK_FILE.read_text(encoding="utf-8"))
    return str(lock["packages"][PACKAGE]["version"])


@cache
def stamp() -> str:
    """The name of a folder that has this version with these changes, and of the URLs of its files.

    It differs whenever one of them does, so everything below it may be cached for ever.
    """
    digest = sha256(LOCK_FILE.read_bytes() + Path(patch.__file__).read_bytes())
    return f"{version()}-{digest.hexdigest()[:12]}"


def installed_viewer() -> Viewer | None:
    """The viewer that belongs to this archive; None while it is not installed, or another one is."""
    folder = settings.ARCHIVE_VIEWER_DIR / stamp()
    try:
        record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return Viewer(folder, **record)
