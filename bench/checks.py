"""Checks of DICOMweb responses. Each raises Wrong if the answer must not be timed.

The make_* functions return check(response, note); `note` takes a sentence about a
departure from PS3.18 that does not make the answer wrong.
"""

import hashlib
import io
import json

import pydicom
from PIL import Image
from pydicom.dataset import Dataset
from wire import split_related

JSON = "application/dicom+json"
BULK = ("OB", "OD", "OF", "OL", "OV", "OW", "UN")

# What a matching result must hold where the object has it (PS3.18 tables 10.6.3-3 to -5).
RESULT_ATTRIBUTES = {
    "study": "00080020 00080030 00080050 00080061 00080090 00081190 00100010 00100020 00100030 00100040 "
    "0020000D 00200010 00201206 00201208",
    "series": "00080060 0008103E 00081190 0020000E 00200011 00201209",
    "instance": "00080016 00080018 00081190 00200013 00280010 00280011 00280100",
}
UNIQUE_ID = {"study": "0020000D", "series": "0020000E", "instance": "00080018"}


class Wrong(Exception):
    """The answer is not what was asked for."""


def excerpt(response):
    """The start of a body, for an error message (and fit for a table)."""
    return " ".join(bytes(response.body[:200]).decode("utf-8", "replace").replace("|", " ").split())[:80]


def value(item, tag):
    """The first value of an attribute of a DICOM JSON object, or None."""
    values = item.get(tag, {}).get("Value") or [None]
    return values[0]


def objects(response):
    """The DICOM JSON objects in a response."""
    if not response.content_type.lower().startswith(JSON):
        raise Wrong(f"Content-Type {response.content_type or 'missing'}, not {JSON}")
    items = json.loads(response.body)
    if not isinstance(items, list):
        raise Wrong("the JSON is not an array")
    return items


def check_stored(response, uids):
    """A STOW response that acknowledges exactly these SOP Instance UIDs."""
    if response.status != 200:
        raise Wrong(f"HTTP {response.status}: {excerpt(response)}")
    try:
        answer = json.loads(response.body)
        stored = {value(item, "00081155") for item in answer["00081199"]["Value"]}
    except (ValueError, KeyError, TypeError) as error:
        raise Wrong(f"no readable ReferencedSOPSequence: {error!r}") from error
    if stored != uids:
        raise Wrong(
            f"ReferencedSOPSequence has {len(stored & uids)} of the {len(uids)} instances sent, "
            f"and {len(stored - uids)} others"
        )
    if answer.get("00081198", {}).get("Value"):
        raise Wrong("FailedSOPSequence in a response of HTTP 200")


def make_results(level, expected, known=None, limit=None, every_field=False):
    """The results of a query: those of `expected`, {UID at this level: Instance}.

    Results outside `known` are other data in the store, and are not judged; without
    `known` every result must be expected. `every_field`: includefield=all was asked.
    """
    tag = UNIQUE_ID[level]

    def check(response, note):
        items = objects(response)
        found = {value(item, tag): item for item in items}
        if len(found) != len(items):
            raise Wrong("a result is repeated, or has no UID")
        if limit is not None and len(found) != limit:
            raise Wrong(f"{len(found)} results with limit={limit}")
        if limit is None and (missing := expected.keys() - found.keys()):
            raise Wrong(f"{len(missing)} of {len(expected)} matches are missing")
        judged = found.keys() if known is None else found.keys() & known.keys()
        if extra := judged - expected.keys():
            raise Wrong(f"{len(extra)} results do not match the query")
        for uid in judged:
            _check_patient(found[uid], expected[uid], note)
        for attribute in RESULT_ATTRIBUTES[level].split():
            if any(attribute not in item for item in items):
                note(f"QIDO-RS: {level} results lack {_name(attribute)}")
        if every_field:
            item, instance = next((found[uid], expected[uid]) for uid in judged)
            sent = pydicom.dcmread(io.BytesIO(instance.load()), stop_before_pixels=True)
            absent = [element for element in sent if f"{element.tag:08X}" not in item]
            if absent:
                note(f"QIDO-RS: includefield=all leaves out {len(absent)} of {len(sent)} attributes")

    return check


def _check_patient(item, instance, note):
    groups = dict(zip(("Alphabetic", "Ideographic", "Phonetic"), instance.patient_name.split("="), strict=False))
    name = value(item, "00100010") or groups
    if name.get("Alphabetic") != groups["Alphabetic"]:
        raise Wrong(f"PatientName {name} instead of {groups}")
    if name != groups:
        note("QIDO-RS: the ideographic group of PatientName comes back with another value")
    for tag, expected in (("00100020", instance.patient_id), ("00080020", instance.study_date)):
        if value(item, tag) not in (None, expected):
            raise Wrong(f"{_name(tag)} {value(item, tag)} instead of {expected}")


def make_instances(instances, syntax=None):
    """Parts of application/dicom: exactly these instances, with their pixels.

    With `syntax` the pixels must be uncompressed in that transfer syntax; without, they
    must be the stored bytes in the stored transfer syntax.
    """

    def check(response, note):
        wanted = {i.sop: i for i in instances}
        parts = split_related(response)
        if len(parts) != len(wanted):
            raise Wrong(f"{len(parts)} parts instead of {len(wanted)}")
        for headers, payload in parts:
            if not headers.get("content-type", "").lower().startswith("application/dicom"):
                raise Wrong(f"a part has Content-Type {headers.get('content-type')}")
            got = pydicom.dcmread(io.BytesIO(payload))
            instance = wanted.pop(got.SOPInstanceUID, None)
            if instance is None:
                raise Wrong("an instance that was not asked for, or one sent twice")
            sent = pydicom.dcmread(io.BytesIO(instance.load()))
            want = syntax or sent.file_meta.TransferSyntaxUID
            if got.file_meta.TransferSyntaxUID != want:
                raise Wrong(f"transfer syntax {got.file_meta.TransferSyntaxUID} instead of {want}")
            if syntax and hashlib.sha256(got.PixelData).hexdigest() != instance.pixels:
                raise Wrong("the pixels are not those that were stored")
            if not syntax and got.PixelData != sent.PixelData:
                raise Wrong("PixelData is not byte for byte what was stored")
            _compare(got, sent, note, "WADO-RS instance")

    return check


def make_metadata(instances):
    """DICOM JSON of exactly these instances; a sample is compared with what was stored."""

    def check(response, note):
        items = {value(item, "00080018"): item for item in objects(response)}
        wanted = {i.sop: i for i in instances}
        if items.keys() != wanted.keys():
            raise Wrong(f"metadata of {len(items.keys() & wanted.keys())} of {len(wanted)} instances")
        for uid in list(wanted)[:: max(1, len(wanted) // 3)]:
            item = items[uid]
            sent = pydicom.dcmread(io.BytesIO(wanted[uid].load()), stop_before_pixels=True)
            for element in list(sent):  # binary values may be replaced by a reference
                if element.VR in BULK or "BulkDataURI" in item.get(f"{element.tag:08X}", {}):
                    if f"{element.tag:08X}" not in item:
                        note(f"WADO-RS metadata: {_name(element.tag)} ({element.VR}) has neither value nor BulkDataURI")
                    del sent[element.tag]
            lost = [e.keyword for e in sent if e.keyword and f"{e.tag:08X}" not in item]
            if lost:
                raise Wrong(f"metadata lacks {len(lost)} attributes: {', '.join(lost[:3])} ...")
            plain = {tag: element for tag, element in item.items() if "BulkDataURI" not in element}
            _compare(Dataset.from_json(plain), sent, note, "WADO-RS metadata")

    return check


def make_frame(instance, number):
    """One part: the frame's bytes as they were before any compression."""

    def check(response, note):
        parts = split_related(response)
        if len(parts) != 1:
            raise Wrong(f"{len(parts)} parts instead of one frame")
        headers, payload = parts[0]
        if not headers.get("content-type", "").lower().startswith("application/octet-stream"):
            raise Wrong(f"the frame has Content-Type {headers.get('content-type')}")
        if instance.frames == 1:
            same = hashlib.sha256(payload).hexdigest() == instance.pixels
        else:  # uncompressed: PixelData ends the file
            pixels = instance.load()[-instance.frames * instance.frame_bytes :]
            same = payload == pixels[(number - 1) * instance.frame_bytes : number * instance.frame_bytes]
        if not same:
            raise Wrong(f"frame {number} is not byte for byte what was stored")

    return check


def check_rendered(response, note):
    """A JPEG of the whole 512x512 image, and not a blank one."""
    if not response.content_type.lower().startswith("image/jpeg"):
        raise Wrong(f"Content-Type {response.content_type} instead of image/jpeg")
    image = Image.open(io.BytesIO(response.body))
    image.load()
    if image.format != "JPEG" or image.size != (512, 512):
        raise Wrong(f"rendered as {image.format} of {image.size}")
    low, high = image.convert("L").getextrema()
    if high - low < 64:
        raise Wrong("the rendered image is blank")


def _compare(got, sent, note, what):
    """Note attributes that came back changed or not at all; pixels are judged elsewhere."""
    for element in sent:
        if element.keyword in ("PixelData", "SpecificCharacterSet"):  # JSON is UTF-8 whatever was stored
            continue
        name = f"{what}: {_name(element.tag)} ({element.VR})"
        if element.tag not in got:
            note(f"{name} is missing")
        elif got[element.tag].VR != element.VR:
            note(f"{name} comes back with VR {got[element.tag].VR}")
        elif got[element.tag] != element:
            note(f"{name} comes back with another value")


def _name(tag):
    tag = pydicom.tag.Tag(tag)
    return pydicom.datadict.keyword_for_tag(tag) or f"private {tag}"
