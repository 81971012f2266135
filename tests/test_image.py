"""The container image, which these tests cannot build: that what it needs reaches its builder."""

import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_every_package_reaches_the_builder() -> None:
    packages = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["root_packages"]
    sent = (ROOT / ".dockerignore").read_text().splitlines()

    assert {f"!{package}/" for package in packages} <= set(sent)
