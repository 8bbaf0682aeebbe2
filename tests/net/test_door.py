"""The door: what it refuses, and that it reads pages over real TLS on a loopback server."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from fieldstone.server import net
from fieldstone.server.net import Door, FetchError
from fieldstone.server.net import door as door_module

PUBLIC = "93.184.215.14"


def _certificates(folder: Path, names: list[str]) -> tuple[Path, Path]:
    """A test authority's certificate, and a chain with key for a server of these names."""
    now = datetime.now(UTC)

    def name(text: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])

    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    ca_id = x509.SubjectKeyIdentifier.from_public_key(ca_key.public_key())
    base = x509.CertificateBuilder().not_valid_before(now - timedelta(days=1))
    base = base.not_valid_after(now + timedelta(days=1)).issuer_name(name("Test authority"))
    ca = (
        base.subject_name(name("Test authority"))
        .public_key(ca_key.public_key())
        .serial_number(1)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(ca_id, critical=False)
        .sign(ca_key, hashes.SHA256())
    )
    leaf = (
        base.subject_name(name(names[0]))
        .public_key(key.public_key())
        .serial_number(2)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(n) for n in names]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(ca_id), critical=False)
        .sign(ca_key, hashes.SHA256())
    )
    ca_path, chain = folder / "ca.pem", folder / "server.pem"
    ca_path.write_bytes(ca.public_bytes(serialization.Encoding.PEM))
    chain.write_bytes(
        leaf.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return ca_path, chain


@dataclass
class Site:
    """A TLS server on loopback, and a door that reaches it under public-looking addresses."""

    port: int
    door: Door
    answers: dict[str, Callable[[BaseHTTPRequestHandler], None]] = field(default_factory=dict)
    requests: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    connected: list[str] = field(default_factory=list)

    def page(self, path: str, body: bytes = b"{}", status: int = 200, **headers: str) -> None:
        def answer(handler: BaseHTTPRequestHandler) -> None:
            handler.send_response(status)
            for name, value in headers.items():
                handler.send_header(name.replace("_", "-"), value)
            handler.end_headers()
            handler.wfile.write(body)

        self.answers[path] = answer


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    ca, chain = _certificates(tmp_path_factory.mktemp("tls"), ["good.example", "other.example"])

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            site.requests.append((self.path, dict(self.headers.items())))
            try:
                site.answers[self.path](self)
            except OSError:
                return  # the client hung up, as some tests want

        def log_message(self, *_: Any) -> None:
            return

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: Any) -> None:
            return

    server = Quiet(("127.0.0.1", 0), Handler)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(chain)
    server.socket = tls.wrap_socket(server.socket, server_side=True)

    def connect(address: str, port: int, timeout: float) -> socket.socket:
        site.connected.append(f"{address}:{port}")
        return socket.create_connection(("127.0.0.1", server.server_port), timeout)

    door = Door(
        look_up=lambda host, port: [PUBLIC],
        connect=connect,
        tls=ssl.create_default_context(cafile=str(ca)),
    )
    site = Site(server.server_port, door)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield site
    server.shutdown()
    server.server_close()


@pytest.fixture
def site(served: Site) -> Site:
    served.answers.clear()
    served.requests.clear()
    served.connected.clear()
    return served


def _code(door: Door, url: str, **options: Any) -> str:
    with pytest.raises(FetchError) as caught:
        door.fetch(url, **options)
    return caught.value.code


def test_a_page_says_how_long_it_may_be_kept_and_is_asked_about_by_its_tag(site: Site) -> None:
    site.page("/a", b"x", ETag='"1"', Cache_Control="public, max-age=60")
    found = site.door.fetch("https://good.example/a")
    assert (found.etag, found.max_age, found.unchanged) == ('"1"', 60, False)
    assert "If-None-Match" not in site.requests[0][1]
    site.page("/a", b"", 304, Cache_Control="max-age=30")
    again = site.door.fetch("https://good.example/a", etag=found.etag)
    assert (again.etag, again.max_age, again.unchanged, again.body) == ('"1"', 30, True, b"")
    assert site.requests[1][1]["If-None-Match"] == '"1"'
    assert _code(site.door, "https://good.example/a") == "http_status"  # nobody asked whether it is unchanged
    site.page("/b", b"x", ETag='"1" x')
    assert site.door.fetch("https://good.example/b").etag == ""


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("", None), ("public", None), ("max-age=5", 5), ("Public, Max-Age=5", 5), ('max-age="7"', 7), ("no-store", 0),
        ("max-age=9, no-cache", 0), ("max-age=-1", None), ("max-age=x", None), ("max-age=9, max-age=4", 4),
        ("max-age=99999999999", None),
    ],
)  # fmt: skip
def test_how_long_a_page_may_be_kept(text: str, seconds: int | None) -> None:
    assert door_module.max_age_of(text) == seconds


def test_a_page_is_read(site: Site) -> None:
    site.page("/a?b=c", b'{"x":1}', Content_Type="application/json", Set_Cookie="a=b")
    found = site.door.fetch("https://good.example/a?b=c#part", accept="application/json")
    assert (found.body, found.content_type) == (b'{"x":1}', "application/json")
    assert site.connected == [f"{PUBLIC}:443"]
    headers = site.requests[0][1]
    assert headers["Host"] == "good.example"
    assert headers["Accept-Encoding"] == "identity"
    assert "Cookie" not in headers and "Authorization" not in headers


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://good.example/", "not_https"),
        ("ftp://good.example/", "not_https"),
        ("file:///etc/passwd", "not_https"),
        ("https:///x", "not_https"),
        ("//good.example/", "not_https"),
        ("https://user@good.example/", "credentials_in_url"),
        ("https://user:word@good.example/", "credentials_in_url"),
        ("https://good.example:8443/", "port_not_allowed"),
        ("https://good.example:99999/", "bad_url"),
        ("https://good.example:x/", "bad_url"),
        ("https://[::1/", "bad_url"),
        ("https://good.example/a b", "bad_url"),
        ("https://good.example/\r\nX: y", "bad_url"),
        ("https://gööd.example/", "bad_url"),
        ("", "bad_url"),
    ],
)
def test_addresses_that_are_never_asked(site: Site, url: str, code: str) -> None:
    assert _code(site.door, url) == code
    assert site.connected == []


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.9.9.9", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254",
        "100.64.0.1", "100.127.255.255", "192.0.0.1", "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1",
        "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255", "::", "::1", "fe80::1", "fe80::1%eth0",
        "fc00::1", "fd12::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1",
        "64:ff9b::7f00:1", "64:ff9b:1::1", "2002:7f00:1::", "2001::1", "2001:db8::1", "100::1",
        "fec0::1", "feff::1", "192.88.99.1", "::ffff:192.88.99.1", "3fff::1", "3fff:fff::1",
    ],
)  # fmt: skip
def test_addresses_inside_networks_are_refused(site: Site, address: str) -> None:
    assert not net.is_public(address)
    door = replace(site.door, look_up=lambda host, port: [PUBLIC, address])
    assert _code(door, "https://good.example/") == "address_not_allowed"
    assert site.connected == []


@pytest.mark.parametrize("address", [PUBLIC, "1.1.1.1", "100.63.0.1", "2606:4700::1111", "::ffff:1.1.1.1"])
def test_public_addresses_are_public(address: str) -> None:
    assert net.is_public(address)


def test_the_address_that_was_checked_is_the_one_connected_to(site: Site) -> None:
    """DNS rebinding: a name that answers differently the second time is looked up only once."""
    answers = iter([[PUBLIC], ["127.0.0.1"]])
    site.page("/")
    door = replace(site.door, look_up=lambda host, port: next(answers))
    door.fetch("https://good.example/")
    assert site.connected == [f"{PUBLIC}:443"]


def test_an_unknown_host(site: Site) -> None:
    def fails(host: str, port: int) -> list[str]:
        raise socket.gaierror

    assert _code(replace(site.door, look_up=fails), "https://good.example/") == "unknown_host"
    assert _code(replace(site.door, look_up=lambda host, port: []), "https://good.example/") == "unknown_host"


def test_attack_a_name_service_that_never_answers(site: Site) -> None:
    done = threading.Event()

    def slow(host: str, port: int) -> list[str]:
        done.wait(10)
        return [PUBLIC]

    started = time.monotonic()
    with pytest.raises(net.FetchError) as caught:
        replace(site.door, look_up=slow).fetch("https://good.example/", timeout=0.2)
    done.set()
    assert caught.value.code == "timeout" and time.monotonic() - started < 5
    assert site.connected == []


def test_redirects_are_followed_and_checked_anew(site: Site) -> None:
    site.page("/1", status=302, Location="https://other.example/2")
    site.page("/2", status=307, Location="/3")
    site.page("/3", status=301, Location="/4")
    site.page("/4", b"end")
    assert site.door.fetch("https://good.example/1").body == b"end"
    site.page("/0", status=302, Location="/1")
    assert _code(site.door, "https://good.example/0") == "too_many_redirects"
    site.page("/away", status=302, Location="http://good.example/")
    assert _code(site.door, "https://good.example/away") == "not_https"
    addresses = {"good.example": [PUBLIC], "inner.example": ["10.0.0.1"]}
    site.page("/in", status=302, Location="https://inner.example/")
    door = replace(site.door, look_up=lambda host, port: addresses[host])
    assert _code(door, "https://good.example/in") == "address_not_allowed"
    site.page("/bare", status=302)
    assert _code(site.door, "https://good.example/bare") == "http_status"


def test_sizes_are_limited(site: Site) -> None:
    site.page("/", b"x" * 1000)
    assert len(site.door.fetch("https://good.example/", max_bytes=1000).body) == 1000
    assert _code(site.door, "https://good.example/", max_bytes=999) == "too_big"


def test_compression_is_refused(site: Site) -> None:
    site.page("/", b"x", Content_Encoding="gzip")
    assert _code(site.door, "https://good.example/") == "compressed"


def test_other_answers_are_errors_with_their_status(site: Site) -> None:
    site.page("/", status=404)
    with pytest.raises(FetchError) as caught:
        site.door.fetch("https://good.example/")
    assert (caught.value.code, caught.value.status) == ("http_status", 404)


def test_a_page_that_drips_is_cut_off(site: Site) -> None:
    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        for _ in range(100):
            handler.wfile.write(b"x")
            handler.wfile.flush()
            time.sleep(0.05)

    site.answers["/"] = drip
    started = time.monotonic()
    assert _code(site.door, "https://good.example/", timeout=0.4) == "timeout"
    assert time.monotonic() - started < 2


def test_a_connection_that_is_long_in_coming_is_not_used(site: Site) -> None:
    def slow(address: str, port: int, timeout: float) -> socket.socket:
        time.sleep(0.3)
        return site.door.connect(address, port, timeout)

    site.page("/")
    assert _code(replace(site.door, connect=slow), "https://good.example/", timeout=0.1) == "timeout"
    assert site.requests == []


def test_silence_is_cut_off(site: Site) -> None:
    site.answers["/"] = lambda handler: time.sleep(1.5)
    assert _code(site.door, "https://good.example/", timeout=0.2) == "timeout"


def test_time_is_counted_over_all_redirects(site: Site) -> None:
    def slow(handler: BaseHTTPRequestHandler) -> None:
        time.sleep(0.15)
        handler.send_response(302)
        handler.send_header("Location", "/")
        handler.end_headers()

    site.answers["/"] = slow
    assert _code(site.door, "https://good.example/", timeout=0.25) == "timeout"
    assert _code(site.door, "https://good.example/", timeout=0) == "timeout"


def test_a_wrong_certificate_is_refused(site: Site) -> None:
    site.page("/")
    assert _code(site.door, "https://third.example/") == "bad_certificate"
    strangers = replace(site.door, tls=ssl.create_default_context())
    assert _code(strangers, "https://good.example/") == "bad_certificate"
    assert site.requests == []


def test_nobody_listens(site: Site) -> None:
    def refuse(address: str, port: int, timeout: float) -> socket.socket:
        raise ConnectionRefusedError

    assert _code(replace(site.door, connect=refuse), "https://good.example/") == "connection_failed"


def test_the_default_door_reaches_no_loopback_server() -> None:
    with pytest.raises(FetchError) as caught:
        net.fetch("https://127.0.0.1/")
    assert caught.value.code == "address_not_allowed"
    with pytest.raises(FetchError) as caught:
        net.fetch("https://localhost/")
    assert caught.value.code in {"address_not_allowed", "unknown_host"}


def test_the_default_parts_do_what_they_say() -> None:
    assert door_module.look_up("127.0.0.1", 443) == ["127.0.0.1"]
    with socket.create_server(("127.0.0.1", 0)) as listening:
        made = door_module.connect("127.0.0.1", listening.getsockname()[1], 1)
        assert made.getpeername() == listening.getsockname()
        made.close()
