"""Blobs as objects of an S3 bucket. Needs to get, put, delete and list objects of that bucket, nothing more."""

import copy
from collections import deque
from collections.abc import Generator, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from functools import cached_property
from http import HTTPStatus
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from boto3.s3.transfer import TransferConfig, create_transfer_manager
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from archive.dicom.byte_ranges import ByteRange
from archive.storage.base import BlobStore, StoredBlob, rewind
from archive.storage.errors import (
    BlobExists,
    BlobMissing,
    BlobTruncated,
    StorageError,
    StorageFull,
    StorageUnavailable,
)
from archive.storage.keys import is_key, require_key
from archive.storage.parallel import read_ahead_pool

if TYPE_CHECKING:
    from botocore.response import StreamingBody
    from mypy_boto3_s3 import S3Client
    from storages.backends.s3 import S3Storage

#: What one request carries at most, in either direction.
PART = 8 << 20
#: How many parts of a long read are fetched before they are needed: with the one in use, the memory of a reader.
PARTS_AHEAD = 3
#: How often the answer to one request may break off before the read is given up.
RESUMPTIONS = 3

#: Codes of an object that is not there; a HEAD has no body, so the status has to do.
MISSING = {"NoSuchKey", "404"}
#: Codes of servers that have no more room, besides the status 507.
FULL = {"QuotaExceeded", "XMinioStorageFull"}


class S3Store(BlobStore):
    """Objects of one bucket, each under its key.

    Only a blob of one part is refused when its key is taken, and only by a server that knows conditional writes; it
    is a second guard, the first is that keys are random.

    Args:
        storage: names the bucket, and a folder of it (`location`) where several stores share one.
        durable: nothing to S3, where what is stored always is.
    """

    read_ahead = 8

    def __init__(self, storage: "S3Storage", *, durable: bool = True) -> None:
        self._storage = storage
        self._bucket: str = storage.bucket_name
        self._folder = f"{storage.location}/" if storage.location else ""
        # Clients may be shared by threads, the resources that django-storages works with may not.
        self._client: S3Client = storage.connection.meta.client
        transfers = TransferConfig(multipart_threshold=PART, multipart_chunksize=PART, max_concurrency=8)
        self._transfers = create_transfer_manager(self._client, transfers)
        self._conditional_writes = True

    @cached_property
    def _impatient_client(self) -> "S3Client":
        """Asks once, and not for long: for questions whose answer nobody waits for."""
        storage = copy.copy(self._storage)
        once = Config(connect_timeout=2, read_timeout=2, retries={"mode": "standard", "total_max_attempts": 1})
        storage.client_config = storage.client_config.merge(once)
        client: S3Client = storage.connection.meta.client
        return client

    def _name(self, key: str) -> str:
        """Of the object that has the blob of this key."""
        return self._folder + require_key(key)

    # -- writing -----------------------------------------------------------------

    def put(self, key: str, content: BinaryIO, size: int) -> None:
        rewind(content, size)
        if size > PART:
            self._put_in_parts(key, content)
            return
        with self._removed_on_failure(require_key(key)), _translated(key):
            self._put_at_once(key, content, size)

    def adopt(self, key: str, path: Path) -> None:
        size = path.stat().st_size
        if size > PART:
            # By its name: the parts of an open file would be held in memory, as many as are under way at once.
            self._put_in_parts(key, str(path))
        else:
            with path.open("rb") as file:
                self.put(key, file, size)
        path.unlink()

    def _put_in_parts(self, key: str, content: BinaryIO | str) -> None:
        with self._removed_on_failure(require_key(key)), _translated(key):
            self._transfers.upload(content, self._bucket, self._name(key)).result()

    def _put_at_once(self, key: str, content: BinaryIO, size: int) -> None:
        if not self._conditional_writes:
            self._client.put_object(Bucket=self._bucket, Key=self._name(key), Body=content)
            return
        try:
            self._client.put_object(Bucket=self._bucket, Key=self._name(key), Body=content, IfNoneMatch="*")
        except ClientError as error:
            status = error.response["ResponseMetadata"]["HTTPStatusCode"]
            if status == HTTPStatus.NOT_IMPLEMENTED:
                self._conditional_writes = False
                content.seek(0)
                self._put_at_once(key, content, size)
            elif status != HTTPStatus.PRECONDITION_FAILED:
                raise
            elif not self._is_from_an_earlier_attempt(error, key, size):
                raise BlobExists(key) from error

    def _is_from_an_earlier_attempt(self, error: ClientError, key: str, size: int) -> bool:
        """Whether a blob is in its own way: the server had stored it, its answer got lost, boto tried again."""
        return error.response["ResponseMetadata"]["RetryAttempts"] > 0 and self.size(key) == size

    @contextmanager
    def _removed_on_failure(self, key: str) -> Iterator[None]:
        try:
            yield
        except BlobExists:
            raise
        except BaseException:
            with suppress(ClientError, BotoCoreError):
                self._impatient_client.delete_object(Bucket=self._bucket, Key=self._name(key))
            raise

    def delete(self, key: str) -> None:
        with _translated(key):
            self._client.delete_object(Bucket=self._bucket, Key=self._name(key))

    # -- reading -----------------------------------------------------------------

    def size(self, key: str) -> int:
        with _translated(key):
            return self._client.head_object(Bucket=self._bucket, Key=self._name(key))["ContentLength"]

    def _chunks(self, key: str, byte_range: ByteRange | None, chunk_size: int) -> Generator[bytes, None, None]:
        span = byte_range or ByteRange(0, self.size(key))
        if not span.length:  # HTTP has no word for an empty range
            if span.stop > self.size(key):
                raise BlobTruncated(key)
            return
        parts = _parts(span)
        first = self._stream(key, span.stop, chunk_size, next(parts))
        ahead: deque[Future[list[bytes]]] = deque()

        def fetch(part: ByteRange) -> Future[list[bytes]]:
            return read_ahead_pool().submit(self._part, key, span.stop, chunk_size, part)

        try:
            # Many blobs may be open before they are needed: nothing is fetched ahead until this chunk is taken.
            yield next(first)
            ahead.extend(fetch(part) for part in islice(parts, PARTS_AHEAD))
            yield from first
            while ahead:
                chunks = ahead.popleft().result()
                ahead.extend(fetch(part) for part in islice(parts, 1))
                yield from chunks
        finally:
            first.close()
            for future in ahead:
                future.cancel()

    def _part(self, key: str, needed: int, chunk_size: int, part: ByteRange) -> list[bytes]:
        return list(self._stream(key, needed, chunk_size, part))

    def _stream(self, key: str, needed: int, chunk_size: int, part: ByteRange) -> Generator[bytes, None, None]:
        """One part of a blob of at least `needed` bytes. An answer that breaks off is taken up where it ended."""
        body = self._open(key, needed, part)
        position, resumptions = part.start, RESUMPTIONS
        try:
            while position < part.stop:
                try:
                    chunk = body.read(min(chunk_size, part.stop - position))
                except BotoCoreError as error:
                    if not resumptions:
                        raise _unreachable(error) from error
                    resumptions -= 1
                    body.close()
                    body = self._open(key, needed, ByteRange(position, part.stop))
                    continue
                if not chunk:
                    raise BlobTruncated(key)
                position += len(chunk)
                yield chunk
        finally:
            body.close()

    def _open(self, key: str, needed: int, part: ByteRange) -> "StreamingBody":
        with _translated(key):
            answer = self._client.get_object(
                Bucket=self._bucket, Key=self._name(key), Range=f"bytes={part.start}-{part.stop - 1}"
            )
        size = int(answer["ContentRange"].rpartition("/")[2])
        if size < needed:
            answer["Body"].close()
            raise BlobTruncated(key)
        return answer["Body"]

    def listing(self) -> Iterator[StoredBlob]:
        with _translated("of this listing"):
            pages = self._client.get_paginator("list_objects_v2")
            for page in pages.paginate(Bucket=self._bucket, Prefix=self._folder):
                for entry in page.get("Contents", ()):
                    if is_key(key := entry["Key"].removeprefix(self._folder)):
                        yield StoredBlob(key, entry["Size"], entry["LastModified"])

    def check(self) -> None:
        try:
            self._impatient_client.head_bucket(Bucket=self._bucket)
        except ClientError as error:
            # To HEAD there is no body that could say more than the status.
            status = error.response["ResponseMetadata"]["HTTPStatusCode"]
            reason = "it does not exist" if status == HTTPStatus.NOT_FOUND else f"S3 answered {status}"
            raise StorageUnavailable(f"The bucket {self._bucket} cannot be used: {reason}.") from error
        except BotoCoreError as error:
            raise _unreachable(error) from error


def _parts(span: ByteRange) -> Iterator[ByteRange]:
    return (ByteRange(start, min(start + PART, span.stop)) for start in range(span.start, span.stop, PART))


@contextmanager
def _translated(key: str) -> Iterator[None]:
    """Says in our words what S3 says about a blob."""
    try:
        yield
    except ClientError as error:
        raise _refusal(key, error) from error
    except BotoCoreError as error:
        raise _unreachable(error) from error


def _refusal(key: str, error: ClientError) -> StorageError:
    status, code = error.response["ResponseMetadata"]["HTTPStatusCode"], error.response["Error"]["Code"]
    if code in MISSING:
        return BlobMissing(key)
    if status == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
        return BlobTruncated(key)
    if status == HTTPStatus.INSUFFICIENT_STORAGE or code in FULL:
        return StorageFull(f"S3 takes no more: {code}.")
    return StorageUnavailable(f"S3 refused the request: {code}.")


def _unreachable(error: BotoCoreError) -> StorageUnavailable:
    return StorageUnavailable(f"S3 cannot be reached: {type(error).__name__}.")
