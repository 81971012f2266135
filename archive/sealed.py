"""Secrets of others that the archive keeps and has to show to them: encrypted, with a key made of its secret key."""

from base64 import urlsafe_b64encode

from cryptography.fernet import Fernet, InvalidToken
from django.utils.crypto import salted_hmac

from archive.errors import ArchiveError


class SecretUnreadable(ArchiveError):
    def __init__(self) -> None:
        super().__init__("The secret was kept under another secret key of this archive: it has to be entered again.")


def seal(secret: str) -> bytes:
    """The secret as it may be written down."""
    return _fernet().encrypt(secret.encode("utf-8"))


def unseal(sealed: bytes) -> str:
    """The secret.

    Raises:
        SecretUnreadable: the archive's secret key is not that of then, or the bytes have been changed.
    """
    try:
        return _fernet().decrypt(sealed).decode("utf-8")
    except InvalidToken as error:
        raise SecretUnreadable from error


def _fernet() -> Fernet:
    return Fernet(urlsafe_b64encode(salted_hmac("archive.sealed", "secrets", algorithm="sha256").digest()))
