"""Who is believed about where a request comes from (P16), and what becomes of headers nobody should believe."""

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.proxies import HEADERS, TrustedProxies

PROXY, STRANGER, CLIENT = "10.0.0.1", "203.0.113.9", "198.51.100.7"
TRUSTED = TrustedProxies(["10.0.0.0/8", "2001:db8::/32"])


def scope(*headers: tuple[str, str], client: str | None = PROXY, path: str = "/dicom-web/studies") -> dict[str, Any]:
    return {
        "type": "http",
        "scheme": "http",
        "path": path,
        "root_path": "",
        "client": (client, 4711) if client else None,
        "headers": [(b"host", b"inside:8000"), *((name.encode(), value.encode("latin-1")) for name, value in headers)],
    }


def seen(*headers: tuple[str, str], **arguments: Any) -> tuple[str, str, str, str]:
    """Client, scheme, host and prefix as the application sees them."""
    applied = TRUSTED.apply(scope(*headers, **arguments))
    (host,) = [value.decode() for name, value in applied["headers"] if name == b"host"]
    return (applied["client"] or ("",))[0], applied["scheme"], host, applied["root_path"]


def test_a_request_without_forwarded_headers_stays_as_it_is():
    original = scope(("accept", "*/*"))

    assert TRUSTED.apply(original) == original


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param(
            [
                ("x-forwarded-for", CLIENT),
                ("x-forwarded-proto", "https"),
                ("x-forwarded-host", "pacs.example"),
                ("x-forwarded-prefix", "/archive"),
            ],
            id="X-Forwarded",
        ),
        pytest.param(
            [("forwarded", f'for={CLIENT};proto=https;host="pacs.example"'), ("x-forwarded-prefix", "/archive")],
            id="Forwarded",
        ),
    ],
)
def test_a_trusted_proxy_tells_client_scheme_host_and_prefix(headers):
    assert seen(*headers) == (CLIENT, "https", "pacs.example", "/archive")


@pytest.mark.parametrize("client", [STRANGER, "2001:db9::1", "unix:", "", None])
def test_nobody_else_is_believed_and_the_headers_are_dropped(client):
    headers = [(name.decode(), "evil.example") for name in sorted(HEADERS)]

    applied = TRUSTED.apply(scope(*headers, client=client))

    assert applied == scope(client=client)


def test_without_trusted_proxies_nobody_is_believed():
    applied = TrustedProxies([]).apply(scope(("x-forwarded-host", "evil.example"), client="127.0.0.1"))

    assert applied == scope(client="127.0.0.1")


def test_the_application_never_sees_a_forwarded_header():
    applied = TRUSTED.apply(scope(*((name.decode(), "x") for name in HEADERS), ("accept", "*/*")))

    assert applied["headers"] == [(b"host", b"inside:8000"), (b"accept", b"*/*")]


def test_the_given_scope_is_not_changed():
    original = scope(("x-forwarded-host", "pacs.example"), ("x-forwarded-prefix", "/archive"))
    before = {**original, "headers": list(original["headers"])}

    TRUSTED.apply(original)

    assert original == before


@pytest.mark.parametrize(
    ("headers", "client"),
    [
        pytest.param([("x-forwarded-for", f"192.0.2.1, {CLIENT}")], CLIENT, id="the-nearest-hop-counts"),
        pytest.param([("x-forwarded-for", f"192.0.2.1, {CLIENT}, 10.9.9.9")], CLIENT, id="our-own-hops-are-skipped"),
        pytest.param([("x-forwarded-for", "192.0.2.1"), ("x-forwarded-for", CLIENT)], CLIENT, id="repeated-header"),
        pytest.param([("x-forwarded-for", "10.0.0.5, 10.0.0.6")], "10.0.0.5", id="only-our-own-hops"),
        pytest.param([("x-forwarded-for", f"{CLIENT}:47011")], CLIENT, id="with-port"),
        pytest.param([("forwarded", f"for=192.0.2.1, for={CLIENT}")], CLIENT, id="Forwarded-nearest"),
        pytest.param([("forwarded", f"for=192.0.2.1, for={CLIENT}, for=10.9.9.9")], CLIENT, id="Forwarded-skips-ours"),
        pytest.param([("forwarded", 'For="[2001:db9::17]:4711"')], "2001:db9::17", id="Forwarded-IPv6-with-port"),
        pytest.param([("forwarded", "for=_hidden")], PROXY, id="Forwarded-obfuscated"),
        pytest.param([("forwarded", "for=unknown")], PROXY, id="Forwarded-unknown"),
        pytest.param([("x-forwarded-for", "<script>")], PROXY, id="no-address"),
    ],
)
def test_the_client_is_the_last_hop_that_is_not_ours(headers, client):
    assert seen(*headers)[0] == client


def test_scheme_and_host_come_from_the_hop_that_the_client_comes_from():
    hops = ["for=192.0.2.1;host=evil.example;proto=ftp", f"for={CLIENT};host=pacs.example;proto=https", "for=10.9.9.9"]

    assert seen(("forwarded", ", ".join(hops))) == (CLIENT, "https", "pacs.example", "")


def test_quoted_values_may_have_commas_semicolons_and_escapes():
    told = f'for={CLIENT};by="a,b;c=\\"d\\"";host="pacs.example:8443";proto="https"'

    assert seen(("forwarded", told)) == (CLIENT, "https", "pacs.example:8443", "")


@pytest.mark.parametrize(
    ("told", "scheme"), [("https", "wss"), ("wss", "wss"), ("WS", "ws"), ("http", "ws"), ("x", "ws")]
)
def test_a_websocket_has_a_scheme_of_its_own(told, scheme):
    handshake = scope(("x-forwarded-proto", told)) | {"type": "websocket", "scheme": "ws"}

    assert TRUSTED.apply(handshake)["scheme"] == scheme


@pytest.mark.parametrize("scheme", ["javascript", "https://", "", "wss"])
def test_a_scheme_other_than_http_and_https_is_not_believed(scheme):
    assert seen(("x-forwarded-proto", scheme))[1] == "http"


@pytest.mark.parametrize(
    "host",
    ["evil.example/path", "user@evil.example", "a b", "evil.example:port", "[::1", "é.example", "x" * 256, 'a"b'],
)
def test_a_host_of_another_form_is_not_believed(host):
    assert seen(("x-forwarded-host", host))[2] == "inside:8000"


@pytest.mark.parametrize("host", ["pacs.example", "pacs.example:8443", "192.0.2.1:80", "[2001:db8::1]:8443"])
def test_a_host_may_have_a_port_or_be_an_address(host):
    assert seen(("x-forwarded-host", host))[2] == host


@pytest.mark.parametrize("prefix", ["archive", "//evil.example", "/a/../b?c", "/a b", "/a//b", "/", "/%2e", "/a\\b"])
def test_a_prefix_of_another_form_is_not_believed(prefix):
    applied = TRUSTED.apply(scope(("x-forwarded-prefix", prefix)))

    assert (applied["root_path"], applied["path"]) == ("", "/dicom-web/studies")


@pytest.mark.parametrize("path", ["/dicom-web/studies", "/archive/dicom-web/studies"])
@pytest.mark.parametrize("prefix", ["/archive", "/archive/"])
def test_a_proxy_may_leave_its_prefix_in_the_path_or_not(path, prefix):
    applied = TRUSTED.apply(scope(("x-forwarded-prefix", prefix), path=path))

    assert (applied["root_path"], applied["path"]) == ("/archive", "/archive/dicom-web/studies")


@given(st.lists(st.tuples(st.sampled_from(sorted(HEADERS)), st.binary(max_size=60)), max_size=6), st.booleans())
def test_no_header_can_bring_the_archive_down_or_leave_a_host_of_illegal_form(headers, trusted):
    original = scope(client=PROXY if trusted else STRANGER)
    original["headers"] += headers

    applied = TRUSTED.apply(original)

    assert applied["scheme"] in {"http", "https"}
    (host,) = [value for name, value in applied["headers"] if name == b"host"]
    assert not set(b"/@ \r\n\t\"'<>,;\\") & set(host)
    assert not set(applied["root_path"]) & set("\r\n ?#\"'<>")


def test_a_client_cannot_speak_over_a_proxy_that_sets_the_other_kind_of_header():
    """nginx sets X-Forwarded-* and passes on what a client sent as Forwarded."""
    told = seen(("forwarded", "for=192.0.2.66;host=evil.example;proto=http"), ("x-forwarded-for", CLIENT),
                ("x-forwarded-proto", "https"), ("x-forwarded-host", "pacs.example"))  # fmt: skip

    assert told == (CLIENT, "https", "pacs.example", "")


@pytest.mark.parametrize(
    ("host", "port", "expected"),
    [
        ("pacs.example", "8443", "pacs.example:8443"),
        ("pacs.example:8443", "443", "pacs.example:8443"),
        ("pacs.example", "443", "pacs.example"),
        ("[2001:db8::1]", "8443", "[2001:db8::1]:8443"),
        ("[2001:db8::1]:81", "8443", "[2001:db8::1]:81"),
        ("pacs.example", "evil", "inside:8000"),
    ],
)
def test_a_port_told_apart_belongs_to_the_host(host, port, expected):
    assert seen(("x-forwarded-host", host), ("x-forwarded-port", port))[2] == expected


@pytest.mark.parametrize(
    ("host", "port", "expected"),
    [
        ("127.0.0.1", 8000, "127.0.0.1:8000"),
        ("localhost", 8000, "localhost:8000"),
        ("[::1]", 8000, "[::1]:8000"),
        ("localhost:9000", 8000, "localhost:9000"),
        ("localhost", 80, "localhost"),
        ("pacs.example", 8000, "pacs.example"),
    ],
)
def test_a_loopback_host_without_its_port_is_given_ours(host, port, expected):
    """dicomweb-client leaves it out, and would then look for bulk data at port 80."""
    called = scope() | {"headers": [(b"host", host.encode())], "server": ("127.0.0.1", port)}

    assert TrustedProxies([]).apply(called)["headers"] == [(b"host", expected.encode())]


def test_a_host_that_a_trusted_proxy_tells_is_taken_as_it_is():
    called = scope(("x-forwarded-host", "localhost")) | {"server": ("10.0.0.1", 8000)}

    assert (b"host", b"localhost") in TRUSTED.apply(called)["headers"]


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param('host=evil.example;for="', id="a-quote-that-the-proxy-closes"),
        pytest.param('host=evil.example;for="\\', id="a-quote-that-is-never-closed"),
        pytest.param("host=evil.example for=192.0.2.1", id="no-separator"),
    ],
)
@pytest.mark.parametrize("added", [f"for={CLIENT}", f'for="{CLIENT}";host="pacs.example"'])
def test_what_a_client_began_a_proxy_does_not_end(sent, added):
    """What the proxy appends would be taken for a part of what the client sent."""
    assert seen(("forwarded", f"{sent}, {added}")) == (PROXY, "http", "inside:8000", "")


@pytest.mark.parametrize("unit", ['"\\"', 'a="\\', '"', "for=10.0.0.5,", " ;", 'a="b";'])
def test_a_forwarded_header_of_any_length_is_read_at_once(unit):
    start = time.monotonic()
    seen(("forwarded", unit * (400_000 // len(unit))))
    assert time.monotonic() - start < 2.0
