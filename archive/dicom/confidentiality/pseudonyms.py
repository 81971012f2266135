"""Values that stand for others: always the same for the same, and nobody without the key can go back."""

import hmac
from hashlib import sha256
from uuid import UUID

#: What the standard itself assigns identifies nobody.
STANDARD_ROOT = b"1.2.840.10008."


class Pseudonyms:
    def __init__(self, key: bytes) -> None:
        self._key = key

    def uids(self, value: bytes) -> bytes:
        """For the value field of an element of VR UI."""
        return b"\\".join(map(self._uid, value.split(b"\\")))

    def _uid(self, value: bytes) -> bytes:
        """Derived as from a random UUID (PS3.5 Section B.2)."""
        uid = value.strip(b" \0")
        if not uid or uid.startswith(STANDARD_ROOT):
            return uid
        return b"2.25.%d" % UUID(bytes=self._digest(b"uid", uid)[:16], version=4).int

    def identifier(self, value: bytes) -> bytes:
        """For an identifier such as Patient ID; an empty one stays empty."""
        text = value.strip(b" \0")
        return self._digest(b"identifier", text)[:8].hex().upper().encode("ascii") if text else b""

    def _digest(self, kind: bytes, value: bytes) -> bytes:
        return hmac.digest(self._key, kind + b"\0" + value, sha256)
