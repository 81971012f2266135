"""Where a request really comes from, as told by proxies that are trusted, and by no one else.

A trusted proxy's `Forwarded` (RFC 7239) or `X-Forwarded-*` headers set the scheme, host, client and path prefix of the
request. From anyone else those headers are dropped, so that nobody can steer the URLs in answers.
"""

import ipaddress
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

Headers = list[tuple[bytes, bytes]]

HEADERS = {
    b"forwarded",
    b"x-forwarded-for",
    b"x-forwarded-host",
    b"x-forwarded-port",
    b"x-forwarded-prefix",
    b"x-forwarded-proto",
}

#: Host headers of this very machine, without a port.
LOOPBACK = {(b"host", b"127.0.0.1"), (b"host", b"[::1]"), (b"host", b"localhost")}

#: The schemes of each protocol, as proxies name them.
SCHEMES = {
    "http": {"http": "http", "https": "https"},
    "websocket": {"http": "ws", "https": "wss", "ws": "ws", "wss": "wss"},
}

#: One `name=value` of RFC 7239 Section 4.
PAIR = re.compile(r'(?P<name>[A-Za-z]+)=(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<token>[^;,\s"]*))')
_TOKEN, _VALUE = r"[!#$%&'*+.^_`|~0-9A-Za-z-]++", r'(?:"(?:[^"\\]|\\.)*+"|[^;,\s"]*+)'
_HOP = rf"[ \t]*+(?:{_TOKEN}={_VALUE})?[ \t]*+(?:;[ \t]*+(?:{_TOKEN}={_VALUE})?[ \t]*+)*+"
#: All that there are. In what is no such list, nobody can tell what a proxy has added from what a client has sent.
HOPS = re.compile(rf"{_HOP}(?:,{_HOP})*+")
HOST = re.compile(r"[A-Za-z0-9.\-]{1,255}(:[0-9]{1,5})?|\[[0-9A-Fa-f:.]{2,45}\](:[0-9]{1,5})?")
PREFIX = re.compile(r"(/(?!\.{1,2}(/|$))[A-Za-z0-9._~\-]+)+")


@dataclass(frozen=True, slots=True)
class Forwarded:
    """What a proxy says about the request it forwards; empty where it says nothing."""

    client: str = ""
    scheme: str = ""
    host: str = ""
    prefix: str = ""


class TrustedProxies:
    def __init__(self, networks: Iterable[str]) -> None:
        self._networks = [ipaddress.ip_network(network) for network in networks]

    def trusts(self, address: str) -> bool:
        try:
            parsed = ipaddress.ip_address(address)
        except ValueError:
            return False
        return any(parsed in network for network in self._networks)

    def apply(self, scope: Mapping[str, Any]) -> dict[str, Any]:
        """The ASGI scope as the client meant it."""
        told = [(name, value) for name, value in scope["headers"] if name in HEADERS]
        own = dict(scope) | {"headers": [pair for pair in scope["headers"] if pair[0] not in HEADERS]}
        client = (scope.get("client") or ("", 0))[0]
        if told and self.trusts(client):
            return _changed(own, self._read(told))
        return _with_own_port(own)

    def _read(self, told: Headers) -> Forwarded:
        values: dict[bytes, list[str]] = {}
        for name, value in told:
            values.setdefault(name, []).append(value.decode("latin-1"))
        joined = {name: ",".join(parts) for name, parts in values.items()}
        prefix = joined.get(b"x-forwarded-prefix", "")
        # A proxy that sets one kind passes the other on as a client may have sent it; the X- kind is what proxies set.
        if b"forwarded" in joined and joined.keys() <= {b"forwarded", b"x-forwarded-prefix"}:
            if not HOPS.fullmatch(joined[b"forwarded"]):
                return Forwarded(prefix=prefix)
            hops = [_pairs(hop) for hop in _split(joined[b"forwarded"])]
            # The hop nearest to us was added by the proxy we trust; what is left of it may be anybody's word,
            # unless it was in turn added by a proxy we trust.
            nearest = self._client_hop([hop.get("for", "") for hop in hops])
            hop = hops[nearest] if hops else {}
            return Forwarded(_address(hop.get("for", "")), hop.get("proto", ""), hop.get("host", ""), prefix)
        clients = [part.strip() for part in joined.get(b"x-forwarded-for", "").split(",")]
        return Forwarded(
            _address(clients[self._client_hop(clients)]),
            _last(joined.get(b"x-forwarded-proto", "")),
            _with_port(_last(joined.get(b"x-forwarded-host", "")), _last(joined.get(b"x-forwarded-port", ""))),
            prefix,
        )

    def _client_hop(self, clients: list[str]) -> int:
        """The position of the last address that is not one of ours."""
        for position in reversed(range(len(clients))):
            if not self.trusts(_address(clients[position])):
                return position
        return 0


def _changed(scope: dict[str, Any], forwarded: Forwarded) -> dict[str, Any]:
    """Only values of a legal form are taken over; others leave the scope as it was."""
    if forwarded.client and _is_address(forwarded.client):
        scope["client"] = (forwarded.client, 0)
    if scheme := SCHEMES[scope["type"]].get(forwarded.scheme.lower()):
        scope["scheme"] = scheme
    if HOST.fullmatch(forwarded.host):
        headers = [pair for pair in scope["headers"] if pair[0] != b"host"]
        scope["headers"] = [*headers, (b"host", forwarded.host.encode("ascii"))]
    prefix = forwarded.prefix.rstrip("/")
    if PREFIX.fullmatch(prefix):
        # A proxy may send the path with or without its prefix; ASGI wants it with.
        path = scope["path"] if scope["path"].startswith(prefix + "/") else prefix + scope["path"]
        scope |= {"root_path": prefix, "path": path}
    return scope


def _with_own_port(scope: dict[str, Any]) -> dict[str, Any]:
    """dicomweb-client leaves the port out of its Host header: on this very machine there is no doubt which it means."""
    _, port = scope.get("server") or ("", None)
    if port not in {None, 80, 443}:
        scope["headers"] = [
            (name, value + b":%d" % port) if (name, value) in LOOPBACK else (name, value)
            for name, value in scope["headers"]
        ]
    return scope


def _split(text: str) -> list[str]:
    """Split at commas outside quotes."""
    return [part for part in re.findall(r'(?:[^,"]|"(?:[^"\\]|\\.)*")+', text) if part.strip()]


def _pairs(hop: str) -> dict[str, str]:
    return {match["name"].lower(): _unquoted(match["quoted"]) or match["token"] or "" for match in PAIR.finditer(hop)}


def _unquoted(text: str | None) -> str:
    return re.sub(r"\\(.)", r"\1", text or "")


def _with_port(host: str, port: str) -> str:
    return f"{host}:{port}" if host and port not in {"", "80", "443"} and ":" not in host.rpartition("]")[2] else host


def _last(text: str) -> str:
    return text.rpartition(",")[2].strip()


def _address(text: str) -> str:
    """An address without port and brackets: `[2001:db8::1]:4711` and `192.0.2.43:47011` (RFC 7239 Section 6)."""
    text = text.strip().strip('"')
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text.partition(":")[0] if text.count(":") == 1 else text


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
