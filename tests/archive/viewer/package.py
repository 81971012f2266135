"""A small npm package that has what the archive changes in the viewer's, and nothing else."""

import json
from pathlib import Path

from archive.viewer.installed import version

INDEX = (
    '<html><head><script>window.PUBLIC_URL="/"</script><script defer src="/app.bundle.0f6159c501addfe9.js"></script>'
    '<link href="/app.bundle.css" rel="stylesheet"></head></html>'
)
APP = """\
__webpack_require__.p = "/";
import('/dicom-microscopy-viewer/dicomMicroscopyViewer.min.js');
const { CodeValue } = ConceptNameCodeSequence;
//# sourceMappingURL=app.bundle.0f6159c501addfe9.js.map
"""
CODECS = """\
__webpack_require__.p = "/";
function compileConstructor(dtype, dimension) {
  return new Function("CTOR_LIST", "ORDER", "");
}
"""
STYLE = "@font-face { src: url(/a34f9d1faa5f3315.woff2) } b { background: url(data:image/png;base64,AA==) }"
FILES = {
    "index.html": INDEX,
    "app.bundle.0f6159c501addfe9.js": APP,
    "8097.bundle.8ae6404ba94890a0.js": CODECS,
    "app.bundle.css": STYLE,
    "a34f9d1faa5f3315.woff2": "a font",
    "0ddf166f7a343eda.wasm": "a codec" * 100,
    "dicom-microscopy-viewer/dicomMicroscopyViewer.min.js": "export default 1;",
    "assets/images/CT-AAA.png": "a picture",
    "ort/ort.js": "a model",
    "sw.js": "importScripts('https://storage.googleapis.com/workbox.js')",
    "app.bundle.0f6159c501addfe9.js.map": "a map",
    "app-config.js": "window.config = {}",
}


def viewer_package(folder: Path) -> Path:
    """The package, unpacked."""
    for name, content in FILES.items():
        file = folder / "dist" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)
    (folder / "package.json").write_text(json.dumps({"name": "@ohif/app", "version": version()}))
    (folder / "LICENSE").write_text("The MIT License (MIT)")
    return folder
