"""Whatever path, query and headers a request has, the answer is a deliberate one: never 500, nothing echoed raw."""

from urllib.parse import quote

import pytest
from django.http.response import HttpResponseBase
from django.test import Client
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from archive.models import Instance
from tests.builders import encapsulated
from tests.storing import ROOT, StoredFile, stored

pytestmark = pytest.mark.django_db

#: The database is the same for all examples: none of them stores or deletes anything.
on_one_database = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])

#: Texts that something on the way could take for more than a text.
METACHARACTERS = st.sampled_from([
    "%", "_", "*", "?", "'", '"', "\\", ";", "--", "\r\n", "\0", "../", "%00", "%0d%0aX: y", "{{7*7}}", "\ud7ff", "🩻",
    ",", "=", "&", "#", "0", "1.2.840.10008.1.2.1", "application/dicom", "multipart/related", "q=", "bytes=", "all",
])  # fmt: skip
NASTY = st.lists(METACHARACTERS | st.text(max_size=8), max_size=12).map("".join)
#: What a header can carry over a socket: Latin-1 without line breaks and NUL.
HEADER_VALUES = NASTY.map(
    lambda text: text.encode("latin-1", "ignore").decode("latin-1").translate({10: None, 13: None, 0: None})
)

RESOURCES = ["study_path", "series_path", "path"]


@pytest.fixture
def file() -> StoredFile:
    return stored(encapsulated([b"\xff\xd8\xff\xe0" + bytes(60)] * 3), transfer_syntax="1.2.840.10008.1.2.4.50")


def deliberate(response: HttpResponseBase) -> int:
    """Read the whole answer, and give its status."""
    body = response.getvalue()
    assert response.status_code < 500, body[:300]
    if response.status_code >= 400 and response.wsgi_request.method != "HEAD":
        assert body, "an error explains itself (OTH-11)"
    assert not any("\r" in value or "\n" in value for value in response.headers.values())
    return response.status_code


def every_resource(file: StoredFile) -> list[str]:
    return [
        f"{ROOT}/studies",
        f"{ROOT}/series",
        f"{ROOT}/instances",
        *(getattr(file, level) for level in RESOURCES),
        *(f"{getattr(file, level)}/metadata" for level in RESOURCES),
        f"{file.path}/frames/2,1",
        f"{file.path}/bulkdata/7FE00010",
    ]


@on_one_database
@given(path=st.lists(NASTY, min_size=1, max_size=6))
@example(path=["studies", "1" * 65])
@example(path=["studies", ".."])
@example(path=["studies", "1.2\r\nSet-Cookie: a=b"])
def test_any_path_is_answered(archive, path):
    assert deliberate(archive.get(f"{ROOT}/{quote('/'.join(path))}")) in {400, 404, 406, 200}


@pytest.mark.parametrize("level", ["study", "series", "instance"])
@pytest.mark.parametrize(
    "uid",
    ["1" * 65, "1.2'", "1%25", "1.2%0d%0aX:y", "%00", "..", "1.2 OR 1=1", "\u0661.2", "*", "-1", "1.2;", "1.2\\"],
)
def test_WADO_20_what_is_no_uid_is_400_whatever_it_tries(archive, file, level, uid):
    uids = {"study": file.study, "series": file.series, "instance": file.instance} | {level: quote(uid, safe="%")}
    path = f"{ROOT}/studies/{uids['study']}/series/{uids['series']}/instances/{uids['instance']}"

    assert deliberate(archive.get(f"{path}/metadata")) == 400


@pytest.mark.parametrize(
    ("frames", "status"),
    [
        pytest.param(",".join(map(str, range(1, 10_001))), 404, id="ten thousand numbers"),
        pytest.param(",".join(["1"] * 100_000), 400, id="a hundred thousand times the same"),
        pytest.param("9" * 1000, 400, id="a number of a thousand digits"),
        pytest.param("2147483648", 400, id="more than any count"),
        pytest.param("1," * 1000, 400, id="empty numbers"),
        pytest.param("1-9999999999", 400, id="a range"),
        pytest.param("0x1", 400, id="hexadecimal"),
        pytest.param("١", 400, id="digits of another script"),
        pytest.param("1%00", 400, id="NUL"),
        pytest.param("1e9", 400, id="exponent"),
        pytest.param("+1", 400, id="sign"),
        pytest.param("1;2", 400, id="semicolon"),
    ],
)
def test_WADO_46_an_absurd_frame_list_is_refused(archive, file, frames, status):
    assert deliberate(archive.get(f"{file.path}/frames/{quote(frames, safe='%,')}")) == status


@on_one_database
@given(reference=NASTY)
@example(reference="7FE00010/frames/" + "9" * 500)
@example(reference="7fe00010")
@example(reference="../../../../../etc/passwd")
@example(reference="00400275/" * 200 + "00400009")
def test_any_bulk_data_reference_is_answered(archive, file, reference):
    assert deliberate(archive.get(f"{file.path}/bulkdata/{quote(reference)}")) in {200, 400, 404, 406}


@on_one_database
@given(accept=HEADER_VALUES)
@example(accept=",".join(["application/dicom; q=0.1"] * 5000))
@example(accept="application/dicom" + "; a=b" * 20_000)
@example(accept='multipart/related; type="' + "\\" * 20_000)
@example(accept='"' * 40_001)
@example(accept="*/*;" * 20_000)
@example(accept="multipart/related; type=multipart/related; transfer-syntax=" + "1." * 10_000)
def test_NEG_06_any_accept_header_and_parameter_is_answered(archive, file, accept):
    for resource in every_resource(file):
        assert deliberate(archive.get(resource, headers={"accept": accept})) in {200, 206, 400, 406}
        assert deliberate(archive.get(f"{resource}?accept={quote(accept[:2000])}")) in {200, 206, 400, 406}


@on_one_database
@given(name=st.sampled_from(["range", "if-range", "if-none-match", "accept-encoding", "accept-charset"]),
       value=HEADER_VALUES)  # fmt: skip
@example(name="range", value="bytes=" + ",".join(f"{n}-{n}" for n in range(10_000)))
@example(name="range", value="bytes=0-" + "9" * 5000)
@example(name="range", value="bytes=" + "-" * 10_000)
@example(name="if-none-match", value='W/"a", ' * 20_000)
@example(name="accept-encoding", value="gzip;q=," * 20_000)
def test_any_other_header_is_answered(archive, file, name, value):
    single = {"accept": "application/octet-stream; transfer-syntax=*"}
    for resource in (f"{file.path}/frames/1", f"{file.path}/bulkdata/7FE00010", f"{file.path}/metadata"):
        headers = {name: value} | (single if "metadata" not in resource else {})
        assert deliberate(archive.get(resource, headers=headers)) in {200, 206, 304, 406, 416}


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "PUT", "PATCH", "TRACE", "FOO", "get", "DELETE\tX"])
def test_OTH_10_any_method_is_answered(archive, file, method):
    for resource in every_resource(file):
        assert deliberate(archive.generic(method, resource)) in {200, 204, 400, 405, 406}
    assert Instance.objects.count() == 1


def test_nothing_of_a_request_comes_back_as_markup(archive):
    client: Client = archive
    response = client.get(f"{ROOT}/studies/<script>alert(1)</script>/metadata", headers={"accept": "text/html"})

    assert b"<script>" not in response.getvalue()
