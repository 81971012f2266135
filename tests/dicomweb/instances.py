"""Instances of different transfer syntaxes, and requests for them."""

import io

import pydicom
from django.http import HttpResponse
from pydicom.dataset import Dataset
from pydicom.uid import (
    MPEG4HP41,
    JPEGLSLossless,
)

from tests import builders
from tests.builders import encapsulated
from tests.storing import StoredFile, stored

DICOM = "application/dicom"
MULTIPART = f'multipart/related; type="{DICOM}"'
ANY_SYNTAX = f"{MULTIPART}; transfer-syntax=*"
HOST = "http://testserver"


def compressed(transfer_syntax: str = JPEGLSLossless, count: int = 1, **elements: object) -> StoredFile:
    return stored(builders.compressed(transfer_syntax, count, **elements), transfer_syntax=transfer_syntax)


def undecodable(transfer_syntax: str = MPEG4HP41, **elements: object) -> StoredFile:
    return stored(encapsulated([bytes(64)], offset_table="none", **elements), transfer_syntax=transfer_syntax)


def read(payload: bytes) -> Dataset:
    return pydicom.dcmread(io.BytesIO(payload))


def get(archive, path: str, accept: str | None = ANY_SYNTAX, **headers: str) -> HttpResponse:
    return archive.get(path, headers=headers | ({"accept": accept} if accept is not None else {}))
