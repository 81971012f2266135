"""The viewer's files are changed where they must be, and anything else than the files that are known is refused."""

import re

import pytest

from archive.errors import UnknownViewer
from archive.viewer.patch import EntryPoints, copy_patched
from tests.archive.viewer.package import viewer_package


@pytest.fixture
def source(tmp_path):
    return viewer_package(tmp_path / "package") / "dist"


@pytest.fixture
def patched(source, tmp_path):
    copy_patched(source, tmp_path / "patched")
    return tmp_path / "patched"


def test_the_entry_points_are_those_of_the_viewers_own_page(source, tmp_path):
    assert copy_patched(source, tmp_path / "patched") == EntryPoints("app.bundle.0f6159c501addfe9.js", "app.bundle.css")


def test_nothing_is_looked_for_at_the_root_of_the_host(patched):
    texts = [path.read_text() for path in patched.rglob("*") if path.suffix in {".js", ".css"}]
    assert [text for text in texts if re.search(r"""["'(]/(?!\[)""", text.replace("/[^\\/]*$/", ""))] == []


def test_chunks_are_where_the_page_says_and_those_of_workers_beside_them(patched):
    for name in ("app.bundle.0f6159c501addfe9.js", "8097.bundle.8ae6404ba94890a0.js"):
        line = '__webpack_require__.p = self.PUBLIC_URL || self.location.href.replace(/[^\\/]*$/, "");'
        assert (patched / name).read_text().splitlines()[0] == line


def test_the_microscopy_viewer_is_beside_the_others(patched):
    app = (patched / "app.bundle.0f6159c501addfe9.js").read_text()
    assert "import(window.PUBLIC_URL + 'dicom-microscopy-viewer/dicomMicroscopyViewer.min.js');" in app


def test_fonts_are_beside_their_styles_and_pictures_within_them_stay(patched):
    style = (patched / "app.bundle.css").read_text()
    assert "url(a34f9d1faa5f3315.woff2)" in style
    assert "url(data:image/png;base64,AA==)" in style


def test_arrays_of_segmentations_are_made_without_code_from_text(patched):
    before_the_old = (patched / "8097.bundle.8ae6404ba94890a0.js").read_text().partition("new Function")[0]
    assert "return (...values) => new Matrix(...values);" in before_the_old


def test_items_of_reports_need_no_name(patched):
    app = (patched / "app.bundle.0f6159c501addfe9.js").read_text()
    assert "const { CodeValue } = ConceptNameCodeSequence ?? {};" in app


def test_no_map_is_asked_for(patched):
    assert "sourceMappingURL" not in (patched / "app.bundle.0f6159c501addfe9.js").read_text()


def test_what_is_not_served_is_left_out_and_the_rest_is_as_it_was(source, patched):
    left = {path.relative_to(patched).as_posix() for path in patched.rglob("*") if path.is_file()}
    assert left == {
        "app.bundle.0f6159c501addfe9.js",
        "8097.bundle.8ae6404ba94890a0.js",
        "app.bundle.css",
        "a34f9d1faa5f3315.woff2",
        "0ddf166f7a343eda.wasm",
        "dicom-microscopy-viewer/dicomMicroscopyViewer.min.js",
        "assets/images/CT-AAA.png",
    }
    for name in ("a34f9d1faa5f3315.woff2", "assets/images/CT-AAA.png"):
        assert (patched / name).read_bytes() == (source / name).read_bytes()


@pytest.mark.parametrize(
    ("file", "found"),
    [
        ("app.bundle.0f6159c501addfe9.js", "'/dicom-microscopy-viewer/"),
        ("app.bundle.0f6159c501addfe9.js", "= ConceptNameCodeSequence;"),
        ("app.bundle.0f6159c501addfe9.js", "//# sourceMappingURL="),
        ("8097.bundle.8ae6404ba94890a0.js", "function compileConstructor"),
        ("app.bundle.css", "url(/"),
    ],
)
def test_files_without_something_that_is_to_be_changed_are_refused(source, tmp_path, file, found):
    path = source / file
    path.write_text(path.read_text().replace(found, ""))
    with pytest.raises(UnknownViewer, match="nothing in them matches"):
        copy_patched(source, tmp_path / "patched")


def test_files_that_say_otherwise_where_they_are_are_refused(source, tmp_path):
    for path in source.glob("*.js"):
        path.write_text(path.read_text().replace('.p = "/"', '.p = "/ohif/"'))
    with pytest.raises(UnknownViewer, match="__webpack_require__"):
        copy_patched(source, tmp_path / "patched")


@pytest.mark.parametrize("page", [None, "<html>", '<script src="/app.bundle.1.js"></script>'])
def test_files_without_entry_points_are_refused(source, tmp_path, page):
    (source / "index.html").unlink()
    if page is not None:
        (source / "index.html").write_text(page)
    with pytest.raises(UnknownViewer, match=r"index\.html"):
        copy_patched(source, tmp_path / "patched")
