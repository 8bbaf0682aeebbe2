"""Server-side request forgery by DID: whatever a did:web names, nothing inside our own network is reached."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from typing import Any

import pytest

from fieldstone import credential as c
from fieldstone.server.net import Door, NetResolver
from fieldstone.server.net import door as door_module
from tests.credential.cases import AT, KEY, signed

PUBLIC = "93.184.215.14"


class Reached(Exception):
    """Somebody was connected to."""


def _door(look_up: Callable[[str, int], list[str]], reached: list[str], **options: Any) -> Door:
    def connect(address: str, port: int, timeout: float) -> socket.socket:
        reached.append(f"{address}:{port}")
        raise ConnectionRefusedError

    return Door(look_up=look_up, connect=connect, **options)


def _verify_with(did: str, door: Door) -> c.Report:
    """A credential whose issuer is the DID, checked with a resolver that looks it up."""
    bare = {name: value for name, value in signed(status=()).items() if name != "proof"}
    document = c.sign(
        {**bare, "issuer": {**bare["issuer"], "id": did}},
        key=KEY.controlled_by(did),
        created=AT,
        suite="eddsa-jcs-2022",
    )
    return c.verify(document, resolver=NetResolver(door), at=AT)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "127.1", "0", "0.0.0.0", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "017700000001",
        "10.0.0.5", "192.168.1.1", "169.254.169.254", "100.64.0.1",
    ],
)  # fmt: skip
def test_attack_did_web_with_a_number_as_host(host: str) -> None:
    """All the ways in which the machine's own name service reads a number as an address."""
    reached: list[str] = []
    report = _verify_with(f"did:web:{host}", _door(door_module.look_up, reached))
    assert report.verdict == "could_not_tell" and reached == []


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("localhost", "127.0.0.1"), ("localhost", "::1"), ("metadata.google.internal", "169.254.169.254"),
        ("printer.local", "192.168.1.20"), ("127.0.0.1.nip.example", "127.0.0.1"), ("evil.example", "10.1.2.3"),
        ("evil.example", "fd00::1"), ("evil.example", "::ffff:10.0.0.1"), ("evil.example", "64:ff9b::a00:1"),
    ],
)  # fmt: skip
def test_attack_did_web_whose_name_is_private(host: str, address: str) -> None:
    """A name of anybody's can be given a private address; also beside a public one."""
    for answers in ([address], [PUBLIC, address], [address, PUBLIC]):
        reached: list[str] = []
        door = _door(lambda _host, _port, answers=answers: answers, reached)  # type: ignore[misc]
        assert _verify_with(f"did:web:{host}", door).verdict == "could_not_tell"
        assert reached == []


@pytest.mark.parametrize(
    "did",
    [
        "did:web:[::1]", "did:web:%5B%3A%3A1%5D", "did:web:::1", "did:web:user%40evil.example", "did:web:user@evil.example",
        "did:web:evil.example%2F@localhost", "did:web:evil.example%2F..", "did:web:evil.example/x", "did:web:evil.example:..:x",
        "did:web:evil.example:%2e%2e:x", "did:web:evil.example?x", "did:web:evil.example%3Fx", "did:web:evil.example%23x",
        "did:web:evil.example%0d%0aHost:x", "did:web:evil.example%00", "did:web:localhost%3A", "did:web:", "did:web:%31%32%37.1",
        "did:web:evil.example%3A80%3A90", "did:web:evil.example%3A-1", "did:web:evil.example%3A8443%40localhost",
    ],
)  # fmt: skip
def test_attack_did_web_that_is_a_crooked_address(did: str) -> None:
    """No name service is asked: it is no did:web at all."""
    asked: list[str] = []

    def look_up(host: str, port: int) -> list[str]:
        asked.append(host)
        return [PUBLIC]

    assert _verify_with(did, _door(look_up, asked)).verdict == "not_verified"
    assert asked == []


@pytest.mark.parametrize("port", ["22", "25", "80", "6379", "8000", "8443", "0", "65536", "99999"])
def test_attack_did_web_with_a_port(port: str) -> None:
    """Ports other than 443 belong to services that are not meant for strangers."""
    reached: list[str] = []
    report = _verify_with(f"did:web:evil.example%3A{port}", _door(lambda host, number: [PUBLIC], reached))
    assert report.verdict == "could_not_tell"
    # port 0 is read as none, which is 443
    assert reached == ([f"{PUBLIC}:443"] if port == "0" else [])


def test_attack_did_web_that_changes_its_address_between_two_questions() -> None:
    """DNS rebinding: public when it is checked, private when it is connected to."""
    answers = iter([[PUBLIC], ["127.0.0.1"], ["127.0.0.1"]])
    reached: list[str] = []
    _verify_with("did:web:evil.example", _door(lambda host, port: next(answers), reached))
    assert reached == [f"{PUBLIC}:443"]


@pytest.mark.parametrize(
    "target",
    [
        "http://169.254.169.254/latest/meta-data/", "https://127.0.0.1/", "https://[::1]/", "https://2130706433/",
        "https://evil.example:22/", "https://user:word@evil.example/", "file:///etc/passwd", "gopher://evil.example/",
        "//localhost/", "https://inner.example/",
    ],
)  # fmt: skip
def test_attack_did_web_that_redirects_inside(target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every step of a redirect is checked like the first."""
    connected: list[str] = []
    inner = {"inner.example": ["10.0.0.1"], "evil.example": [PUBLIC]}

    class Answer:
        status = 302

        def getheader(self, name: str, default: str | None = None) -> str | None:
            return target if name == "Location" else default

    class Connection:
        aborted = False

        def __init__(self, door: Door, host: str, port: int, address: str, timeout: float) -> None:
            connected.append(f"{address}:{port}")

        def request(self, *_: Any, **__: Any) -> None: ...
        def abort(self) -> None: ...
        def close(self) -> None: ...
        def getresponse(self) -> Answer:
            return Answer()

    monkeypatch.setattr(door_module, "_Connection", Connection)
    door = Door(look_up=lambda host, port: inner.get(host) or door_module.look_up(host, port))
    assert _verify_with("did:web:evil.example", door).verdict == "could_not_tell"
    assert connected == [f"{PUBLIC}:443"]


@pytest.mark.parametrize("member", ["credentialStatus", "evidence"])
def test_attack_addresses_in_a_forgery_are_not_asked(member: str) -> None:
    """Nobody makes us call an address by writing it into a document that is not signed by its issuer."""
    document = json.loads(json.dumps(signed()))
    entry = {"id": "https://evil.example/", "type": ["Evidence"], "digestSRI": "sha256-x"}
    if member == "credentialStatus":
        entry = {**document["credentialStatus"], "statusListCredential": "https://evil.example/"}
    document[member] = entry if member == "credentialStatus" else [entry]
    asked: list[str] = []

    def look_up(host: str, port: int) -> list[str]:
        asked.append(host)
        return [PUBLIC]

    report = c.verify(document, resolver=NetResolver(_door(look_up, asked)), at=AT)
    assert report.verdict == "not_verified" and asked == []
