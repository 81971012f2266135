"""Rendered instances and frames: who gets none, and many clients at once (PS3.18 Section 10.4.3.3.3)."""

from concurrent.futures import ThreadPoolExecutor
from unittest.mock import patch

import pytest
from django.db import connection
from django.test import Client
from pydicom.uid import EnhancedCTImageStorage

from archive import made
from archive.dicom.rendering import pictures
from archive.models import Instance
from archive.selectors import metadata
from archive.services.delete import delete
from archive.storage import blobs
from tests.dicomweb.answers import loose_parts
from tests.dicomweb.pictures import (
    GIF,
    JPEG,
    PNG,
    cine,
    compressed_cine,
    flat,
    get,
    image,
    wedge,
)

pytestmark = pytest.mark.django_db

OCTETS = 'multipart/related; type="application/octet-stream"'
MISSING = "/dicom-web/studies/9/series/9/instances/9"


def targets(path: str) -> list[str]:
    return [f"{path}/rendered", f"{path}/frames/1/rendered", f"{path}/thumbnail", f"{path}/frames/1/thumbnail"]


@pytest.mark.parametrize("path", targets(MISSING))
def test_WADO_17_what_is_not_there_is_404(archive, path):
    assert get(archive, path).status_code == 404


def test_WADO_18_an_instance_of_another_series_is_404(archive):
    one, other = image(wedge()), image(wedge())

    assert get(archive, f"{one.series_path}/instances/{other.instance}/rendered").status_code == 404


def test_WADO_19_what_was_deleted_is_410(archive, django_capture_on_commit_callbacks):
    file = image(wedge())
    tag = get(archive, f"{file.path}/rendered")["ETag"]
    with django_capture_on_commit_callbacks(execute=True):
        delete(file.study, file.series, file.instance)

    for path in targets(file.path):
        assert get(archive, path).status_code == 410
    assert get(archive, f"{file.path}/rendered", PNG, {"if-none-match": tag}).status_code == 410


def test_WADO_22_pixels_that_are_gone_are_503(archive):
    file = image(wedge())
    blobs().delete(Instance.objects.get().blob_key)

    for path in targets(file.path):
        assert get(archive, path, JPEG).status_code == 503


def test_WADO_23_seeing_needs_what_reading_needs(member, client_of):
    file = image(wedge())

    for path in targets(file.path):
        assert get(Client(), path, JPEG).status_code == 401
        assert get(client_of(member()), path, JPEG).status_code == 403
        assert get(client_of(member("viewers")), path, JPEG).status_code == 200


def test_OTH_10_other_methods_are_405(archive):
    for path in targets(image(wedge()).path):
        response = archive.post(path, b"x", content_type=JPEG)
        assert response.status_code == 405
        assert response["Allow"] == "GET, HEAD, OPTIONS"


def test_OTH_17_no_patient_in_what_is_refused(archive):
    file = compressed_cine([None], PatientName="Doe^Jane", PatientID="ID-77", SOPClassUID=EnhancedCTImageStorage)

    for path in targets(file.path):
        response = get(archive, path, JPEG)
        assert response.status_code == 406
        assert not any(secret in response.getvalue() for secret in (b"Doe", b"Jane", b"ID-77"))


@pytest.mark.django_db(transaction=True)
def test_many_clients_at_once_see_the_same(archive):
    files = [image(wedge()), cine([10, 100])]
    paths = [f"{files[0].path}/rendered", f"{files[1].path}/frames/2/rendered"] * 8

    def body(path: str) -> bytes:
        try:
            return get(archive, path, JPEG).getvalue()
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        bodies = list(pool.map(body, paths))

    assert len(set(bodies)) == 2
    assert bodies == bodies[:2] * 8


def test_a_large_image_is_encoded_where_it_keeps_nobody_waiting(archive, monkeypatch):
    """Pillow holds the interpreter's lock while it chooses the colors of a GIF."""
    file = image(wedge(64, 32))
    here = get(archive, f"{file.path}/rendered", GIF).getvalue()
    made.clear()
    monkeypatch.setattr(pictures, "_LARGE", 1000)
    with patch.object(pictures.encoders, "encode") as encode:
        assert get(archive, f"{file.path}/rendered", GIF).getvalue() == here
    assert not encode.called


def test_what_says_too_much_of_itself_is_not_shown_and_its_frames_are_given(archive, monkeypatch):
    """Metadata take ten times their room while they are looked at, in the process that serves all others."""
    monkeypatch.setattr(metadata, "LARGEST", 100)
    file = compressed_cine([10, 60])
    assert get(archive, f"{file.path}/rendered", PNG).status_code == 406
    assert loose_parts(get(archive, f"{file.path}/frames/2", OCTETS))[0].payload == flat(60).tobytes()
