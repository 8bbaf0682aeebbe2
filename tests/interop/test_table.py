"""What `make interop` says of peers that agree, disagree, or are not there; and our own side of every format."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from fieldstone import credential as c
from tests.interop import __main__, formats, install, table
from tests.interop.formats import FORMATS, Format
from tests.interop.peers import PEERS, Answer, Ask, Peer, in_here

FIRST = FORMATS[0]


def _theirs(form: Format) -> bytes:
    """Another issuer, who signs as we do."""
    return c.dumps(c.sign(formats.badge(formats.THEIRS["Ed25519"].controller), key=formats.THEIRS["Ed25519"],
                          created=formats.issued_at()))  # fmt: skip


def _strict(form: Format, data: bytes) -> None:
    good, why = formats.check(form, data)
    assert good, why


def _peer(**changes: object) -> Peer:
    parts = {"name": "peer", "run": in_here(_theirs, _strict), "issues": (FIRST,), "verifies": (FIRST,)}
    return Peer(**{**parts, **changes})  # type: ignore[arg-type]  # a mixture of kinds


@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.name)
def test_we_read_what_we_sign_and_see_one_changed_letter(form: Format) -> None:
    data = formats.issue(form)
    assert formats.check(form, data) == (True, "")
    assert formats.changed(form, data) != data
    assert not formats.check(form, formats.changed(form, data))[0]


def test_two_that_agree() -> None:
    cells, missing = table.run([_peer()])
    assert [(cell.way, cell.good) for cell in cells] == [(table.OUT, True), (table.BACK, True)]
    assert table.code(cells, missing) == 0
    assert "both" in table.text(cells, [_peer()], missing) and "NO:" not in table.text(cells, [_peer()], missing)


def _believes_all(form: Format, data: bytes) -> None:
    return


def _refuses_all(form: Format, data: bytes) -> None:
    raise ValueError("never")


def _says_nothing(form: Format) -> bytes:
    raise ValueError("no key")


def _other_words(form: Format) -> bytes:
    return _theirs(form).replace(b"Plains College", b"Plains Collage")


@pytest.mark.parametrize(
    ("issues", "verifies", "words"),
    [
        (_theirs, _believes_all, "ours to theirs: a changed letter was not seen"),
        (_theirs, _refuses_all, "ours to theirs: refused: ValueError: never"),
        (_says_nothing, _strict, "theirs to ours: it could not issue: ValueError: no key"),
        (_other_words, _strict, "theirs to ours: refused: signature wrong_signature"),
    ],
)
def test_a_cell_that_is_not_as_it_should_be(issues: object, verifies: object, words: str) -> None:
    peer = _peer(run=in_here(issues, verifies))  # type: ignore[arg-type]  # functions of the right form
    cells, missing = table.run([peer])
    assert table.code(cells, missing) == 1
    said = table.text(cells, [peer], missing)
    assert words in said and "NO " in said


def test_one_way_only_and_a_peer_that_is_not_there() -> None:
    def absent(asks: Sequence[Ask]) -> list[Answer]:
        raise install.NotInstalled("no npm")

    peers = [_peer(issues=()), _peer(name="other", verifies=()), _peer(name="third", run=absent)]
    cells, missing = table.run(peers)
    said = table.text(cells, peers, missing)
    assert table.code(cells, missing) == 2
    assert all(word in said.splitlines()[1] for word in ("out", "back", "missing"))
    assert "third is missing: no npm" in said


def test_packages_that_cannot_be_had(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = tmp_path / "source"
    source.mkdir()
    (source / "requirements.lock").write_text("this is no line of a lock\n")
    with pytest.raises(install.NotInstalled, match="could not be installed"):
        install.pip(source, tmp_path / "python")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(install.NotInstalled, match="node and npm"):
        install.npm(source, tmp_path / "npm")


def test_the_command_asks_those_who_are_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[str] = []

    def none(peers: Sequence[Peer]) -> tuple[list[table.Cell], dict[str, str]]:
        asked.extend(peer.name for peer in peers)
        return [], {}

    monkeypatch.setattr(table, "run", none)
    assert __main__.main(["joserfc"]) == 0
    assert len(asked) == 1 and asked[0].startswith("joserfc")
    assert __main__.main([]) == 0 and len(asked) == 1 + len(PEERS)
    assert "both: what we sign they verify" in capsys.readouterr().out


def test_every_format_has_a_peer() -> None:
    for form in FORMATS:
        assert any(form in peer.issues and form in peer.verifies for peer in PEERS), form.name
