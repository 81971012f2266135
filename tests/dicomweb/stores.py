"""Store requests, and what their answers say."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse
from django.test import Client
from pydicom.dataset import Dataset

from archive.models import Instance
from archive.storage import blobs
from tests.builders import encapsulated, instance, multipart
from tests.dicomweb.answers import values

STUDIES = "/dicom-web/studies"
DICOM_JSON = "application/dicom+json"
MULTIPART = 'multipart/related; type="application/dicom"'
NOT_MATCHING = 0xB007
STUDY_MISMATCH, CANNOT_UNDERSTAND, DUPLICATE, TOO_LARGE, OUT_OF_RESOURCES = 43265, 49152, 273, 272, 42752


def post(client: Client, *files: bytes, path: str = STUDIES, **headers: Any) -> HttpResponse:
    """Store the files in one request."""
    body, content_type = multipart(files)
    return client.post(path, body, content_type=content_type, **headers)


def post_body(
    client: Client, body: bytes, content_type: str = f"{MULTIPART}; boundary=B", **headers: Any
) -> HttpResponse:
    return client.post(STUDIES, body, content_type=content_type, **headers)


def stored_items(response: HttpResponse) -> list[str]:
    """SOP Instance UIDs of Referenced SOP Sequence."""
    return [item["00081155"]["Value"][0] for item in values(response.json(), "00081199")]


def failed_items(response: HttpResponse) -> dict[str, int]:
    """Failure reasons by SOP Instance UID, of Failed SOP Sequence."""
    return {item["00081155"]["Value"][0]: item["00081197"]["Value"][0] for item in values(response.json(), "00081198")}


def other_failures(response: HttpResponse) -> list[int]:
    return [item["00081197"]["Value"][0] for item in values(response.json(), "0008119A")]


def stored_bytes(sop_instance_uid: str) -> bytes:
    return b"".join(blobs().read(Instance.objects.get(sop_instance_uid=sop_instance_uid).blob_key))


def of_study(study: str, **elements: object) -> Dataset:
    return instance(StudyInstanceUID=study, **elements)


def promising(number_of_frames: int, frames: Sequence[bytes]) -> Dataset:
    dataset = encapsulated(frames)
    dataset.NumberOfFrames = number_of_frames
    return dataset


class Stream:
    """A body that comes in small pieces, as from a socket."""

    def __init__(self, content: bytes) -> None:
        self._rest = content

    def read1(self, size: int) -> bytes:
        size = min(size, 700)
        piece, self._rest = self._rest[:size], self._rest[size:]
        return piece or self._end()

    read = readline = read1

    def _end(self) -> bytes:
        return b""
