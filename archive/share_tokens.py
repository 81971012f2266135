"""Tokens of share links: made by chance, known to who has the link, kept as a digest."""

import hashlib
import secrets

#: Nobody guesses so many bytes.
_BYTES = 32


def new_token() -> str:
    return secrets.token_urlsafe(_BYTES)


def digest(token: str) -> str:
    """What is kept of it. A token is long and made by chance, so that no slow hash is needed."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
