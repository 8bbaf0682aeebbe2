"""`fieldstone issue`: one signed credential for each row of a table.

First every row is read and checked; where one is wrong, nothing is issued and each fault is named by row and field.
Then one file is written for each row. A batch that was interrupted goes on where it stopped when the same command is
given again; the folder's `batch.json` knows whose batch it is, and `index.csv` is written last, once all is there.
One row is held at a time, so that memory does not grow with the table.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import secrets
import struct
import sys
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from uuid import NAMESPACE_URL, uuid5

from fieldstone.commands import files
from fieldstone.commands.keys import load, password_of, password_option
from fieldstone.credential import CredentialError, SigningKey, dumps, hash_identity, loads, sign, sign_jwt, timestamp
from fieldstone.credential.baked import bake
from fieldstone.credential.contexts import CREDENTIALS_V2, KNOWN, OPEN_BADGES
from fieldstone.credential.proofs import SUITES, parse_timestamp
from fieldstone.credential.shape import problems
from fieldstone.server.backpack.lists import column_of

COLUMNS: Final = ("name", "email", "did", "narrative", "evidence", "awarded", "valid_until")
TOKENS: Final = ("vc+jwt", "ob-jwt")
MOST_FAULTS: Final = 100
LONGEST: Final = 20_000
Row = dict[str, str]


@dataclass(frozen=True)
class Batch:
    """What all credentials of one command share."""

    achievement: Mapping[str, Any]
    key: SigningKey
    issuer: Mapping[str, Any]
    nonce: str
    created: datetime
    proof: str
    image: bytes | None

    def document(self, number: int, row: Row) -> dict[str, Any]:
        """The unsigned credential of a row; the same for the same batch and row."""
        identities = []
        if row.get("name"):
            identities.append(_identity("name", row["name"], hashed=False))
        if row.get("email"):
            salt = hashlib.sha256(f"{self.nonce}/{number}".encode()).hexdigest()[:16]
            identities.append(
                {**_identity("emailAddress", hash_identity(row["email"], salt), hashed=True), "salt": salt}
            )
        subject = {
            **({"id": row["did"]} if row.get("did") else {}),
            "type": ["AchievementSubject"],
            **({"identifier": identities} if identities else {}),
            **({"narrative": row["narrative"]} if row.get("narrative") else {}),
            "achievement": dict(self.achievement),
        }
        return {
            "@context": [CREDENTIALS_V2, OPEN_BADGES],
            "id": f"urn:uuid:{uuid5(NAMESPACE_URL, f'{self.nonce}/{number}')}",
            "type": ["VerifiableCredential", "OpenBadgeCredential"],
            "name": self.achievement.get("name"),
            "issuer": dict(self.issuer),
            "validFrom": timestamp(self.created),
            **({"validUntil": _moment(row["valid_until"])} if row.get("valid_until") else {}),
            **({"awardedDate": _moment(row["awarded"])} if row.get("awarded") else {}),
            "credentialSubject": subject,
            **({"evidence": [{"id": row["evidence"], "type": ["Evidence"]}]} if row.get("evidence") else {}),
        }

    def secured(self, document: dict[str, Any]) -> bytes:
        """The bytes of the row's file."""
        if self.proof in TOKENS:
            data = sign_jwt(document, key=self.key, open_badges=self.proof == "ob-jwt").encode()
        else:
            data = dumps(sign(document, key=self.key, created=self.created, suite=self.proof))
        return data if self.image is None else bake(self.image, data)


def run(arguments: list[str], at: datetime) -> int:
    """0: all issued. 1: faults in the table, nothing issued. 2: the command was wrong. 130: interrupted."""
    options = _options(arguments)
    try:
        batch, total = _prepare(options, at)
        if total is None:
            return 1
        return _write(batch, Path(options.recipients), Path(options.out), total, _suffix(options))
    except (OSError, CredentialError, files.CommandError) as error:
        return files.complain("issue", error)


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="fieldstone issue",
        description="Issue one signed credential for each row of a table (CSV, UTF-8).",
        epilog=f"Columns: {', '.join(COLUMNS)}; the headings of lists on the site are understood too. "
        "Each row needs a name, an email or a did. Exit status: 0 all issued, "
        "1 faults in the table and nothing issued, 2 the command was wrong.",
    )
    parser.add_argument("--achievement", required=True, metavar="A.json", help="an Open Badges 3.0 Achievement")
    parser.add_argument("--recipients", required=True, metavar="people.csv")
    parser.add_argument("--key", required=True, metavar="KEY", help="made by: fieldstone keys new")
    password_option(parser)
    parser.add_argument("--out", required=True, metavar="DIR")
    parser.add_argument(
        "--issuer-name", metavar="NAME",
        help="your name; default: that of the achievement's creator, where its id is the key's DID",
    )  # fmt: skip
    parser.add_argument(
        "--proof", choices=(*(n for n, s in SUITES.items() if not s.verify_only), *TOKENS), metavar="NAME",
        help="how it is signed (default: eddsa-rdfc-2022, or ecdsa-rdfc-2019, as the key is)",
    )  # fmt: skip
    parser.add_argument("--bake", choices=("png", "svg"), help="put each credential into a picture")
    parser.add_argument("--image", metavar="FILE", help="the picture to use (default: a plain one)")
    return parser.parse_args(arguments)


def _suffix(options: argparse.Namespace) -> str:
    return str(options.bake or ("jwt" if options.proof in TOKENS else "json"))


def _prepare(options: argparse.Namespace, at: datetime) -> tuple[Batch, int | None]:
    """The batch, and how many rows it has: None where faults were found and printed."""
    key = load(options.key, password_of(options)).key
    proof = options.proof or ("eddsa-rdfc-2022" if key.kind == "Ed25519" else "ecdsa-rdfc-2019")
    if proof not in TOKENS and key.kind not in SUITES[proof].hashes:
        raise files.CommandError(f"{proof} cannot be made with a key of kind {key.kind}.")
    data = files.read(options.achievement)
    achievement = loads(data)
    if not isinstance(achievement, dict):
        raise files.CommandError(f"{options.achievement} does not hold an Achievement.")
    creator = achievement.get("creator")
    name = options.issuer_name
    if name is None and isinstance(creator, dict) and creator.get("id") == key.controller:
        name = creator.get("name")  # of any other creator it would be somebody else's name
    if not isinstance(name, str):
        raise files.CommandError("The issuer needs a name, your own: give --issuer-name.")
    image = None
    if options.bake:
        image = files.read(options.image) if options.image else plain_picture(options.bake)
    out = Path(options.out)
    out.mkdir(parents=True, exist_ok=True)
    parts = (data, _digest(Path(options.recipients)), key.id.encode(), proof.encode(), image or b"", name.encode())
    fingerprint = hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()
    state = _state(out, fingerprint, at)
    issuer = {"id": key.controller, "type": ["Profile"], "name": name}
    created = parse_timestamp(state["created"])
    batch = Batch(achievement, key, issuer, state["nonce"], created, proof, image)
    found = problems(batch.document(0, {"name": "x"}), KNOWN)
    if found:
        raise files.CommandError(f"{options.achievement}: {' '.join(found[:5])}")
    total = _check(Path(options.recipients))
    if total is not None:
        files.write(out / "batch.json", json.dumps(state).encode(), replace=True)
    return batch, total


def _digest(path: Path) -> bytes:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


def _state(out: Path, fingerprint: str, at: datetime) -> dict[str, str]:
    """What `batch.json` says, or a fresh start; raises CommandError where the folder holds something else."""
    path = out / "batch.json"
    if path.is_file():
        state = loads(path.read_bytes())
        if not isinstance(state, dict) or state.get("fingerprint") != fingerprint:
            raise files.CommandError(f"{out} holds another batch. Choose another folder.")
        return state
    if any(out.iterdir()):
        raise files.CommandError(f"{out} is not empty. Choose another folder.")
    return {"fingerprint": fingerprint, "nonce": secrets.token_hex(16), "created": timestamp(at)}


def _rows(path: Path) -> Iterator[tuple[int, Row | str]]:
    """Each row's number (that of the line in a table, from 2) and its cells, or what is wrong with it."""
    with path.open(encoding="utf-8-sig", newline="", errors="surrogateescape") as file:
        reader = csv.reader(file, strict=True)
        number = 1
        head: list[str] = []
        while True:
            try:
                cells = next(reader)
            except StopIteration:
                break
            except csv.Error as error:
                number += 1
                yield number, f"it cannot be read ({error})"
                continue
            if not head:
                head = [_column(cell) for cell in cells]
                _check_head(head, path)
                continue
            number += 1
            if len(cells) != len(head) and any(cells):
                yield number, f"it has {len(cells)} cells, the first row has {len(head)}"
            elif any(cell.strip() for cell in cells):
                yield number, _row(head, cells)
        if not head:
            raise files.CommandError(f"{path} is empty.")


def _column(head: str) -> str:
    """Our name of a column: the heads of lists on the site are understood too; "" where it is of no use here."""
    name = head.strip().lower()
    if name in COLUMNS:
        return name
    known = column_of(head)
    if known is None:
        return name  # which is then refused
    return {"until": "valid_until", "language": ""}.get(known, known)


def _row(head: list[str], cells: list[str]) -> Row:
    """A row by our names. Lists on the site call it evidence what a person did: words there are a narrative here."""
    row = {name: cell.strip() for name, cell in zip(head, cells, strict=True) if name}
    said = row.get("evidence", "")
    if "narrative" not in head and " " in said and "://" not in said:
        row["narrative"], row["evidence"] = said, ""
    return row


def _check_head(head: list[str], path: Path) -> None:
    unknown = [name for name in head if name and name not in COLUMNS]
    named = [name for name in head if name]
    if unknown or len(set(named)) != len(named) or not named:
        wrong = ", ".join(unknown) or "one twice"
        raise files.CommandError(f"{path}: the first row must name columns of: {', '.join(COLUMNS)}. Not: {wrong}.")


def _check(path: Path) -> int | None:
    """How many rows there are, or None after printing the faults."""
    total = faults = 0
    seen: dict[bytes, int] = {}
    for number, row in _rows(path):
        total += 1
        for where, words in [("", row)] if isinstance(row, str) else _faults(number, row, seen):
            faults += 1
            if faults <= MOST_FAULTS:
                print(f"row {number}{where}: {words}", file=sys.stderr)
    if not total:
        raise files.CommandError(f"{path} has no rows.")
    if faults:
        more = f" The first {MOST_FAULTS} are shown." if faults > MOST_FAULTS else ""
        print(f"Nothing was issued: {faults} faults in {total} rows.{more}", file=sys.stderr)
        return None
    return total


def _faults(number: int, row: Row, seen: dict[bytes, int]) -> Iterator[tuple[str, str]]:
    """What is wrong in a row, as `, field` and words."""
    if not (row.get("name") or row.get("email") or row.get("did")):
        yield ", name", "a name, an email or a did is needed"
    tests: dict[str, tuple[Callable[[str], bool], str]] = {
        "email": (
            lambda text: text.count("@") == 1 and " " not in text and not text.startswith("@"),
            "no e-mail address",
        ),
        "did": (lambda text: text.startswith("did:") and not _odd_address(text), "not a DID"),
        "evidence": (
            lambda text: text.startswith("https://") and not _odd_address(text),
            "not an https address",
        ),
        "awarded": (_is_moment, "not a date such as 2026-05-31"),
        "valid_until": (_is_moment, "not a date such as 2026-05-31"),
    }
    for name, text in row.items():
        if any("\udc80" <= character <= "\udcff" for character in text):
            yield f", {name}", "it is not UTF-8 text: save the table as “CSV UTF-8” and try again"
            continue
        if text and name in tests and not tests[name][0](text):
            yield f", {name}", f"{text[:60]!r} is {tests[name][1]}"
        if len(text) > LONGEST or any(ord(character) < 32 and character not in "\t\n\r" for character in text):
            yield f", {name}", "it is too long, or holds control characters"
    for name in ("email", "did"):
        if row.get(name):
            words = f"{name}:{row[name].lower()}".encode(errors="surrogateescape")
            mark = hashlib.blake2b(words, digest_size=12).digest()
            if mark in seen:
                yield f", {name}", f"the same as in row {seen[mark]}"
            seen.setdefault(mark, number)


def _odd_address(text: str) -> bool:
    """Whether an address holds what no address may."""
    return any(character in ' <>"{}|\\^`' or ord(character) < 33 for character in text)


def _is_moment(text: str) -> bool:
    try:
        _moment(text)
    except (ValueError, CredentialError):
        return False
    return True


def _moment(text: str) -> str:
    """A date (the start of that day, UTC) or a moment with its offset, as a timestamp; raises for other text."""
    return timestamp(parse_timestamp(text if "T" in text else f"{text}T00:00:00Z"))


def _identity(kind: str, value: str, *, hashed: bool) -> dict[str, Any]:
    return {"type": "IdentityObject", "identityHash": value, "identityType": kind, "hashed": hashed}


def _write(batch: Batch, table: Path, out: Path, total: int, suffix: str) -> int:
    """Write each row's file that is not there yet, then the index."""
    bar = _Bar(total)
    made = 0
    try:
        for number, row in _rows(table):
            if isinstance(row, str):
                raise files.CommandError(f"{table} was changed while it was read.")
            path = out / f"{number:07d}.{suffix}"
            if not path.exists():
                files.write(path, batch.secured(batch.document(number, row)))
                made += 1
            bar.step()
    except KeyboardInterrupt:
        print(f"\nStopped. {bar.done} of {total} are there. Give the same command again to go on.", file=sys.stderr)
        return 130
    bar.end()
    part = out / ".index.csv.part"
    with part.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["row", "file", "id"])
        for number, _ in _rows(table):
            identifier = f"urn:uuid:{uuid5(NAMESPACE_URL, f'{batch.nonce}/{number}')}"
            writer.writerow([number, f"{number:07d}.{suffix}", identifier])
    part.replace(out / "index.csv")
    already = f" {total - made} were there already." if made != total else ""
    print(f"{made} credentials issued in {out}.{already}")
    return 0


class _Bar:
    """A progress bar on a terminal; silent elsewhere."""

    def __init__(self, total: int) -> None:
        self.total, self.done = total, 0
        self.shown = sys.stderr.isatty()
        self.start = self.last = time.monotonic()

    def step(self) -> None:
        self.done += 1
        now = time.monotonic()
        if self.shown and (now - self.last > 0.1 or self.done == self.total):
            self.last = now
            filled = 30 * self.done // self.total
            rate = self.done / max(now - self.start, 0.001)
            print(f"\r[{'#' * filled:.<30}] {self.done}/{self.total}  {rate:.0f}/s", end="", file=sys.stderr)

    def end(self) -> None:
        if self.shown:
            print(file=sys.stderr)


def plain_picture(kind: str) -> bytes:
    """A plain stone-gray square, for badges without a picture of their own."""
    if kind == "svg":
        return (
            b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 96 96" width="96" height="96">'
            b'<rect width="96" height="96" rx="20" fill="#6b6256"/></svg>'
        )
    side = 96
    row = b"\0" + bytes((0x6B, 0x62, 0x56)) * side
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(row * side, 9)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body)) for name, body in chunks
    )
