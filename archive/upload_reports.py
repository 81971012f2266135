"""What browsers say of an upload: digests of files that may be stored already, and what became of files."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import orjson

from archive.dicom.uids import is_tolerable_uid
from archive.errors import MalformedReport
from archive.fields import TEXT_LENGTH
from archive.models import UploadedFile

#: Digests, or results, of one request.
MOST = 500
LARGEST_SIZE = 1 << 62

SHA256 = re.compile("[0-9a-f]{64}")

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class FileDigest:
    """The bytes of a file, and the SOP Instance UID that its File Meta Information says (PS3.10 Section 7.1)."""

    instance: str
    sha256: str


@dataclass(frozen=True, slots=True)
class FileResult:
    path: str
    size: int
    result: UploadedFile.Result
    reason: str
    #: Empty where nobody knows.
    instance: str


@dataclass(frozen=True, slots=True)
class Report:
    files: list[FileResult]
    #: Whether no more will come.
    finished: bool


def digests(body: bytes) -> list[FileDigest]:
    """`{"files": [{"instance": "1.2.3", "sha256": "..."}]}`

    Raises:
        MalformedReport: it is something else.
    """
    return _items(_document(body), _digest)


def report(body: bytes) -> Report:
    """`{"files": [{"path": "a/b", "size": 1, "result": "stored", "reason": "", "instance": "1.2"}], "finished": true}`

    Raises:
        MalformedReport: it is something else.
    """
    document = _document(body)
    return Report(_items(document, _result), document.get("finished") is True)


def _document(body: bytes) -> dict[str, Any]:
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise MalformedReport("The body is not JSON.") from None
    if not isinstance(document, dict):
        raise MalformedReport("The body is not an object.")
    return document


def _items(document: dict[str, Any], read: Callable[[dict[str, Any]], Item]) -> list[Item]:
    files = document.get("files")
    if not isinstance(files, list) or len(files) > MOST:
        raise MalformedReport(f"There is no list of up to {MOST} files.")
    try:
        return [read(file) for file in files]
    except (KeyError, TypeError, ValueError):
        raise MalformedReport("A file lacks something, or says what nobody can use.") from None


def _digest(file: dict[str, Any]) -> FileDigest:
    if not SHA256.fullmatch(file["sha256"]):
        raise ValueError
    return FileDigest(_uid(file["instance"]), file["sha256"])


def _result(file: dict[str, Any]) -> FileResult:
    size = file["size"]
    if type(size) is not int or not 0 <= size < LARGEST_SIZE:
        raise ValueError
    return FileResult(
        path=_text(file["path"])[-UploadedFile.LONGEST_PATH :],
        size=size,
        result=UploadedFile.Result(file["result"]),
        reason=_text(file["reason"])[:TEXT_LENGTH],
        instance=_uid(file["instance"]) if file["instance"] else "",
    )


def _uid(value: Any) -> str:
    if not isinstance(value, str) or not is_tolerable_uid(value):
        raise ValueError
    return value


def _text(value: Any) -> str:
    """In one line: no database has to take what cannot be printed."""
    if not isinstance(value, str):
        raise TypeError
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in value)
