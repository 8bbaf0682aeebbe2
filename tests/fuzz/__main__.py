"""`python -m tests.fuzz`: see the package."""

from __future__ import annotations

import argparse
import base64
import os
import resource
import secrets
import sys
import tempfile
import traceback
from pathlib import Path

from tests.fuzz.engine import Tally, once, run
from tests.fuzz.targets import TARGETS

ROOM = 4 * 1024 * 1024 * 1024  # bytes of address space


def main() -> int:
    """0: nothing found; 1: findings, printed and kept as files."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description="Hostile input for every parser.")
    parser.add_argument("--target", action="append", choices=TARGETS, help="may be repeated (default: all)")
    time = parser.add_mutually_exclusive_group()
    time.add_argument("--minutes", type=float, default=1.0, help="in all, shared by the targets (default: 1)")
    time.add_argument("--seconds", type=float, help="in all")
    parser.add_argument("--seed", type=int, default=None, help="a number; the same one makes the same inputs")
    parser.add_argument("--input", type=Path, metavar="FILE", help="one input again, for one target")
    options = parser.parse_args()
    names = options.target or list(TARGETS)
    resource.setrlimit(resource.RLIMIT_AS, (ROOM, ROOM))
    if options.input is not None:
        outcome, spent, peak, finding = once(TARGETS[names[0]], options.input.read_bytes(), watch=True)
        print(finding.words if finding else f"{outcome}: {spent:.3f} s, {peak} bytes")
        return int(finding is not None)
    seed = secrets.randbelow(2**32) if options.seed is None else options.seed
    seconds = (options.seconds or options.minutes * 60) / len(names)
    print(f"seed {seed}: again with --seed {seed}", flush=True)
    tallies: list[Tally] = []
    for name in names:
        tallies.append(run(TARGETS[name], seconds=seconds, seed=seed))
        print(tallies[-1].line(), flush=True)
        _keep(tallies[-1])
    found = sum(len(tally.findings) for tally in tallies)
    total = sum(tally.executions for tally in tallies)
    print(f"{total:,} executions in {sum(tally.seconds for tally in tallies) / 60:.1f} min, {found} findings")
    return int(found > 0)


def _keep(tally: Tally) -> None:
    folder = Path(os.environ.get("FIELDSTONE_FINDINGS", tempfile.gettempdir())) / "fieldstone-findings"
    for number, finding in enumerate(tally.findings.values()):
        folder.mkdir(exist_ok=True, parents=True)
        path = folder / f"{tally.target}-{tally.seed}-{number}"
        path.write_bytes(finding.data)
        print(f"\nFINDING {tally.target}: python -m tests.fuzz --target {tally.target} --input {path}")
        print(finding.words)
        if len(finding.data) < 400:
            print(f"base64: {base64.b64encode(finding.data).decode()}")


if __name__ == "__main__":
    try:
        sys.exit(main())
    except MemoryError:
        traceback.print_exc()
        sys.exit(1)
