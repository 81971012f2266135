"""Destinations as the services that requests go to."""

from base64 import b64encode
from collections.abc import Mapping

from archive.models import Destination
from archive.sealed import unseal
from archive.sending.client import Service

SignIn = Destination.SignIn

_SCHEMES: Mapping[str, str] = {SignIn.BEARER: "Bearer", SignIn.TOKEN: "Token"}


def service(destination: Destination) -> Service:
    """The service of a destination, with the sign-in that it asks for.

    Raises:
        SecretUnreadable: the sign-in has to be entered again.
    """
    if destination.sign_in == SignIn.NONE:
        return Service(destination.url)
    secret = unseal(bytes(destination.secret))
    if destination.sign_in == SignIn.BASIC:
        credentials = f"{destination.user_name}:{secret}".encode()
        return Service(destination.url, f"Basic {b64encode(credentials).decode('ascii')}")
    return Service(destination.url, f"{_SCHEMES[destination.sign_in]} {secret}")
