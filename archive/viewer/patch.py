"""What is changed in OHIF's prebuilt files: they expect to be at the root of a host, and are served from a folder.

They find one another relative to themselves from then on, so they work under whatever path a proxy puts before.
"""

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

from archive.errors import UnknownViewer

#: What is not served: files of AI models, a service worker and sign-ins that load from other hosts, maps for
#: debuggers, and what the archive's own page takes the place of.
LEFT_OUT = (
    *("ort", "*.map", "_headers", "_redirects", "serve.json"),
    *("sw.js", "init-service-worker.js", "google.js", "oidc-client.min.js", "silent-refresh.html"),
    *("es6-shim.min.js", "polyfill.min.js", "index.html", "app-config.js", "manifest.json"),
)


@dataclass(frozen=True, slots=True)
class Replacement:
    """A pattern and what takes its place, in the files whose names match; it must be found in one of them at least."""

    files: str
    pattern: bytes
    new: bytes


MATRIX = b"""function compileConstructor(dtype, dimension) {
  class Matrix {
    constructor(data, shape, stride, offset) {
      Object.assign(this, { data, shape, stride, offset, dimension, dtype });
    }
    get(row, column) {
      return this.data[this.offset + this.stride[0] * row + this.stride[1] * column];
    }
    set(row, column, value) {
      return (this.data[this.offset + this.stride[0] * row + this.stride[1] * column] = value);
    }
  }
  return (...values) => new Matrix(...values);
"""

REPLACEMENTS = (
    # Where chunks, styles and codecs are: the page says it, workers and their chunks lie beside one another.
    Replacement(
        "*.js",
        rb'__webpack_require__\.p = "/"',
        rb'__webpack_require__.p = self.PUBLIC_URL || self.location.href.replace(/[^\/]*$/, "")',
    ),
    Replacement("app.bundle.*.js", rb"'/dicom-microscopy-viewer/", rb"window.PUBLIC_URL + 'dicom-microscopy-viewer/"),
    Replacement("*.css", rb"url\(/(?!/)", rb"url("),
    # Arrays of segmentations are of classes made from text, which the page's security policy forbids. All that is asked
    # of them is a matrix.
    Replacement("*.js", rb"function compileConstructor\(dtype, dimension\) \{", MATRIX),
    # Items of a report need no name; one without would take the whole page down.
    Replacement("*.js", rb"\} = ConceptNameCodeSequence;", rb"} = ConceptNameCodeSequence ?? {};"),
    Replacement("*.js", rb"(?m)^//# sourceMappingURL=\S+$", rb""),
)

ENTRY = re.compile(r'<script[^>]* src="/(app\.bundle\.[^"/]+\.js)"')
STYLE = re.compile(r'<link[^>]* href="/(app\.bundle[^"/]*\.css)"')


@dataclass(frozen=True, slots=True)
class EntryPoints:
    """What a page loads to start the viewer."""

    script: str
    style: str


def copy_patched(source: Path, target: Path) -> EntryPoints:
    """Copy the prebuilt files, changed, into a folder that does not exist yet.

    Raises:
        UnknownViewer: something that is to be changed is not there, so these are not the files that this was written
            for.
    """
    entry_points = _entry_points(source / "index.html")
    shutil.copytree(source, target, ignore=shutil.ignore_patterns(*LEFT_OUT))
    found = dict.fromkeys(REPLACEMENTS, 0)
    for path in _files(target):
        before = content = path.read_bytes()
        for replacement in REPLACEMENTS:
            if fnmatch(path.name, replacement.files):
                content, count = re.subn(replacement.pattern, replacement.new.replace(b"\\", b"\\\\"), content)
                found[replacement] += count
        if content is not before:
            path.write_bytes(content)
    if missing := [replacement.pattern.decode() for replacement, count in found.items() if not count]:
        raise UnknownViewer(f"nothing in them matches {', '.join(missing)}")
    return entry_points


def _entry_points(page: Path) -> EntryPoints:
    html = page.read_text(encoding="utf-8") if page.is_file() else ""
    script, style = ENTRY.search(html), STYLE.search(html)
    if not script or not style:
        raise UnknownViewer("their index.html names no script and style to begin with")
    return EntryPoints(script[1], style[1])


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file())
