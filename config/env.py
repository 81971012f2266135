"""Typed readers of environment variables. A wrong value stops the start with one clear sentence, not a traceback."""

import ipaddress
import os
import re
from collections.abc import Callable, Mapping
from typing import TypeVar
from urllib.parse import urlsplit

from archive.dicom.ae_titles import ae_title
from archive.dicom.uids import is_uid
from archive.dicom.value_representations import LONGEST_LO

T = TypeVar("T")

UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}


class SettingError(SystemExit):
    """An environment variable has a value that cannot be used: uncaught, it ends the process with that one sentence."""

    def __init__(self, sentence: str) -> None:
        super().__init__(f"The archive cannot start: {sentence}")


class Environment:
    """Reads variables from a mapping; each reader names the variable and what it expects when it refuses."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._variables = variables

    def _read(self, name: str, default: T, parse: Callable[[str], T], expected: str) -> T:
        raw = self._variables.get(name, "").strip()
        if not raw:
            return default
        try:
            return parse(raw)
        except ValueError:
            # The value itself is not repeated: it may be a password put into the wrong variable.
            raise SettingError(f"{name} is not {expected}.") from None

    def text(self, name: str, default: str = "") -> str:
        return self._variables.get(name, "").strip() or default

    def long_string(self, name: str, default: str) -> str:
        """A value that a DICOM attribute of VR LO can have (PS3.5 Table 6.2-1)."""

        def parse(raw: str) -> str:
            if len(raw) > LONGEST_LO or "\\" in raw or not raw.isprintable():
                raise ValueError
            return raw

        return self._read(name, default, parse, f"a text of at most {LONGEST_LO} characters without a backslash")

    def integer(self, name: str, default: int, *, minimum: int, maximum: int) -> int:
        def parse(raw: str) -> int:
            value = int(raw)
            if not minimum <= value <= maximum:
                raise ValueError
            return value

        return self._read(name, default, parse, f"a whole number from {minimum} to {maximum}")

    def size(self, name: str, default: int, *, minimum: int = 1) -> int:
        """A number of bytes: `1048576`, `512K`, `64M`, `2G`."""

        def parse(raw: str) -> int:
            match = re.fullmatch(r"(\d+)\s*([KMGT]?)(?:i?B)?", raw, re.IGNORECASE)
            if not match or int(match[1]) < minimum:
                raise ValueError
            return int(match[1]) * UNITS[match[2].upper()]

        return self._read(name, default, parse, "a size in bytes such as 512M or 2G")

    def choice(self, name: str, default: str, choices: tuple[str, ...]) -> str:
        def parse(raw: str) -> str:
            if raw.lower() not in choices:
                raise ValueError
            return raw.lower()

        return self._read(name, default, parse, f"one of {', '.join(choices)}")

    def boolean(self, name: str, default: bool) -> bool:
        words = {
            "1": True,
            "true": True,
            "yes": True,
            "on": True,
            "0": False,
            "false": False,
            "no": False,
            "off": False,
        }

        def parse(raw: str) -> bool:
            if raw.lower() not in words:
                raise ValueError
            return words[raw.lower()]

        return self._read(name, default, parse, "true or false")

    def words(self, name: str, default: tuple[str, ...] = ()) -> tuple[str, ...]:
        """A list separated by commas."""
        return self._read(name, default, _words, "a list")

    def uids(self, name: str) -> tuple[str, ...]:
        """UIDs separated by commas."""

        def parse(raw: str) -> tuple[str, ...]:
            if not all(map(is_uid, _words(raw))):
                raise ValueError
            return _words(raw)

        return self._read(name, (), parse, "a list of UIDs such as 1.2.840.10008.5.1.4.1.1.2")

    def ae_title(self, name: str, default: str) -> str:
        def parse(raw: str) -> str:
            if ae_title(raw) is None:
                raise ValueError
            return raw

        return self._read(name, default, parse, "an AE title, of at most 16 characters")

    def ae_titles(self, name: str) -> tuple[str, ...]:
        """AE titles separated by commas."""

        def parse(raw: str) -> tuple[str, ...]:
            titles = tuple(map(ae_title, _words(raw)))
            if None in titles:
                raise ValueError
            return tuple(filter(None, titles))

        return self._read(name, (), parse, "a list of AE titles, each of at most 16 characters")

    def networks(self, name: str) -> tuple[str, ...]:
        """Addresses and networks (`10.0.0.0/8`) separated by commas."""

        def parse(raw: str) -> tuple[str, ...]:
            return tuple(str(ipaddress.ip_network(word, strict=False)) for word in _words(raw))

        return self._read(name, (), parse, "a list of IP addresses or networks such as 10.0.0.0/8")

    def origins(self, name: str) -> tuple[str, ...]:
        """Origins (RFC 6454) separated by commas, such as `https://viewer.example.org`; `*` alone stands for any."""

        def parse(raw: str) -> tuple[str, ...]:
            words = _words(raw)
            if words == ("*",):
                return words
            for word in words:
                parts = urlsplit(word)
                # As browsers send them: in lower case, and nothing after the host and its port.
                if parts.scheme not in {"http", "https"} or not parts.hostname or parts.port == 0:
                    raise ValueError
                if word != f"{parts.scheme}://{parts.netloc}".lower() or set(word) & set("@*"):
                    raise ValueError
            return words

        return self._read(name, (), parse, "a list of origins such as https://viewer.example.org, or *")

    def url(self, name: str, *, schemes: tuple[str, ...] = ("http", "https")) -> str:
        """An absolute URL without query, fragment or trailing slash; empty when not set."""

        def parse(raw: str) -> str:
            parts = urlsplit(raw)
            # To ask for the port is what refuses a wrong one.
            if parts.scheme not in schemes or not parts.hostname or parts.port == 0 or parts.query or parts.fragment:
                raise ValueError
            return raw.rstrip("/")

        return self._read(name, "", parse, f"an absolute URL ({' or '.join(schemes)}) without query or fragment")


def _words(raw: str) -> tuple[str, ...]:
    return tuple(stripped for word in raw.split(",") if (stripped := word.strip()))


environment = Environment(os.environ)
