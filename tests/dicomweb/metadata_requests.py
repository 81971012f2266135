"""Store requests whose metadata and bulk data come apart, made with pydicom's DICOM JSON."""

from dataclasses import dataclass
from io import BytesIO
from typing import Any

import orjson
from django.http import HttpResponse
from django.test import Client
from pydicom import dcmread
from pydicom.dataset import Dataset

from archive.dicom import native_xml
from archive.models import Instance
from archive.storage import blobs
from tests.builders import related

STUDIES = "/dicom-web/studies"
DICOM_JSON, DICOM_XML = "application/dicom+json", "application/dicom+xml"


@dataclass(frozen=True, slots=True)
class Bulk:
    """A bulk part; `headers` replace or add to its own."""

    location: str
    payload: bytes
    type: str = "application/octet-stream"

    @property
    def part(self) -> tuple[dict[str, str], bytes]:
        return {"Content-Type": self.type, "Content-Location": self.location}, self.payload


def metadata(dataset: Dataset, **elements: Any) -> dict[str, Any]:
    """The DICOM JSON of a data set, with further elements by tag, as in `_00091001={"vr": ...}`; None removes one."""
    model = dataset.to_json_dict() | {tag[1:]: element for tag, element in elements.items()}
    return {tag: element for tag, element in sorted(model.items()) if element is not None}


def reference(uri: str, vr: str = "OW") -> dict[str, Any]:
    return {"vr": vr, "BulkDataURI": uri}


def request(instances: list[dict[str, Any]], *bulk: Bulk, root: str = DICOM_JSON) -> tuple[bytes, str]:
    """Body and Content-Type: the metadata of all instances in JSON, or of each in XML, then the bulk data."""
    documents = [orjson.dumps(instances)] if root == DICOM_JSON else [native_xml.to_xml(one) for one in instances]
    parts = [({"Content-Type": root}, document) for document in documents]
    return related([*parts, *(one.part for one in bulk)], type=root)


def post(
    client: Client,
    instances: list[dict[str, Any]],
    *bulk: Bulk,
    root: str = DICOM_JSON,
    path: str = STUDIES,
    **headers: Any,
) -> HttpResponse:
    body, content_type = request(instances, *bulk, root=root)
    return client.post(path, body, content_type=content_type, **headers)


def stored_bytes(sop_instance_uid: str) -> bytes:
    return b"".join(blobs().read(Instance.objects.get(sop_instance_uid=sop_instance_uid).blob_key))


def stored_dataset(sop_instance_uid: str) -> Dataset:
    """What is stored, as pydicom reads it."""
    return dcmread(BytesIO(stored_bytes(sop_instance_uid)))
