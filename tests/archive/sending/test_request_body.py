"""Bodies of store requests: what a receiver takes out of them is what was put in, and they are as long as was said."""

from functools import partial

from hypothesis import given
from hypothesis import strategies as st

from archive.dicom.pieces import Streamed
from archive.sending.request_body import body, content_type, new_boundary
from dicomweb.http.multipart import Decoder, PartData, PartEnd, PartStart

pieces = st.lists(st.binary(max_size=50), max_size=4)


def streamed(content: list[bytes]) -> Streamed:
    return Streamed(sum(map(len, content)), partial(iter, content))


@given(st.lists(pieces, min_size=1, max_size=5))
def test_what_a_receiver_takes_out_is_what_was_put_in(contents):
    boundary = new_boundary()
    sent = body(list(map(streamed, contents)), boundary)
    written = b"".join(sent.read())
    received: list[bytes] = []
    ended = 0

    for event in Decoder(boundary).feed(written):
        match event:
            case PartStart(headers):
                assert headers == {"content-type": "application/dicom"}
                received.append(b"")
            case PartData(data):
                received[-1] += data
            case PartEnd():
                ended += 1

    assert received == [b"".join(content) for content in contents]
    assert ended == len(contents)
    assert sent.length == len(written)


def test_a_body_can_be_read_again():
    sent = body([streamed([b"abc"])], "x")

    assert b"".join(sent.read()) == b"".join(sent.read())


def test_the_content_type_names_what_the_parts_are_and_the_boundary():
    assert content_type("abc") == 'multipart/related; type="application/dicom"; boundary=abc'
    assert len({new_boundary() for _ in range(10)}) == 10
