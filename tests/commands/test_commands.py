"""Commands for files and tables, run as people run them."""

from __future__ import annotations

import csv
import io
import json
import os
import stat
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from fieldstone import cli
from fieldstone import credential as c
from fieldstone.commands import issue, keys
from fieldstone.credential.baked import bake, unbake
from tests.credential.cases import AT, signed
from tests.credential.test_baked import RED_DOT, SVG

LATER = datetime(2099, 1, 1, tzinfo=UTC)
ACHIEVEMENT = {
    "id": "https://college.example/achievements/fence",
    "type": ["Achievement"],
    "name": "Builds a stock fence",
    "description": "Can build a fence.",
    "criteria": {"narrative": "Build one."},
    "creator": {"id": "https://college.example", "type": ["Profile"], "name": "Plains College"},
}
GOOD = "name,email,did,narrative,evidence,awarded,valid_until\n" + "".join(
    (
        "Ana Reyes,ana@example.org,,Kept the line straight.,https://college.example/e/1,2026-05-31,\n",
        ",,did:web:bea.example,,,2026-05-31T10:00:00-05:00,2098-01-01\n",
        ",,,,,,\n",
        '"Cy ""C"" Oh",,,"Two\nlines",,,\n',
    )
)


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    assert cli.main(["keys", "new", "--no-password", "--out", "key.json"]) == 0
    Path("a.json").write_text(json.dumps(ACHIEVEMENT))
    Path("people.csv").write_text(GOOD, encoding="utf-8-sig")
    return tmp_path


def _issue(*more: str, table: str = "people.csv", out: str = "out") -> int:
    given = ["--achievement", "a.json", "--recipients", table, "--key", "key.json", "--out", out]
    if "--issuer-name" not in more:
        given += ["--issuer-name", "Plains College"]
    return cli.main(["issue", *given, *more])


def _verified(data: bytes) -> c.Report:
    report = c.verify(data, resolver=c.Offline(), at=datetime(2097, 1, 1, tzinfo=UTC))
    assert report.verdict == "verified"
    return report


def test_the_name_of_another_achievements_author_is_not_taken(
    work: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bare = ["issue", "--achievement", "a.json", "--recipients", "people.csv", "--key", "key.json", "--out", "bare"]
    assert cli.main(bare) == 2
    assert "The issuer needs a name, your own" in capsys.readouterr().err and not list(Path().glob("bare/*"))
    own = json.loads(Path("key.json").read_text())["did"]
    Path("a.json").write_text(json.dumps({**ACHIEVEMENT, "creator": {**ACHIEVEMENT["creator"], "id": own}}))
    assert cli.main(bare) == 0
    assert _verified(Path("bare/0000002.json").read_bytes()).issuer_name == "Plains College"


def test_one_credential_for_each_row(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _issue() == 0
    assert capsys.readouterr().out.endswith("3 credentials issued in out.\n")
    ana, bea, cy = (_verified(Path(f"out/000000{n}.json").read_bytes()) for n in (2, 3, 5))
    assert (ana.recipient_name, ana.issuer_name, cy.recipient_name) == ("Ana Reyes", "Plains College", 'Cy "C" Oh')
    assert ana.document and bea.document and cy.document
    salted = ana.document["credentialSubject"]["identifier"][1]
    assert salted["identityHash"] == c.hash_identity("ana@example.org", salted["salt"])
    assert b"ana@example.org" not in Path("out/0000002.json").read_bytes()
    assert ana.document["evidence"][0]["id"] == "https://college.example/e/1"
    assert bea.document["credentialSubject"]["id"] == "did:web:bea.example"
    assert (bea.document["awardedDate"], bea.valid_until) == ("2026-05-31T15:00:00Z", "2098-01-01T00:00:00Z")
    with open("out/index.csv", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[1:] == [
        [str(n), f"000000{n}.json", r.document["id"]] for n, r in ((2, ana), (3, bea), (5, cy)) if r.document
    ]


@pytest.mark.parametrize(
    ("kind", "proof", "picture", "end"),
    [
        ("Ed25519", "eddsa-jcs-2022", None, "json"), ("P-256", None, None, "json"), ("P-384", "ecdsa-jcs-2019", None, "json"),
        ("Ed25519", "vc+jwt", None, "jwt"), ("P-256", "ob-jwt", "png", "png"), ("Ed25519", None, "svg", "svg"),
    ],
)  # fmt: skip
def test_every_way_to_sign(work: Path, kind: str, proof: str | None, picture: str | None, end: str) -> None:
    Path("key.json").unlink()
    assert cli.main(["keys", "new", "--no-password", "--out", "key.json", "--kind", kind]) == 0
    more = [*(["--proof", proof] if proof else []), *(["--bake", picture] if picture else [])]
    assert _issue(*more) == 0
    _verified(unbake(Path(f"out/0000002.{end}").read_bytes()))


def test_a_picture_of_ones_own(work: Path) -> None:
    Path("dot.png").write_bytes(RED_DOT)
    assert _issue("--bake", "png", "--image", "dot.png") == 0
    assert RED_DOT[:-12] in Path("out/0000002.png").read_bytes()


def test_faults_name_row_and_field_and_nothing_is_issued(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("bad.csv").write_text(
        "name,email,did,evidence,awarded\n"
        ",,,,\nA,nobody,,,\nB,b@x.example,did:web:b,http://x.example,\nC,B@x.example,did web,,May\n"
        "D,d@x.example,,,2026-02-30\nE\nF\x01,,,,\n" + "G," + "x" * 5 + "@x.example,,https://x.example/a b,\n"
    )
    assert _issue(table="bad.csv") == 1
    said = capsys.readouterr().err.splitlines()
    assert [line.partition(":")[0] for line in said] == [
        "row 3, email", "row 4, evidence", "row 5, did", "row 5, awarded", "row 5, email", "row 6, awarded", "row 7",
        "row 8, name", "row 9, evidence", "Nothing was issued",
    ]  # fmt: skip
    assert "the same as in row 4" in said[4]
    assert list(Path("out").iterdir()) == []


def test_a_row_that_names_nobody(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("bad.csv").write_text("name,narrative\n,Good work\n")
    assert _issue(table="bad.csv") == 1
    assert "row 2, name: a name, an email or a did is needed" in capsys.readouterr().err


def test_many_faults_are_counted_not_all_printed(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("bad.csv").write_text("name,awarded\n" + "A,x\n" * 150)
    assert _issue(table="bad.csv") == 1
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 101 and said[-1].startswith("Nothing was issued: 150 faults in 150 rows. The first 100")


@pytest.mark.parametrize(
    ("table", "code", "words"),
    [
        (b"", 2, "is empty"), (b"name\n", 2, "has no rows"), (b"name,age\nA,3\n", 2, "Not: age"),
        (b"name,name\nA,B\n", 2, "one twice"), (b"name,email\nA,b@\xff\n", 1, "row 2, email: it is not UTF-8"), (b'name\n"a"b\n', 1, "cannot be read"),
        (b"\xff", 2, "must name columns"),
    ],
)  # fmt: skip
def test_tables_that_cannot_be_read(
    work: Path, table: bytes, code: int, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("bad.csv").write_bytes(table)
    assert _issue(table="bad.csv") == code
    assert words in capsys.readouterr().err


def test_an_interrupted_batch_goes_on(
    work: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    real, calls = issue.files.write, 0

    def write(path: Path, data: bytes, **options: Any) -> None:
        nonlocal calls
        calls += 1
        if calls == 3:  # batch.json, the first row, then Ctrl+C
            raise KeyboardInterrupt
        real(path, data, **options)

    monkeypatch.setattr(issue.files, "write", write)
    assert _issue() == 130
    assert "1 of 3 are there" in capsys.readouterr().err
    first = Path("out/0000002.json").read_bytes()
    assert not Path("out/index.csv").exists()
    assert _issue() == 0
    assert "2 credentials issued in out. 1 were there already." in capsys.readouterr().out
    assert Path("out/0000002.json").read_bytes() == first
    assert len({json.loads(p.read_bytes())["validFrom"] for p in Path("out").glob("0*.json")}) == 1


def test_a_folder_is_for_one_batch(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _issue() == 0
    Path("other.csv").write_text("name\nZoe\n")
    assert _issue(table="other.csv") == 2
    assert "holds another batch" in capsys.readouterr().err
    Path("full").mkdir()
    Path("full/mine.txt").write_text("x")
    assert _issue(out="full") == 2
    Path("full/mine.txt").rename("full/batch.json")
    assert _issue(out="full") == 2


def test_a_table_that_changes_while_it_is_read(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reads = iter([[(2, {"name": "A"})], [(2, "broken")]])
    monkeypatch.setattr(issue, "_rows", lambda path: iter(next(reads)))
    assert _issue() == 2
    assert not Path("out/index.csv").exists()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("[]", "does not hold an Achievement"), ("{", "not JSON"), ('{"name": "x"}', "type must include Achievement"),
        (json.dumps({**ACHIEVEMENT, "criteria": 4}), "criteria must be an object"),
    ],
)  # fmt: skip
def test_achievements_that_are_none(work: Path, content: str, words: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("a.json").write_text(content)
    assert _issue() == 2
    assert words in capsys.readouterr().err


def test_a_proof_that_the_key_cannot_make(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _issue("--proof", "ecdsa-rdfc-2019") == 2
    assert "cannot be made with a key of kind Ed25519" in capsys.readouterr().err


def test_the_progress_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = io.StringIO()
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    monkeypatch.setattr(sys, "stderr", terminal)
    bar = issue._Bar(3)
    for _ in range(3):
        bar.step()
    bar.end()
    assert terminal.getvalue().startswith("\r[##############################] 3/3")


def test_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    did = "did:web:college.example"
    assert cli.main(["keys", "new", "--no-password", "--out", "k.json", "--did", did, "--kind", "P-256"]) == 0
    assert stat.S_IMODE(os.stat("k.json").st_mode) == 0o600
    old = keys.load("k.json").key
    assert old.controller == did and old.kind == "P-256"
    secret = json.loads(Path("k.json").read_text())["jwk"]["d"]
    assert cli.main(["keys", "rotate", "k.json"]) == 0
    new = keys.load("k.json")
    assert new.retired == (old.public.multikey(),) and new.key.public.multikey() != old.public.multikey()
    assert stat.S_IMODE(os.stat("k.json").st_mode) == 0o600
    capsys.readouterr()
    assert cli.main(["keys", "show", "k.json"]) == 0
    out = capsys.readouterr().out
    document = json.loads(out[out.index("{") :])
    assert [m["publicKeyMultibase"] for m in document["verificationMethod"]] == [
        new.key.public.multikey(),
        *new.retired,
    ]
    assert document["authentication"] == [new.key.id]
    assert secret not in out and json.loads(Path("k.json").read_text())["jwk"]["d"] not in out
    listed = c.sign(
        {
            "@context": ["https://www.w3.org/ns/credentials/v2"],
            "type": ["VerifiableCredential"],
            "issuer": did,
            "credentialSubject": {"id": "urn:a:b"},
        },
        key=old,
        created=AT,
        suite="ecdsa-rdfc-2019",
    )
    resolver = c.Offline({did: document})
    assert c.verify(listed, resolver=resolver, at=AT, any_kind=True).verdict == "verified"


def test_keys_that_cannot_be_made_or_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli.main(["keys", "new", "--no-password", "--out", "k.json"]) == 0
    before = Path("k.json").read_bytes()
    assert cli.main(["keys", "new", "--no-password", "--out", "k.json"]) == 2
    assert cli.main(["keys", "rotate", "k.json"]) == 2
    assert Path("k.json").read_bytes() == before
    assert cli.main(["keys", "new", "--no-password", "--out", "l.json", "--did", "did:web:../x"]) == 2
    assert cli.main(["keys", "show", "absent.json"]) == 2
    Path("m.json").write_text('{"did": "did:web:a"}')
    assert cli.main(["keys", "show", "m.json"]) == 2


@pytest.mark.parametrize(("image", "name"), [(RED_DOT, "i.png"), (SVG, "i.svg")])
def test_bake_and_extract(image: bytes, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    document = c.dumps(signed(status=(), valid_until=LATER))
    Path(name).write_bytes(image)
    Path("c.json").write_bytes(document)
    assert cli.main(["bake", name, "c.json", "--out", "made"]) == 0
    assert cli.main(["bake", name, "c.json", "--out", "made"]) == 2
    assert cli.main(["bake", name, "c.json", "--out", "made", "--force", "--version", "2.0"]) == 2
    assert cli.main(["bake", name, "c.json", "--out", "made", "--force"]) == 0
    assert cli.main(["extract", "made", "--out", "back"]) == 0
    assert Path("back").read_bytes() == document
    caught = SimpleNamespace(buffer=io.BytesIO(), flush=lambda: None)
    monkeypatch.setattr(sys, "stdout", caught)
    assert cli.main(["extract", "made"]) == 0
    assert caught.buffer.getvalue() == document + b"\n"
    assert cli.main(["extract", name]) == 2
    assert cli.main(["extract", "c.json"]) == 2


def test_files_are_limited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(issue.files, "LARGEST", 10)
    big = tmp_path / "big"
    big.write_bytes(b"x" * 11)
    assert cli.main(["extract", str(big)]) == 2
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(b"\x89PNG")))
    assert cli.main(["extract", "-"]) == 2


def test_commands_never_load_django(work: Path) -> None:
    code = (
        "import sys\nfrom fieldstone.cli import main\n"
        "assert main(['issue','--achievement','a.json','--recipients','people.csv','--key','key.json',"
        "'--issuer-name','C','--out','o']) == 0\n"
        "assert 'django' not in sys.modules"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(cli.__file__).parents[1])}
    subprocess.run([sys.executable, "-c", code], check=True, env=environment, capture_output=True)


OLDER = '{"@context": "https://w3id.org/openbadges/v2", "type": "Assertion", "id": "https://x.example/1"}'


@pytest.mark.parametrize(
    ("content", "version", "words"),
    [
        (OLDER, "3.0", "is of Open Badges 2.0: give --version 2.0"), (OLDER, "2.0", ""),
        (json.dumps(signed()), "2.0", "is of Open Badges 3.0: give --version 3.0"), (json.dumps(signed()), "3.0", ""),
        ("[1]", "2.0", ""), ("words", "2.0", ""), ("{}", "3.0", ""),
    ],
)  # fmt: skip
def test_the_version_of_a_picture_is_that_of_its_credential(
    content: str, version: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    Path("i.svg").write_bytes(SVG)
    Path("c").write_text(content)
    assert cli.main(["bake", "i.svg", "c", "--out", "made.svg", "--version", version]) == (2 if words else 0)
    assert words in capsys.readouterr().err


def test_a_folder_that_is_not_there_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for command in (["keys", "new", "--no-password", "--out"], ["extract", "--out"]):
        picture = [] if command[0] == "keys" else [str(tmp_path / "made.svg")]
        if picture:
            Path(picture[0]).write_bytes(bake(SVG, b"{}"))
        assert cli.main([*command, str(tmp_path / "nowhere" / "x.json"), *picture]) == 2
        said = capsys.readouterr().err
        assert f"There is no folder {tmp_path / 'nowhere'}." in said and ".part" not in said


def test_a_name_that_cannot_be_written_is_told_as_it_was_given(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name = tmp_path / ("x" * 254)  # with our dot and ending it is too long
    assert cli.main(["keys", "new", "--no-password", "--out", str(name)]) == 2
    said = capsys.readouterr().err
    assert f"{name}: " in said and ".part" not in said


def test_no_key_file_gives_advice_that_works(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("m.json").write_text("{}")
    assert cli.main(["keys", "show", "m.json"]) == 2
    assert "fieldstone keys new --out FILE" in capsys.readouterr().err


def test_a_list_for_the_site_is_a_table_for_the_command(work: Path) -> None:
    head = "Row,Full Name,E-mail address,Evidence,Date awarded,Expires,Idioma\n"
    Path("site.csv").write_text(head + "2,Ana Reyes,ana@example.org,Led the group.,2026-05-31,2098-01-01,es\n")
    assert _issue(table="site.csv") == 0
    document = _verified(Path("out/0000002.json").read_bytes()).document
    assert document is not None
    assert document["credentialSubject"]["narrative"] == "Led the group." and "evidence" not in document
    assert (document["awardedDate"], document["validUntil"]) == ("2026-05-31T00:00:00Z", "2098-01-01T00:00:00Z")
    Path("twice.csv").write_text("name,nombre\nA,B\n")
    assert _issue(table="twice.csv", out="twice") == 2


def test_the_example_of_the_site_is_taken(work: Path) -> None:
    Path("e.csv").write_text("name,email,narrative,date,valid until,language\nAna,ana@example.org,Led.,2026-05-31,,en\n")
    assert _issue(table="e.csv") == 0


def test_old_excel_is_told_how_to_save(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("old.csv").write_bytes("name,email\nJosé,jose@example.org\n".encode("cp1252"))
    assert _issue(table="old.csv") == 1
    assert "save the table as “CSV UTF-8”" in capsys.readouterr().err
