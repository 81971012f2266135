import io
import socket
import threading
import time
from pathlib import Path

import pytest
from django.conf import settings

from archive.dicom.byte_ranges import ByteRange
from archive.storage import BlobExists, BlobMissing, BlobTruncated, StorageFull, StorageUnavailable, new_key
from archive.storage import s3 as s3_module
from tests.archive.storage.conftest import s3_store
from tests.archive.storage.test_blob_store import listed, some_bytes, stored, whole
from tests.servers import free_port, start_s3

PART = 64 << 10


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reads of some hundred kilobytes are long ones."""
    monkeypatch.setattr(s3_module, "PART", PART)


def ranges_read(faulty_s3) -> list[str]:
    return [request.headers["Range"] for request in faulty_s3.requests if request.method == "GET"]


# -- reading ---------------------------------------------------------------------


def test_every_read_is_of_a_range(far_s3, faulty_s3):
    key = stored(far_s3, some_bytes(1000))
    faulty_s3.requests.clear()
    whole(far_s3, key)
    list(far_s3.read(key, ByteRange(10, 20)))
    assert ranges_read(faulty_s3) == ["bytes=0-999", "bytes=10-19"]


def test_a_range_costs_one_request(far_s3, faulty_s3):
    key = stored(far_s3, some_bytes(1000))
    faulty_s3.requests.clear()
    list(far_s3.read(key, ByteRange(0, 1000)))
    assert len(faulty_s3.requests) == 1


def test_a_long_read_comes_in_parts_and_in_order(s3, small_parts):
    content = some_bytes(20 * PART + 5)
    key = stored(s3, content)
    assert whole(s3, key) == content
    span = ByteRange(PART - 1, 12 * PART + 1)
    assert b"".join(s3.read(key, span, chunk_size=10_000)) == content[span.start : span.stop]


def test_nothing_is_read_ahead_before_the_first_chunk_is_taken(far_s3, faulty_s3, small_parts):
    key = stored(far_s3, some_bytes(20 * PART))
    faulty_s3.requests.clear()
    chunks = far_s3.read(key, ByteRange(0, 20 * PART), chunk_size=10_000)
    assert len(ranges_read(faulty_s3)) == 1
    chunks.close()


def test_a_slow_reader_has_a_few_parts_read_ahead_and_no_more(far_s3, faulty_s3, small_parts):
    key = stored(far_s3, some_bytes(20 * PART))
    faulty_s3.requests.clear()
    chunks = far_s3.read(key, ByteRange(0, 20 * PART), chunk_size=10_000)
    next(chunks)
    next(chunks)
    until(lambda: len(ranges_read(faulty_s3)) == 1 + s3_module.PARTS_AHEAD)
    time.sleep(0.1)
    assert len(ranges_read(faulty_s3)) == 1 + s3_module.PARTS_AHEAD
    chunks.close()


def until(condition) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_dropped_long_read_stops_reading_ahead(far_s3, faulty_s3, small_parts):
    key = stored(far_s3, some_bytes(20 * PART))
    faulty_s3.requests.clear()
    free = threading.Event()
    pool = s3_module.read_ahead_pool()
    busy = [pool.submit(free.wait, 30) for _ in range(settings.ARCHIVE_IO_THREADS)]
    chunks = far_s3.read(key, ByteRange(0, 20 * PART), chunk_size=10_000)
    next(chunks)
    next(chunks)
    del chunks
    free.set()
    assert all(future.result() for future in busy)
    pool.submit(int).result()  # whatever waited before this has been dealt with
    assert len(ranges_read(faulty_s3)) == 1


def test_a_long_range_past_the_end_is_refused_before_the_first_byte(s3, small_parts):
    key = stored(s3, some_bytes(3 * PART))
    with pytest.raises(BlobTruncated):
        s3.read(key, ByteRange(0, 3 * PART + 1))


@pytest.mark.parametrize("after", [1, 30_000, PART - 1])
def test_an_answer_that_breaks_off_is_taken_up_where_it_ended(far_s3, faulty_s3, small_parts, after):
    content = some_bytes(6 * PART)
    key = stored(far_s3, content)
    faulty_s3.cut("GET", after, times=2)
    assert b"".join(far_s3.read(key, ByteRange(0, len(content)), chunk_size=10_000)) == content


def test_answers_that_always_break_off_are_given_up(far_s3, faulty_s3):
    key = stored(far_s3, some_bytes(PART))
    faulty_s3.cut("GET", 100, times=1 + s3_module.RESUMPTIONS)
    with pytest.raises(StorageUnavailable):
        whole(far_s3, key)


@pytest.mark.parametrize("kept", [0, PART // 2, 2 * PART, 9 * PART])
def test_a_blob_that_shrinks_while_it_is_read_breaks_the_reading(s3, small_parts, kept):
    content = some_bytes(10 * PART)
    key = stored(s3, content)
    chunks = s3.read(key, chunk_size=10_000)
    s3._client.put_object(Bucket=s3._bucket, Key=key, Body=content[:kept])
    with pytest.raises(BlobTruncated):
        list(chunks)


def test_a_blob_that_vanishes_while_it_is_read_breaks_the_reading(s3, small_parts):
    key = stored(s3, some_bytes(10 * PART))
    chunks = s3.read(key, chunk_size=10_000)
    s3._client.delete_object(Bucket=s3._bucket, Key=key)
    with pytest.raises(BlobMissing):
        list(chunks)


def test_many_long_reads_at_once_do_not_wait_for_each_other(s3, small_parts):
    content = some_bytes(6 * PART)
    key = stored(s3, content)
    results = []
    readers = [threading.Thread(target=lambda: results.append(whole(s3, key)), daemon=True) for _ in range(24)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join(30)
    assert results == [content] * 24


# -- writing ---------------------------------------------------------------------


def test_a_large_blob_is_put_in_parts(far_s3, faulty_s3):
    content = some_bytes((16 << 20) + 5)
    key = stored(far_s3, content)
    puts = [request for request in faulty_s3.requests if request.method == "PUT"]
    assert len(puts) == 3
    assert all("partNumber" in request.path for request in puts)
    assert whole(far_s3, key) == content


def test_a_large_file_is_taken_over(s3, tmp_path: Path):
    content = some_bytes((9 << 20) + 5)
    upload = tmp_path / "upload"
    upload.write_bytes(content)
    key = new_key()
    s3.adopt(key, upload)
    assert whole(s3, key) == content
    assert not upload.exists()


def test_what_is_put_carries_a_checksum(far_s3, faulty_s3):
    stored(far_s3, b"checked")
    headers = {name.lower() for name in faulty_s3.requests[0].headers}
    assert "x-amz-checksum-crc32" in headers


def test_a_small_blob_is_put_by_one_request_that_never_replaces(far_s3, faulty_s3):
    stored(far_s3, b"once")
    assert [(request.method, request.headers["If-None-Match"]) for request in faulty_s3.requests] == [("PUT", "*")]


def test_a_server_without_conditional_writes_is_asked_for_one_only_once(s3_server, faulty_s3):
    plain = s3_store(faulty_s3.endpoint_url, s3_server.bucket)
    faulty_s3.refuse("PUT", 501, "NotImplemented", header="If-None-Match")
    for content in (b"first", b"second"):
        assert whole(plain, stored(plain, content)) == content
    puts = [request for request in faulty_s3.requests if request.method == "PUT"]
    assert ["If-None-Match" in request.headers for request in puts] == [True, False, False]


def test_a_lost_answer_to_a_put_does_not_fail_it(far_s3, faulty_s3):
    faulty_s3.lose_answer("PUT")
    key = stored(far_s3, b"stored by the first attempt")
    assert [request.method for request in faulty_s3.requests] == ["PUT", "PUT", "HEAD"]
    assert whole(far_s3, key) == b"stored by the first attempt"


def test_after_a_lost_answer_the_blob_of_another_is_still_no_success(s3, far_s3, faulty_s3):
    key = stored(s3, b"somebody else's")
    faulty_s3.lose_answer("PUT")
    with pytest.raises(BlobExists):
        far_s3.put(key, io.BytesIO(b"mine"), 4)
    assert whole(s3, key) == b"somebody else's"


def test_a_put_that_fails_for_good_is_cleaned_up(far_s3, faulty_s3):
    faulty_s3.refuse("PUT", 503, "SlowDown", times=2)
    key = new_key()
    with pytest.raises(StorageUnavailable):
        far_s3.put(key, io.BytesIO(b"x"), 1)
    assert [request.method for request in faulty_s3.requests] == ["PUT", "PUT", "DELETE"]


def test_a_large_put_that_fails_leaves_no_parts(far_s3, s3, faulty_s3):
    faulty_s3.refuse("PUT", 403, "AccessDenied")
    with pytest.raises(StorageUnavailable):
        stored(far_s3, bytes(16 << 20))
    assert s3._client.list_multipart_uploads(Bucket=s3._bucket).get("Uploads", []) == []


# -- a server in trouble ---------------------------------------------------------


def test_a_server_that_is_busy_for_a_moment_is_asked_again(far_s3, faulty_s3):
    key = stored(far_s3, b"patience")
    faulty_s3.refuse("GET", 503, "SlowDown")
    assert b"".join(far_s3.read(key, ByteRange(0, 8))) == b"patience"


@pytest.mark.parametrize(
    ("status", "code", "error"),
    [
        (403, "AccessDenied", StorageUnavailable),
        (500, "InternalError", StorageUnavailable),
        (503, "SlowDown", StorageUnavailable),
        (507, "XMinioStorageFull", StorageFull),
        (403, "QuotaExceeded", StorageFull),
    ],
)
def test_a_refused_put_says_why(far_s3, faulty_s3, status, code, error):
    faulty_s3.refuse("PUT", status, code, times=2)
    with pytest.raises(error, match=code):
        stored(far_s3, b"x")


@pytest.mark.parametrize(("status", "code"), [(403, "AccessDenied"), (500, "InternalError"), (404, "NoSuchBucket")])
def test_a_refused_read_is_not_a_missing_blob(far_s3, faulty_s3, status, code):
    key = stored(far_s3, b"x")
    faulty_s3.refuse("GET", status, code, times=2)
    with pytest.raises(StorageUnavailable, match=code):
        far_s3.read(key, ByteRange(0, 1))


def test_a_server_that_is_away_is_unavailable_until_it_is_back(tmp_path: Path):
    port = free_port()
    server = start_s3(tmp_path, port=port)
    store = s3_store(server.endpoint_url, server.bucket, retries={"mode": "standard", "total_max_attempts": 1})
    key = stored(store, b"x")
    server.stop()
    for attempt in (
        lambda: stored(store, b"x"),
        lambda: store.read(key),
        lambda: store.read(key, ByteRange(0, 1)),
        lambda: store.size(key),
        lambda: store.delete(key),
        lambda: listed(store),
        store.check,
    ):
        with pytest.raises(StorageUnavailable, match="cannot be reached"):
            attempt()
    with start_s3(tmp_path, port=port):
        assert whole(store, stored(store, b"again")) == b"again"


def test_a_server_that_does_not_answer_is_unavailable_soon():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        endpoint_url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        store = s3_store(endpoint_url, "blobs", read_timeout=0.3, retries={"total_max_attempts": 1})
        with pytest.raises(StorageUnavailable, match="ReadTimeoutError"):
            store.read(new_key(), ByteRange(0, 1))


def test_a_bucket_that_is_missing_fails_the_check(s3_server):
    with pytest.raises(StorageUnavailable, match=r"no-such-bucket .* does not exist"):
        s3_store(s3_server.endpoint_url, "no-such-bucket").check()


def test_the_check_asks_once(far_s3, faulty_s3):
    faulty_s3.refuse("HEAD", 503, "", times=5)
    with pytest.raises(StorageUnavailable, match="503"):
        far_s3.check()
    assert len(faulty_s3.requests) == 1


def test_objects_that_are_no_blobs_are_not_listed(s3):
    s3._client.put_object(Bucket=s3._bucket, Key="inventory/manifest.json", Body=b"{}")
    assert "inventory/manifest.json" not in listed(s3)
