"""The DICOM JSON of real files against that of two other implementations: pydicom's and DCMTK's."""

import base64
import json
import shutil
import subprocess
import warnings
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from pydicom import dcmread
from pydicom.data.data_manager import DATA_ROOT

from archive.dicom.errors import MalformedDicom, NotDicom
from archive.dicom.reading.part10 import ParsedInstance, parse

FILES = {
    path.name: path for folder in ("test_files", "charset_files") for path in (Path(DATA_ROOT) / folder).glob("*.dcm")
}

#: No DICM prefix, no Transfer Syntax UID, or cut off in a sequence.
UNREADABLE = {
    "ExplVR_BigEndNoMeta.dcm",
    "ExplVR_LitEndNoMeta.dcm",
    "meta_missing_tsyntax.dcm",
    "no_meta.dcm",
    "rtplan_truncated.dcm",
    "rtstruct.dcm",
}
READABLE = sorted(set(FILES) - UNREADABLE)

#: What pydicom makes no JSON of, for an integer string that is none.
NOT_BY_PYDICOM = {"badVR.dcm"}

NOT_BY_DCMTK = {
    # DCMTK has no ISO 2022 IR 87 when it is built with the C library's iconv.
    "J2K_pixelrep_mismatch.dcm",
    "chrH31.dcm",
    "chrH32.dcm",
    "chrJapMulti.dcm",
    "chrJapMultiExplicitIR6.dcm",
    "chrSQEncoding1.dcm",
    # It does not look for Specific Character Set in items and writes what is not UTF-8.
    "chrSQEncoding.dcm",
    # It refuses pixel data that are cut off, and implicit VR under the name of explicit VR.
    "MR_truncated.dcm",
    "SC_rgb_jpeg.dcm",
}


def differences(ours: dict[str, Any], theirs: dict[str, Any], path: str = "") -> Iterator[str]:
    """What the two say differently, but for what is a matter of choice; each such matter has its comment."""
    for key in sorted(ours.keys() | theirs.keys()):
        here = path + key
        # pydicom keeps group lengths, which PS3.18 Section F.2.2 rules out.
        # DCMTK and we name UTF-8 as the character set, pydicom that of the file.
        if key.endswith("0000") or key == "00080005":
            continue
        if key not in ours or key not in theirs:
            yield f"{here} is only in {'theirs' if key in theirs else 'ours'}"
            continue
        yield from element_differences(ours[key], theirs[key], here)


def element_differences(ours: dict[str, Any], theirs: dict[str, Any], path: str) -> Iterator[str]:
    vr = ours["vr"]
    # pydicom knows some private dictionaries, and uses them for what the file says to be UN.
    if vr == "UN" and int(path[-8:-4], 16) & 1 and theirs["vr"] != "UN":
        return
    # DCMTK leaves at UN what the file says to be UN, though the dictionary knows better.
    if theirs["vr"] == "UN":
        return
    if vr != theirs["vr"]:
        yield f"{path} has VR {vr} and {theirs['vr']}"
    # What becomes bulk data is the server's choice.
    elif "BulkDataURI" in ours or "BulkDataURI" in theirs:
        return
    elif vr == "SQ":
        items, others = ours.get("Value", []), theirs.get("Value", [])
        if len(items) != len(others):
            yield f"{path} has {len(items)} and {len(others)} items"
        for number, (item, other) in enumerate(zip(items, others, strict=False)):
            yield from differences(item, other, f"{path}/{number}/")
    elif normalized(vr, ours) != normalized(vr, theirs):
        yield f"{path} is {normalized(vr, ours)} and {normalized(vr, theirs)}"


def normalized(vr: str, element: dict[str, Any]) -> Any:
    if "InlineBinary" in element:
        # DCMTK makes values of odd length even.
        return base64.b64decode(element["InlineBinary"]).rstrip(b"\0")
    values = element.get("Value", [])
    if vr == "PN":
        # DCMTK leaves out empty components at the end of a name.
        names = [{group: text.rstrip("^ ") for group, text in (name or {}).items()} for name in values]
        values = [{group: text for group, text in name.items() if text} or None for name in names]
    elif vr in ("DS", "IS", "SV", "UV"):
        values = [number(value) for value in values]
    elif vr in ("FL", "FD"):
        # DCMTK writes a single-precision number with as few digits as tell it from its neighbours.
        values = [pytest.approx(value, rel=1e-6) for value in values]
    else:
        # pydicom keeps spaces within several values, and gives empty ones as "".
        values = [(value.rstrip() or None) if isinstance(value, str) else value for value in values]
    # DCMTK gives a text of nothing but spaces as null.
    return [] if values == [None] else values


def number(value: Any) -> Any:
    """Numbers and strings of numbers are both legal for these VRs (PS3.18 Table F.2.3-1)."""
    try:
        return float(value)
    except (TypeError, ValueError):
        return value


def our_json(name: str) -> tuple[ParsedInstance, dict[str, Any]]:
    result = parse(BytesIO(FILES[name].read_bytes()))
    return result, json.loads(result.dicom_json.replace(b"\x1a", b""))


@pytest.mark.parametrize("name", sorted(UNREADABLE))
def test_files_that_are_no_whole_part_10_files_are_refused(name: str) -> None:
    with pytest.raises((NotDicom, MalformedDicom)):
        our_json(name)


@pytest.mark.parametrize("name", sorted(set(READABLE) - NOT_BY_PYDICOM))
def test_the_json_agrees_with_that_of_pydicom(name: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        dataset = dcmread(FILES[name])
        theirs = dataset.to_json_dict(bulk_data_threshold=1024, bulk_data_element_handler=lambda element: "elsewhere")
    assert list(differences(our_json(name)[1], json.loads(json.dumps(theirs)))) == []


@pytest.mark.parametrize("name", sorted(set(READABLE) - NOT_BY_DCMTK))
def test_the_json_agrees_with_that_of_dcmtk(name: str, tmp_path: Path) -> None:
    dcm2json = shutil.which("dcm2json")
    assert dcm2json, "dcm2json is not installed: this test needs the package dcmtk"
    result, ours = our_json(name)
    file = FILES[name]
    pixel_data = result.bulkdata.get("7FE00010")
    if pixel_data and pixel_data.encapsulated:
        # DCMTK makes no JSON of compressed pixel data: it is given the file up to them.
        ours = {key: element for key, element in ours.items() if key < "7FE00010"}
        file = tmp_path / name
        file.write_bytes(FILES[name].read_bytes()[: pixel_data.range.start - 12])
    run = subprocess.run([dcm2json, str(file)], capture_output=True, check=False)
    assert run.returncode == 0, run.stderr.decode(errors="replace")
    assert list(differences(ours, json.loads(run.stdout))) == []
