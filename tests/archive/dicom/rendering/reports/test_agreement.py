"""Reports as we tell them, against what DCMTK's dsrdump and dsr2html say of the same files."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from pydicom.data.data_manager import DATA_ROOT
from pydicom.uid import generate_uid

from archive.dicom.rendering.reports.documents import report
from archive.dicom.rendering.reports.pages import html
from archive.dicom.rendering.reports.plain_text import text
from tests.archive.dicom.rendering.reports.built import (
    by_reference,
    code,
    content,
    document,
    evidence,
    number_item,
    sop,
    text_item,
)
from tests.archive.dicom.rendering.reports.test_pages import outline
from tests.archive.dicom.rendering.shown import attributes_in

FILES = ["reportsi.dcm", "reportsi_with_empty_number_tags.dcm", "test-SR.dcm"]

#: An item as dsrdump has it: `<contains NUM:(121206,DCM,"Distance")="3.5" (mm,UCUM,"millimeter")>`.
_ITEM = re.compile(r'(?P<indent> *)<[a-z ]*(?P<type>[A-Z0-9]+):(\([^"]*"(?P<name>[^"]*)"\))?=(?P<value>.*)>')
_MEANING = re.compile(r'\([^"()]*,"([^"]*)"\)')


def by_dcmtk(program: str, file: Path, *options: str) -> str:
    """What it writes; items that it does not take, such as images of unknown classes, are left out."""
    found = shutil.which(program)
    assert found, f"{program} is not installed: this test needs the package dcmtk"
    run = subprocess.run([found, "-Ei", "+U8", *options, str(file)], capture_output=True, check=False)
    assert run.returncode == 0, run.stderr.decode(errors="replace")
    return run.stdout.decode()


def said_by_dcmtk(file: Path) -> list[str]:
    """The names of items, texts up to their first line break, numbers, and what codes mean; in their order."""
    said = []
    prose: dict[int, bool] = {}
    for line in by_dcmtk("dsrdump", file, "+Pl").splitlines():
        if not (found := _ITEM.match(line)):
            continue
        depth, value = len(found["indent"]) // 2, found["value"]
        prose[depth] = value.startswith("CONTINUOUS")
        if found["name"] and not prose.get(depth - 1):
            said.append(found["name"])
        if found["type"] in ("TEXT", "NUM") and '"' in value:
            said.append(re.split(r"\\[nr]", value.split('"')[1])[0])
        if found["type"] in ("CODE", "NUM"):
            said += _MEANING.findall(value)
    return said


def check_agreement(file: Path) -> None:
    ours = report(attributes_in(file.read_bytes()))
    theirs = said_by_dcmtk(file)
    assert len(theirs) > 5
    for written in (text(ours), "".join(outline(html(ours)).texts)):
        whole, position = one_line(written), 0
        for words in theirs:
            position = whole.find(one_line(words), position)
            assert position >= 0, words


def one_line(words: str) -> str:
    return " ".join(words.split())


@pytest.mark.parametrize("name", FILES)
def test_WADO_85_a_file_says_what_it_says_to_dcmtk_in_the_same_order(name):
    check_agreement(Path(DATA_ROOT) / "test_files" / name)


def test_WADO_85_a_document_says_what_it_says_to_dcmtk_in_the_same_order(tmp_path):
    file = tmp_path / "report.dcm"
    file.write_bytes(built())
    check_agreement(file)


@pytest.mark.parametrize("name", FILES)
def test_dates_and_names_are_written_as_by_dcmtk(name):
    file = Path(DATA_ROOT) / "test_files" / name
    ours = text(report(attributes_in(file.read_bytes())))
    theirs = by_dcmtk("dsr2html", file)
    (patient,) = re.findall(r"<b>Patient:</b></td>\n<td>([^(<]*\w)", theirs)
    assert f"Patient: {patient}\n" in ours
    dates = set(re.findall(r"\d{4}-\d\d-\d\d(?: \d\d:\d\d:\d\d)?", theirs))
    assert dates
    assert all(date in ours for date in dates)


def built() -> bytes:
    """A document with every relationship of Comprehensive SR."""
    image = generate_uid()
    site = content("CODE", "Site", "HAS CONCEPT MOD", ConceptCodeSequence=[code("Lung")])
    source = content("IMAGE", "Source", "SELECTED FROM", ReferencedSOPSequence=[sop(image)])
    place = content("SCOORD", "Outline", "INFERRED FROM", [source], GraphicType="POINT", GraphicData=[1, 2])
    size = number_item("3.25", "mm", items=[site, place])
    why = text_item("It grew since.", "Reason", relationship="INFERRED FROM", items=[by_reference(1, 3, 1)])
    findings = content("CONTAINER", "Findings", items=[size, text_item("Größe & <Form>", items=[why])])
    observer = content("PNAME", "Observer", "HAS OBS CONTEXT", PersonName="Doe^Jane")
    procedure = content("CODE", "Procedure", "HAS CONCEPT MOD", ConceptCodeSequence=[code("CT of chest")])
    return document(
        observer,
        procedure,
        findings,
        CurrentRequestedProcedureEvidenceSequence=[evidence(sop(image), study=generate_uid(), series=generate_uid())],
    )
