"""Credentials: issue and verify in several forms, check status, and issue a table, beside the field's references.

Awards of one micro-credential, each for another person, as a college hands them out. Every peer gets the same
documents in the same run, and signs them to the same bytes (Ed25519 signatures do not vary), which is checked. Rates
are per second of processor time of one core. "alone" is the bare Ed25519 operation: no implementation can be faster.
"first of its shape" is a document like no other before: the general way, and what is learned for the next.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks import table, tokens
from benchmarks.measure import ROUNDS, Case, note, rate, show
from fieldstone import credential as c
from fieldstone.credential import multibase, withdrawal
from fieldstone.credential.contexts import MULTIKEY, PINNED
from fieldstone.credential.did import resolve_offline
from fieldstone.credential.templates import canonical_nquads

NODE = Path(__file__).parent / "node"
NPM = "npm @digitalbazaar/vc 7.3.0"
AT = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
KEY = c.SigningKey.from_seed(bytes(range(32)))
LIST_URL = "https://college.example/status/1"


def _criterion(number: int, name: str) -> c.ResultDescription:
    levels = tuple(
        c.RubricLevel(
            id=f"urn:uuid:00000000-0000-4000-8000-0000000{number:02}{place:03}", name=level, points=f"{place}"
        )
        for place, level in enumerate(("Not yet", "Meets"))
    )
    return c.ResultDescription(
        id=f"urn:uuid:00000000-0000-4000-8000-00000001{number:04}",
        name=name,
        levels=levels,
        required_level=levels[1].id,
    )


CRITERIA = (_criterion(1, "Plans the job safely"), _criterion(2, "Builds what was planned"))
ACHIEVEMENT = c.Achievement(
    id="https://college.example/achievements/stock-fence/1",
    name="Builds a stock fence",
    description="Can plan and build a stock fence that stands up to weather and animals, and check another's.",
    criteria=c.Criteria(narrative="Plan, build and check one fence of at least 100 feet, seen by two assessors."),
    alignments=(
        c.Alignment(
            target_name="Agricultural equipment operators",
            target_url="https://www.onetonline.org/link/summary/45-2091.00",
            target_code="45-2091.00",
            target_framework="O*NET",
        ),
    ),
    result_descriptions=CRITERIA,
    tags=("fence", "ranch"),
    in_language="en-US",
    version="1",
)


def award(number: int) -> dict[str, Any]:
    """The unsigned credential of one person."""
    return c.build(
        c.Credential(
            id=f"urn:uuid:00000000-0000-4000-9000-{number:012}",
            issuer=c.Profile(id=KEY.controller, name="Plains College", url="https://college.example"),
            name="Builds a stock fence",
            achievement=ACHIEVEMENT,
            valid_from=datetime(2026, 2, 1 + number % 28, tzinfo=UTC),
            valid_until=datetime(2029, 2, 1 + number % 28, tzinfo=UTC),
            awarded=datetime(2026, 1, 1 + number % 28, tzinfo=UTC),
            identities=(
                c.Identity.of_name(f"Ana Peña {number}"),
                c.Identity.of_email(f"ana{number}@example.org", salt=f"s{number:08x}"),
            ),
            narrative=f"Ana built {100 + number} feet of fence along the creek and explained each brace.",
            results=tuple(
                c.Result(result_description=part.id, achieved_level=part.levels[(number >> place) % 2].id)
                for place, part in enumerate(CRITERIA)
            ),
            evidence=(
                c.Evidence(
                    id=f"https://college.example/evidence/{number}",
                    name="Photos and plan",
                    narrative=f"{number % 9 + 2} photos, a sketch and a list of what was used.",
                    genre="Portfolio",
                ),
            ),
            status=(c.StatusEntry(list_url=LIST_URL, index=number * 131 % 131_072),),
        )
    )


def sign(document: dict[str, Any]) -> dict[str, Any]:
    return c.sign(document, key=KEY, created=AT)


def verify(data: bytes) -> c.Report:
    """The report on one credential; its status list is out of reach, as it is for the peers."""
    report = c.verify(data, resolver=OFFLINE, at=AT)
    if any(check.outcome is not c.Outcome.PASSED for check in report.checks if check.number <= 7):
        raise SystemExit(f"Our own credential did not verify: {report.to_json()}")
    return report


OFFLINE = c.Offline()


def first_of_its_shape(work: Callable[[Any], object]) -> Callable[[Any], object]:
    def run(item: Any) -> object:
        c.KNOWN.templates = None
        return work(item)

    return run


def pyld_ways() -> tuple[Callable[[Any], Any], Callable[[Any], Any], Callable[[Any], Any]] | None:
    """How PyLD canonicalizes, issues and verifies, or None where it is missing."""
    try:
        jsonld = importlib.import_module("pyld.jsonld")
    except ImportError:
        note("PyLD is not installed: its figures are left out.")
        return None

    def load(url: str, _: object) -> dict[str, Any]:
        document = c.KNOWN.document(url)
        return {"contentType": "application/ld+json", "contextUrl": None, "documentUrl": url, "document": document}

    options = {"algorithm": "URDNA2015", "format": "application/n-quads", "documentLoader": load}

    def canonical(document: dict[str, Any]) -> bytes:
        return str(jsonld.normalize(document, options)).encode()

    def message(document: dict[str, Any], proof: dict[str, Any]) -> bytes:
        proof = {"@context": document["@context"], **proof}
        return b"".join(hashlib.sha256(canonical(part)).digest() for part in (proof, document))

    def issue(document: dict[str, Any]) -> dict[str, Any]:
        proof = {
            "type": "DataIntegrityProof", "cryptosuite": "eddsa-rdfc-2022", "created": "2026-03-02T12:00:00Z",
            "verificationMethod": KEY.id, "proofPurpose": "assertionMethod",
        }  # fmt: skip
        return {**document, "proof": {**proof, "proofValue": multibase.encode(KEY.sign(message(document, proof)))}}

    def check(data: bytes) -> None:
        document = json.loads(data)
        proof = document.pop("proof")
        signature = multibase.decode(proof.pop("proofValue"))
        key = c.PublicKey.from_multikey(proof["verificationMethod"].rpartition("#")[2])
        if not key.verify(signature, message(document, proof)):
            raise SystemExit("PyLD does not agree with our signature.")

    return canonical, issue, check


def npm_folder() -> Path | None:
    """Where the npm peers are, installed from the registry into a cache folder; None, and why, where they cannot be."""
    if not shutil.which("node") or not shutil.which("npm"):
        note("node and npm are not on this machine: the npm peers' figures are left out.")
        return None
    folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "fieldstone" / "benchmark-peer"
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json", ".npmrc", "peer.mjs", "sd_jwt.mjs"):
        shutil.copy(NODE / name, folder / name)
    stamp, lock = folder / "installed.json", (NODE / "package-lock.json").read_text()
    if not stamp.is_file() or stamp.read_text() != lock:
        done = subprocess.run(
            ["npm", "ci", "--prefer-offline"], cwd=folder, capture_output=True, text=True, check=False
        )
        if done.returncode:
            note(f"npm could not install the peers, so their figures are left out: {done.stderr.strip()[-300:]}")
            return None
        stamp.write_text(lock)
    return folder


def npm_answer(folder: Path, script: str, work: dict[str, Any]) -> dict[str, Any]:
    """What a script of the npm peers says of its work."""
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "work.json"
        path.write_text(json.dumps(work))
        done = subprocess.run(["node", script, str(path)], cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"The npm peer stopped: {done.stderr.strip()[-1500:]}")
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def npm_rates(
    folder: Path, unsigned: list[dict[str, Any]], signed: list[dict[str, Any]], rounds: int
) -> dict[str, float]:
    """What the reference implementation does in a second."""
    controller = resolve_offline(KEY.controller)
    assert controller is not None
    method = {"@context": MULTIKEY, **controller["verificationMethod"][0]}
    contexts = {url: c.KNOWN.document(url) for url in PINNED}
    work = {
        "key": {**method, "secretKeyMultibase": multibase.encode(b"\x80\x26" + KEY.seed())},
        "created": "2026-03-02T12:00:00Z",
        "unsigned": unsigned,
        "signed": signed,
        "known": contexts | {KEY.controller: controller, KEY.id: method},
        "rounds": rounds,
    }
    answer = npm_answer(folder, "peer.mjs", work)
    if answer.pop("first") != signed[0]:
        raise SystemExit("The npm peer signs the same document differently.")
    return answer


def cases(awards: int, rounds: int, rows: int, *, npm: bool) -> Iterator[Case]:
    """Every case, measured one after another."""
    unsigned = [award(number) for number in range(awards)]
    signed = [sign(document) for document in unsigned]
    data = [c.dumps(document) for document in signed]
    few = max(1, awards // 20)
    lines = canonical_nquads(unsigned[0], c.KNOWN)
    quads = lines.count(b"\n")
    note(f"Each credential has {len(data[0])} bytes and {quads} quads.")

    folder = npm_folder() if npm else None
    peer = None if folder is None else npm_rates(folder, unsigned[:few], signed[:few], rounds)
    issue_rate, verify_rate = rate(sign, unsigned, rounds), rate(verify, data, rounds)
    issue_first = rate(first_of_its_shape(sign), unsigned[:few], rounds)
    verify_first = rate(first_of_its_shape(verify), data[:few], rounds)
    if folder is not None and peer is not None:  # once more, so that a busy moment of the machine counts for nobody
        again = npm_rates(folder, unsigned[:few], signed[:few], rounds)
        peer = {name: max(value, again[name]) for name, value in peer.items()}
        issue_rate = max(issue_rate, rate(sign, unsigned, rounds))
        verify_rate = max(verify_rate, rate(verify, data, rounds))
    peer = peer or {}
    yield Case("eddsa-rdfc-2022 issue", issue_rate, "/s", NPM, peer.get("issue"))
    yield Case("eddsa-rdfc-2022 verify", verify_rate, "/s", NPM, peer.get("verify"))
    yield Case("eddsa-rdfc-2022 issue, first of its shape", issue_first, "/s", NPM, peer.get("issue"))
    yield Case("eddsa-rdfc-2022 verify, first of its shape", verify_first, "/s", NPM, peer.get("verify"))

    message, public = b"m" * 64, KEY.public
    signature = KEY.sign(message)
    alone_sign = rate(lambda _: KEY.sign(message), unsigned, rounds)
    alone_verify = rate(lambda _: public.verify(signature, message), unsigned, rounds)
    yield Case("eddsa-rdfc-2022 issue", issue_rate, "/s", "Ed25519 alone", alone_sign)
    yield Case("eddsa-rdfc-2022 verify", verify_rate, "/s", "Ed25519 alone", alone_verify)

    pyld = pyld_ways()
    canonical, issue, check = pyld or (None, None, None)
    if issue is not None and issue(unsigned[0]) != signed[0]:
        raise SystemExit("PyLD signs the same document differently.")

    def theirs(way: Callable[[Any], Any] | None, items: list[Any]) -> float | None:
        return None if way is None else rate(way, items[:few], rounds)

    yield Case("eddsa-rdfc-2022 issue", issue_rate, "/s", "PyLD", theirs(issue, unsigned))
    yield Case("eddsa-rdfc-2022 verify", verify_rate, "/s", "PyLD", theirs(check, data))
    pyld_rate = theirs(canonical, unsigned)
    by_template = rate(lambda document: canonical_nquads(document, c.KNOWN), unsigned, rounds)
    general = rate(first_of_its_shape(lambda document: canonical_nquads(document, c.KNOWN)), unsigned[:few], rounds)
    yield Case("canonical N-Quads", by_template, "/s", "PyLD", pyld_rate)
    yield Case("canonical N-Quads, first of its shape", general, "/s", "PyLD", pyld_rate)
    yield status_case(unsigned, rounds)
    yield from tokens.cases(
        unsigned, KEY, AT, rounds, lambda script, work: None if folder is None else npm_answer(folder, script, work)
    )
    yield from table.cases(ACHIEVEMENT, rows)


def status_case(unsigned: list[dict[str, Any]], rounds: int) -> Case:
    """The whole of check 8 for each credential, on a list that was fetched and verified once."""
    revoked = {0, 131, 262}
    listed = c.build_list(url=LIST_URL, issuer=KEY.controller, purpose="revocation", positions=revoked, valid_from=AT)
    resolver = c.Offline({}, {LIST_URL: c.dumps(c.sign(listed, key=KEY, created=AT))})
    desk = withdrawal.Desk(resolver, lambda data: c.verify(data, resolver=c.Offline(), at=AT), AT)
    found = {d["credentialStatus"]["statusListIndex"] for d in unsigned if withdrawal.check(d, desk).code == "revoked"}
    if found != {str(n) for n in revoked} & {d["credentialStatus"]["statusListIndex"] for d in unsigned}:
        raise SystemExit("The status list was misread.")
    checked = rate(lambda document: withdrawal.check(document, desk), unsigned * 10, rounds)
    return Case("status of a credential in a list at hand", checked, "/s")


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.credential", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument("--json", action="store_true", help="one JSON object per line and case")
    parser.add_argument("--awards", type=int, default=2000, help="credentials in a round (peers get a twentieth)")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="rounds, of which the best counts")
    parser.add_argument("--rows", type=int, default=100_000, help="rows of the table that is issued by the command")
    parser.add_argument("--without-npm", action="store_true", help="leave the npm peers out")
    chosen = parser.parse_args(arguments)
    show(cases(chosen.awards, chosen.rounds, chosen.rows, npm=not chosen.without_npm), as_json=chosen.json)


if __name__ == "__main__":
    main()
