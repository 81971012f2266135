"""JSON and XML answers: their form, and gzip where the client takes it."""

import gzip

import orjson
import pytest
from django.http import HttpResponse, StreamingHttpResponse
from django.test import RequestFactory
from rest_framework.request import Request

from dicomweb import responses
from dicomweb.responses import STREAMED_FROM, compress, dicom_json, dicom_json_array, dicom_xml_parts

LONG = orjson.dumps({"0020000D": {"vr": "UI", "Value": ["1.2.3"] * 1000}})


def compressed(response: HttpResponse, accept_encoding: str | None) -> HttpResponse:
    headers = {} if accept_encoding is None else {"accept-encoding": accept_encoding}
    compress(Request(RequestFactory().get("/", headers=headers)), response)
    return response


@pytest.mark.parametrize(
    ("accept_encoding", "coded"),
    [
        (None, False),
        ("", False),
        ("gzip", True),
        ("GZIP", True),
        ("gzip, deflate, br, zstd", True),
        ("br;q=1.0, gzip;q=0.5", True),
        ("*", True),
        ("*;q=0", False),
        ("gzip;q=0", False),
        ("gzip; q=0.000", False),
        ("gzip;q=0, *", False),
        ("*;q=0, gzip", True),
        ("identity", False),
        ("br", False),
        (",,;", False),
    ],
)
def test_OTH_09_gzip_is_used_when_the_client_takes_it(accept_encoding, coded):
    response = compressed(dicom_json(LONG), accept_encoding)

    assert (response.get("Content-Encoding") == "gzip") == coded
    assert (gzip.decompress(response.content) if coded else response.content) == LONG
    assert response["Vary"] == "Accept, Accept-Charset, Accept-Encoding"


def test_small_answers_are_not_worth_it():
    assert "Content-Encoding" not in compressed(dicom_json(b"[]"), "gzip")


@pytest.mark.parametrize("content_type", ["application/octet-stream", "multipart/related; boundary=B", "image/jpeg"])
def test_OTH_09_nothing_else_is_compressed(content_type):
    assert "Content-Encoding" not in compressed(HttpResponse(LONG, content_type=content_type), "gzip")


@pytest.mark.parametrize("count", [1, STREAMED_FROM + 1])
def test_OTH_09_documents_of_xml_are_compressed_with_their_parts(count):
    document = b"<NativeDicomModel>%s</NativeDicomModel>" % (b" " * 2000)
    plain, coded = (dicom_xml_parts([(None, document)] * count, count) for _ in range(2))

    body = gzip.decompress(compressed(coded, "gzip").getvalue())

    assert coded["Content-Encoding"] == "gzip"
    assert body.count(document) == count
    assert len(body) == len(plain.getvalue())


def test_OTH_09_a_stored_document_of_json_keeps_its_length():
    response = StreamingHttpResponse(iter([LONG]), content_type="application/json", headers={"Content-Length": "1"})

    assert "Content-Encoding" not in compressed(response, "gzip")
    assert response.getvalue() == LONG


@pytest.mark.parametrize("tag", ['"abc"', 'W/"abc"'])
def test_WADO_121_what_is_compressed_has_another_tag(tag):
    response = dicom_json(LONG)
    response["ETag"] = tag

    assert compressed(response, "gzip")["ETag"] == tag.replace('abc"', 'abc-gzip"')


@pytest.mark.parametrize("count", [0, 1, 2, STREAMED_FROM, STREAMED_FROM + 1])
def test_arrays_are_whole_whether_they_are_streamed_or_not(count):
    documents = [orjson.dumps({"number": number}) for number in range(count)]

    response = dicom_json_array(iter(documents), count)

    assert response.streaming == (count > STREAMED_FROM)
    assert orjson.loads(response.getvalue()) == [{"number": number} for number in range(count)]


def test_a_long_array_is_streamed_in_pieces_and_compressed_on_the_way(monkeypatch):
    monkeypatch.setattr(responses, "STREAMED_FROM", 1)
    documents = [LONG] * 100
    plain = b"".join(dicom_json_array(documents, 100).streaming_content)

    pieces = list(compressed(dicom_json_array(documents, 100), "gzip").streaming_content)

    assert gzip.decompress(b"".join(pieces)) == plain
    assert len(pieces) > 2
    assert len(orjson.loads(plain)) == 100


def test_a_streamed_array_without_documents_is_an_array(monkeypatch):
    monkeypatch.setattr(responses, "STREAMED_FROM", -1)

    assert dicom_json_array([], 0).getvalue() == b"[]"
