"""Store requests that nobody should send: each is answered in the protocol's form, soon, and nothing is half stored."""

import time
import tracemalloc
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from typing import Any

import orjson
import pytest
from django.http import HttpResponse
from django.test import Client
from pydicom.datadict import tag_for_keyword
from pydicom.uid import DeflatedExplicitVRLittleEndian, ExplicitVRLittleEndian

from archive.models import Instance
from archive.storage import blobs
from tests.archive.dicom.raw import element, item, part10_file
from tests.builders import instance, multipart, part10, related
from tests.dicomweb.metadata_requests import DICOM_JSON, DICOM_XML, STUDIES, Bulk, metadata, post, reference, request
from tests.dicomweb.stores import Stream

pytestmark = pytest.mark.django_db

#: What a store can be answered with when it is the request that is at fault, or nothing is.
ANSWERED = {200, 202, 400, 408, 409, 413, 415}
#: Seconds that are many times what any of these takes, and few of what it would take to fall for it.
SOON = 20.0


def post_body(archive: Client, body: bytes, content_type: str) -> HttpResponse:
    return archive.generic("POST", STUDIES, body, CONTENT_TYPE=content_type, CONTENT_LENGTH=str(len(body)))


def assert_nothing_is_stored() -> None:
    assert Instance.objects.count() == 0
    assert list(blobs().listing()) == []


def small_file() -> bytes:
    """Of 450 bytes, and with a sequence and pixel data."""
    uids = {"SOPInstanceUID": "1.2.3", "SeriesInstanceUID": "1.2", "StudyInstanceUID": "1", "SOPClassUID": "1.4"}
    elements = [
        *(element(int(tag_for_keyword(keyword) or 0), "UI", uid.encode() + b"\0") for keyword, uid in uids.items()),
        element(0x00081140, "SQ", item(element(0x00080060, "CS", b"CT"))),
        element(0x00280010, "US", b"\1\0"),
        element(0x7FE00010, "OB", b"abcd"),
    ]
    return part10_file(b"".join(sorted(elements)))


@contextmanager
def soon_and_within(megabytes: int) -> Iterator[None]:
    start = time.monotonic()
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < megabytes << 20
    finally:
        tracemalloc.stop()
    assert time.monotonic() - start < SOON


# -- cut and changed -------------------------------------------------------------


def files_request() -> tuple[bytes, str]:
    return multipart([part10_file(element(0x00080060, "CS", b"CT"))], boundary="B")


def metadata_request(root: str) -> tuple[bytes, str]:
    model = {"00080018": {"vr": "UI", "Value": ["1.2"]}, "00091001": {"vr": "OB", "BulkDataURI": "x"}}
    return request([model], Bulk("x", b"\r\n--"), root=root)


REQUESTS = [files_request(), metadata_request(DICOM_JSON), metadata_request(DICOM_XML)]


@pytest.mark.parametrize(("body", "content_type"), REQUESTS, ids=["files", "json", "xml"])
def test_STOW_44_STOW_59_a_body_cut_at_any_byte_is_400_and_nothing_is_stored(archive, body, content_type):
    whole = body.removesuffix(b"\r\n")
    for length in range(len(whole)):
        assert post_body(archive, body[:length], content_type).status_code == 400, length
    assert_nothing_is_stored()
    # None of these instances has its UIDs.
    assert post_body(archive, whole, content_type).status_code == 409


@pytest.mark.parametrize(("body", "content_type"), REQUESTS, ids=["files", "json", "xml"])
def test_a_body_shorter_than_its_length_is_408_wherever_it_ends(archive, body, content_type):
    for length in range(0, len(body), 7):
        cut = {"CONTENT_TYPE": content_type, "CONTENT_LENGTH": str(len(body)), "wsgi.input": Stream(body[:length])}
        assert archive.generic("POST", STUDIES, **cut).status_code == 408, length
    assert_nothing_is_stored()


def test_a_file_cut_at_any_byte_is_stored_or_refused(archive):
    content = small_file()
    for length in range(1, len(content)):
        assert post_body(archive, content[:length], "application/dicom").status_code in {200, 202, 409}, length
    assert Instance.objects.count() <= 1
    assert len(list(blobs().listing())) == Instance.objects.count()


@pytest.mark.parametrize("change", [0x01, 0xFF])
def test_a_file_with_any_byte_changed_is_stored_or_refused(archive, change):
    content = small_file()
    for position in range(128, len(content)):
        changed = content[:position] + bytes([content[position] ^ change]) + content[position + 1 :]
        assert post_body(archive, changed, "application/dicom").status_code in {200, 202, 409}, position
    assert len(list(blobs().listing())) == Instance.objects.count()


@pytest.mark.parametrize("root", [DICOM_JSON, DICOM_XML])
def test_metadata_with_any_byte_changed_are_stored_or_refused(archive, root):
    body, content_type = metadata_request(root)
    for position in range(len(body)):
        changed = body[:position] + bytes([body[position] ^ 0x15]) + body[position + 1 :]
        assert post_body(archive, changed, content_type).status_code in ANSWERED, position
    assert len(list(blobs().listing())) == Instance.objects.count()


# -- nested, swollen, countless --------------------------------------------------

NESTED_JSON = b'{"00081140":{"vr":"SQ","Value":['
NESTED_XML = b"<DicomAttribute tag='00081140' vr='SQ'><Item number='1'>"


@pytest.mark.parametrize("depth", [65, 300, 5_000, 100_000])
def test_metadata_nested_deeply_are_refused(archive, depth):
    json = b"[" + NESTED_JSON * depth + b"]}}" * depth + b"]"
    xml = b"<NativeDicomModel>" + NESTED_XML * depth + b"</Item></DicomAttribute>" * depth + b"</NativeDicomModel>"
    for root, document in ((DICOM_JSON, json), (DICOM_XML, xml)):
        body, content_type = related([({"Content-Type": root}, document)], type=root)
        with soon_and_within(64):
            response = post_body(archive, body, content_type)
        assert response.status_code in {400, 409}
    assert_nothing_is_stored()


def test_arrays_nested_deeply_are_refused(archive):
    for document in (b"[" * 200_000, b"[" * 200_000 + b"]" * 200_000, b'[{"00100020":' * 5_000):
        body, content_type = related([({"Content-Type": DICOM_JSON}, document)])
        assert post_body(archive, body, content_type).status_code == 400


def test_a_file_that_inflates_to_much_more_is_refused(archive, settings):
    settings.ARCHIVE_MAX_INSTANCE_SIZE = 8 << 20
    swollen = element(0x00091001, "OB", bytes(64 << 20))
    deflater = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    content = part10_file(deflater.compress(swollen) + deflater.flush(), DeflatedExplicitVRLittleEndian)
    assert len(content) < 100_000

    with soon_and_within(48):
        response = post_body(archive, content, "application/dicom")

    assert response.status_code == 409
    assert_nothing_is_stored()


ENTITIES = "".join(
    f'<!ENTITY {name} "{f"&{inner};" * 10}">' for inner, name in zip("abcdefghi", "bcdefghij", strict=True)
)


@pytest.mark.parametrize(
    "declaration",
    [
        f'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">{ENTITIES}]>',
        f'<!DOCTYPE x [<!ENTITY j "{"a" * 100_000}">]>',
        '<!DOCTYPE x [<!ENTITY j SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE x [<!ENTITY % p SYSTEM "http://127.0.0.1:1/x.dtd">%p;]>',
        '<!DOCTYPE x SYSTEM "http://127.0.0.1:1/x.dtd">',
    ],
    ids=["of-entities", "long", "a-file", "a-parameter", "a-dtd"],
)
def test_entities_are_refused(archive, declaration):
    value = "<DicomAttribute tag='00104000' vr='LT'><Value number='1'>&j;</Value></DicomAttribute>"
    document = f"{declaration}<NativeDicomModel>{value}</NativeDicomModel>".encode()
    body, content_type = related([({"Content-Type": DICOM_XML}, document)], type=DICOM_XML)

    with soon_and_within(16):
        response = post_body(archive, body, content_type)

    assert response.status_code == 400
    assert "document type" in response.json()["message"]


@pytest.mark.parametrize("root", ["application/dicom", DICOM_JSON, DICOM_XML])
def test_a_hundred_thousand_parts_are_400(archive, root):
    body = b"--B\r\nContent-Location: x\r\n\r\n\r\n" * 100_000 + b"--B--\r\n"

    with soon_and_within(64):
        response = post_body(archive, body, f'multipart/related; type="{root}"; boundary=B')

    assert response.status_code == 400
    assert_nothing_is_stored()


def test_a_million_numbers_are_stored(archive):
    model = metadata(instance(PixelData=None), _00091001={"vr": "FD", "Value": [0.5] * 1_000_000})

    start = time.monotonic()
    assert post(archive, [model]).status_code == 200
    assert time.monotonic() - start < SOON
    assert Instance.objects.count() == 1


@pytest.mark.parametrize("unit", [b"0,", b"{},", b"[],", b'"ab",', b'{"vr":0},'])
def test_metadata_of_nothing_but_values_are_refused_soon(archive, unit):
    document = b"[" + unit * ((8 << 20) // len(unit)) + b"0]"
    body, content_type = related([({"Content-Type": DICOM_JSON}, document)])

    start = time.monotonic()
    response = post_body(archive, body, content_type)

    assert response.status_code in {400, 409}
    assert time.monotonic() - start < 2 * SOON
    assert_nothing_is_stored()


def test_bulk_data_never_stand_in_memory_whole(archive, settings):
    settings.ARCHIVE_SPOOL_SIZE = 1 << 20
    megabytes = 64
    model = metadata(instance(PixelData=None), _7FE00010=reference("x"))
    body, content_type = request([model], Bulk("x", b"@"))
    head, tail = body.split(b"@\r\n", 1)

    with soon_and_within(24):
        response = archive.generic(
            "POST",
            STUDIES,
            headers={"transfer-encoding": "chunked"},
            **{
                "wsgi.input": Long(head, megabytes << 20, b"\r\n" + tail),
                "CONTENT_TYPE": content_type,
            },
        )

    assert response.status_code == 200
    assert Instance.objects.get().size > megabytes << 20
    assert list((settings.ARCHIVE_DATA_DIR / "incoming").iterdir()) == []


def test_bulk_data_that_many_instances_share_do_not_swell_without_end(archive, settings):
    settings.ARCHIVE_MAX_REQUEST_SIZE = 1 << 20
    models = [metadata(instance(PixelData=None), _7FE00010=reference("x")) for _ in range(100)]

    response = post(archive, models, Bulk("x", bytes(100_000)))

    assert response.status_code == 413
    assert_nothing_is_stored()
    assert list((settings.ARCHIVE_DATA_DIR / "incoming").iterdir()) == []


class Long:
    """A body with many zeros in its middle, which are made as they are read."""

    def __init__(self, head: bytes, zeros: int, tail: bytes) -> None:
        self._pieces = chain([head], (bytes(1 << 18) for _ in range(zeros >> 18)), [tail])

    def read1(self, size: int) -> bytes:
        return next(self._pieces, b"")

    read = readline = read1


# -- poisoned values -------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "status"),
    [
        pytest.param('{"00280010":{"vr":"FD","Value":[NaN]}}', 400, id="nan"),
        pytest.param('{"00280010":{"vr":"FD","Value":[-Infinity]}}', 400, id="infinity"),
        pytest.param('{"00280010":{"vr":"FD","Value":[1e999999999]}}', 409, id="huge-exponent"),
        pytest.param('{"00280010":{"vr":"US","Value":[1e999999999]}}', 409, id="huge-exponent-of-an-integer"),
        pytest.param('{"00280010":{"vr":"IS","Value":[1e999999999]}}', 409, id="huge-exponent-of-a-string"),
        pytest.param('{"00280010":{"vr":"US","Value":[%s]}}' % ("9" * 100_000), 409, id="many-digits"),
        pytest.param('{"00280010":{"vr":"DS","Value":[%s]}}' % ("9" * 100_000), 409, id="many-digits-of-a-string"),
        pytest.param('{"00280010":{"vr":"US"},"00280010":{"vr":"US"}}', 400, id="one-tag-twice"),
        pytest.param('{"0028ABCD":{"vr":"US"},"0028abcd":{"vr":"US"}}', 409, id="one-tag-in-two-cases"),
        pytest.param('{"00100010":{"vr":"PN","Value":["\\ud800"]}}', 409, id="half-a-character"),
        pytest.param('{"00100010":{"vr":"PN","Value":["\\u0000"]}}', 409, id="nul"),
        pytest.param('{"\\ud800":{"vr":"PN"}}', 409, id="half-a-character-as-tag"),
        pytest.param('{"__proto__":{"vr":"PN"}}', 409, id="no-tag"),
        pytest.param('{"00080018":{"vr":"UI","Value":["\\ud800"]}}', 409, id="half-a-character-as-uid"),
    ],
)
def test_poisoned_values_are_refused_in_an_answer_that_is_whole(archive, text, status):
    body, content_type = related([({"Content-Type": DICOM_JSON}, f"[{text}]".encode())])

    response = post_body(archive, body, content_type)

    assert response.status_code == status
    orjson.loads(response.content)
    assert_nothing_is_stored()


BAD_UIDS = ["../../etc/passwd", "1/2", "1.2 3", "1" * 65, "1.2\r\nSet-Cookie: a=b", "\N{SUPERSCRIPT TWO}", "%2e", "'--"]


@pytest.mark.parametrize("bad", BAD_UIDS)
@pytest.mark.parametrize("tag", ["0020000D", "0020000E", "00080018", "00080016"])
@pytest.mark.parametrize("root", [DICOM_JSON, DICOM_XML])
def test_uids_that_are_none_are_refused_and_repeated_nowhere(archive, bad, tag, root):
    model = metadata(instance(PixelData=None)) | {tag: {"vr": "UI", "Value": [bad]}}

    response = post(archive, [model], root=root)

    assert response.status_code == 409
    assert "Set-Cookie" not in str(response.headers)
    assert bad not in response.content.decode()
    assert_nothing_is_stored()


@pytest.mark.parametrize(
    "location", ["x\r\nContent-Type: text/html", "x\r\n\r\n<script>", "\r\nSet-Cookie: a=b", "x\x00", "ü", "x" * 20_000]
)
def test_a_location_with_headers_in_it_changes_nothing_but_its_own_part(archive, location):
    model = metadata(instance(PixelData=None), _00091001=reference("x", "OB"))

    response = post(archive, [model], Bulk(location, b"ab"))

    assert response.status_code in {200, 400, 415}
    assert "Set-Cookie" not in str(response.headers)
    assert response["Content-Type"] in {"application/json", DICOM_JSON}


@pytest.mark.parametrize("boundary", ["", " ", "B ", "B\tB", "ü", "B" * 71, "B\x00", '"', "--"])
@pytest.mark.parametrize("root", ["application/dicom", DICOM_JSON])
def test_boundaries_that_are_none_are_refused(archive, boundary, root):
    body = f"--{boundary}\r\n\r\nx\r\n--{boundary}--\r\n".encode()

    response = archive.generic(
        "POST",
        STUDIES,
        body,
        CONTENT_TYPE=f'multipart/related; type="{root}"; boundary="{boundary}"',
        CONTENT_LENGTH=str(len(body)),
    )

    assert response.status_code in {400, 409, 415}
    assert_nothing_is_stored()


def test_a_file_meta_that_lies_is_believed_by_nobody(archive):
    """STOW-13: implicit VR under the name of explicit VR, and the other way round, and a syntax that there is not."""
    content = part10(instance())
    data_set = content[content.index(element(0x00080016, "UI")[:6]) :]
    for uid in ("1.2.840.10008.1.2", "1.2.840.10008.1.2.2", "1.2.3", "1.2.840.10008.1.2.4.50"):
        assert post_body(archive, part10_file(data_set, uid), "application/dicom").status_code in {200, 202, 409}
    for value in (b"", b"\xff" * 64, b"1" * 70):
        content = bytes(128) + b"DICM" + element(0x00020010, "UI", value) + data_set
        assert post_body(archive, content, "application/dicom").status_code == 409
    assert ExplicitVRLittleEndian not in set(Instance.objects.values_list("transfer_syntax_uid", flat=True))


def test_a_request_of_every_fault_is_answered_once(archive):
    """Each instance has its own failure, and the good one is stored."""
    good: dict[str, Any] = metadata(instance(PixelData=None))
    bad = [7, None, [], "x", {"x": 1}, {"00080018": 1}, good | {"00280010": {"vr": "US", "Value": [[]]}}]
    body, content_type = related([({"Content-Type": DICOM_JSON}, orjson.dumps([*bad, good]))])

    response = post_body(archive, body, content_type)

    assert response.status_code == 202
    assert [len(response.json()[tag]["Value"]) for tag in ("00081198", "00081199", "0008119A")] == [1, 1, 6]
