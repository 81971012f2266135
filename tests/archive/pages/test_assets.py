"""What pages load: files of this archive, as they were published, and nothing from elsewhere."""

import re
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[3]
VENDOR = PROJECT / "static" / "vendor"
OURS = [
    path
    for folder, pattern in (("templates", "*.html"), ("static/css", "*.css"), ("static/js", "*.js"))
    for path in sorted((PROJECT / folder).rglob(pattern))
]


@pytest.mark.parametrize("path", OURS, ids=lambda path: path.name)
def test_nothing_is_loaded_from_elsewhere_nor_written_into_a_page(path):
    text = path.read_text(encoding="utf-8")

    assert not re.search(r"""["'(]\s*(https?:)?//""", text)
    if path.suffix == ".html":
        assert not re.search(r"""\s(style|on[a-z]+|hx-on[^=]*)\s*=\s*["']""", text)
        assert not re.search(r"<style|<script(?![^>]* src=)", text)


@pytest.mark.parametrize("folder", sorted(VENDOR.iterdir()), ids=lambda folder: folder.name)
def test_vendored_files_are_beside_their_licence_and_ask_for_no_source_maps(folder):
    assert (folder / "LICENSE").is_file()
    for path in folder.iterdir():
        assert "sourceMappingURL" not in path.read_text(encoding="utf-8")


def test_every_icon_that_is_used_is_in_the_sprite():
    sprite = (VENDOR / "bootstrap-icons" / "icons.svg").read_text(encoding="utf-8")
    templates = (path.read_text(encoding="utf-8") for path in OURS if path.suffix == ".html")
    used = {name for text in templates for name in re.findall(r'{% icon "([^"]+)"', text)}

    assert used <= set(re.findall(r'<symbol id="([^"]+)"', sprite))
