"""Addresses of DICOMweb services, as people write them."""

from urllib.parse import urlsplit

from archive.errors import NotAnAddress

SCHEMES = frozenset({"http", "https"})


def service_url(text: str) -> str:
    """The address below which `/studies` is, without a slash at its end; people give that with it, or without.

    Raises:
        NotAnAddress: no request can be sent there. The message repeats nothing: there may be a password in it.
    """
    try:
        parts = urlsplit(text.strip())
        good = parts.scheme in SCHEMES and bool(parts.hostname) and parts.port != 0
        host = (parts.hostname or "").encode("idna").decode("ascii")
    except ValueError:  # a wrong port among them, and what no host can be called
        good, host = False, ""
    if not good or not host or not text.strip().isascii() or set(text.strip()) & set(" \t\r\n\"'<>\\"):
        raise NotAnAddress("This is no address that begins with https:// or http:// and a host.")
    if parts.username is not None or parts.password is not None:
        raise NotAnAddress("User name and password have fields of their own.")
    if parts.query or parts.fragment:
        raise NotAnAddress("The address of a service has neither ? nor #.")
    return text.strip().rstrip("/").removesuffix("/studies").rstrip("/")
