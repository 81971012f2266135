"""The names of blobs: made once, never reused."""

import re
import uuid
from datetime import UTC, datetime

#: Of objects as received, thumbnails, and native frames.
SUFFIXES = ("dcm", "jpg", "raw")
_KEY = re.compile(rf"\d{{4}}/\d{{2}}/\d{{2}}/\d{{2}}/[0-9a-f]{{32}}\.(?:{'|'.join(SUFFIXES)})", re.ASCII)


def new_key(suffix: str = "dcm") -> str:
    """`YYYY/MM/DD/HH/<32 hexadecimal digits>.dcm`, of the hour it is in UTC.

    An hour's blobs share a folder: new folders, which have to be made durable too, are few, and an incremental backup
    finds what is new in the youngest ones.
    """
    return f"{datetime.now(UTC):%Y/%m/%d/%H}/{uuid.uuid4().hex}.{suffix}"


def is_key(name: str) -> bool:
    return _KEY.fullmatch(name) is not None


def require_key(name: str) -> str:
    """The name, if it is a key. What is no key could name a file outside the storage.

    Raises:
        ValueError: it is none.
    """
    if not is_key(name):
        raise ValueError(f"{name!r} is not the key of a blob")
    return name
