"""Every row of the standard that the archive is held against has a test that names it.

`rows.csv` lists them: an id, its level, and what it is about. M: the standard says shall. C: under a condition.
S: should. O: optional. D: it is silent, and this is our reading. X: beyond it. P: a pitfall of other implementations.
UPS-A1-1 and the like are of the worklist, by transaction or table; H01 to H14 are its scenarios.
"""

import csv
import re
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]

#: An id in the name of a test, the id of a parameter, a docstring or a comment. Underscores take the place of hyphens.
ID = re.compile(
    r"(?<![A-Za-z0-9])(?:(STOW|NEG|MP|WADO|MT|META|JSON|XML|QIDO|OTH|UPS[-_][A-F]\d*)[-_](\d{1,3})|([PH]\d{2}))(?![0-9])"
)

#: What comes between two ids stands for all of them: `JSON-10 to JSON-19`.
SPAN = re.compile(r"([A-Z]+|UPS-[A-F]\d*)-(\d+) to \1-(\d+)")
#: The name of a test gives the kind of ids once: `test_QIDO_60_to_62_...`, `test_QIDO_80_and_83_...`.
CONTINUED = re.compile(r"([A-Z]+)_(\d{2,3})_(and|to)_(\d{2,3})(?![0-9])")

LEVELS = {"M", "C", "S", "O", "D", "X", "P"}


def rows() -> list[dict[str, str]]:
    with (Path(__file__).parent / "rows.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def ids(text: str) -> set[str]:
    """The ids that a text names."""
    text = CONTINUED.sub(r"\1-\2 \3 \1-\4 \1_\4", text)  # the last once more, for what goes on from it
    text = CONTINUED.sub(r"\1-\2 \3 \1-\4", text)
    single = {f"{found[1]}-{found[2]}".replace("_", "-") if found[1] else found[3] for found in ID.finditer(text)}
    spans = {
        f"{found[1]}-{number:0{len(found[2])}}"
        for found in SPAN.finditer(text)
        for number in range(int(found[2]), int(found[3]) + 1)
    }
    return single | spans


def carried() -> dict[str, set[str]]:
    """The files whose tests name each id."""
    found: dict[str, set[str]] = {}
    for path in TESTS.rglob("test_*.py"):
        if path != Path(__file__).resolve():
            for row in ids(path.read_text(encoding="utf-8")):
                found.setdefault(row, set()).add(str(path.relative_to(TESTS)))
    return found


def test_every_row_is_carried_by_a_test():
    tested = carried()

    missing = [f"{row['id']} ({row['level']}): {row['title']}" for row in rows() if row["id"] not in tested]

    assert not missing, "rows without a test:\n" + "\n".join(missing)


def test_no_test_names_a_row_that_there_is_not():
    known = {row["id"] for row in rows()}

    assert {row: files for row, files in carried().items() if row not in known} == {}


def test_the_list_of_rows_is_in_order():
    listed = rows()

    assert len({row["id"] for row in listed}) == len(listed)
    assert all(row["level"] in LEVELS and row["title"] for row in listed)
    assert all(ids(row["id"]) == {row["id"]} for row in listed)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("def test_STOW_11_STOW_12_bodies():", {"STOW-11", "STOW-12"}),
        ('pytest.param("*", id="NEG-03-anything")', {"NEG-03"}),
        ('"""P40, and WADO-121."""', {"P40", "WADO-121"}),
        ("# JSON-10 to JSON-12", {"JSON-10", "JSON-11", "JSON-12"}),
        ("def test_JSON_10_to_12_numbers():", {"JSON-10", "JSON-11", "JSON-12"}),
        ("def test_P36_and_QIDO_80_and_83_and_85_values():", {"P36", "QIDO-80", "QIDO-83", "QIDO-85"}),
        ("def test_UPS_A10_4_what_is_sent(): # UPS-F-9 to UPS-F-11", {"UPS-A10-4", "UPS-F-9", "UPS-F-10", "UPS-F-11"}),
        ("def test_H09_channels():", {"H09"}),
        ("ISO_IR_100, UTF-8, MP4, P256, SOP-12, 0008,0018, CHRH31", set()),
    ],
)
def test_ids_are_found_where_tests_name_them(text, named):
    assert ids(text) == named
