"""Asking every peer both ways, and the table of what they said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tests.interop import formats, install
from tests.interop.formats import FORMATS, Format
from tests.interop.peers import Answer, Ask, Peer

OUT, BACK = "ours to theirs", "theirs to ours"


@dataclass(frozen=True)
class Cell:
    """What came of one format with one peer in one direction."""

    peer: str
    form: Format
    way: str
    good: bool
    why: str = ""


def ask(peer: Peer) -> list[Cell]:
    """Every cell of one peer; raises NotInstalled."""
    asks: list[Ask] = [(form, "issue", None) for form in peer.issues]
    for form in peer.verifies:
        data = formats.issue(form)
        asks += [(form, "verify", data), (form, "verify", formats.changed(form, data))]
    answers = iter(peer.run(asks))
    back = [_read(peer.name, form, next(answers)) for form in peer.issues]
    out = [_judge(peer.name, form, OUT, next(answers), next(answers)) for form in peer.verifies]
    return [*out, *back]


def _read(peer: str, form: Format, made: Answer) -> Cell:
    """We must call good what they issued, and refuse it with a letter changed."""
    if "data" not in made:
        return Cell(peer, form, BACK, False, f"it could not issue: {made.get('why')}")
    every = [made["data"], *([formats.derived_again(made["base"])] if "base" in made else [])]
    for data in every:
        answers = [
            dict(zip(("good", "why"), formats.check(form, item), strict=True))
            for item in (data, formats.changed(form, data))
        ]
        cell = _judge(peer, form, BACK, *answers)
        if not cell.good:
            return cell
    return Cell(peer, form, BACK, True)


def _judge(peer: str, form: Format, way: str, good: Answer, changed: Answer) -> Cell:
    if not good["good"]:
        return Cell(peer, form, way, False, f"refused: {good.get('why')}")
    if changed["good"]:
        return Cell(peer, form, way, False, "a changed letter was not seen")
    return Cell(peer, form, way, True)


def run(peers: Sequence[Peer]) -> tuple[list[Cell], dict[str, str]]:
    """Every cell, and why a peer is missing."""
    cells: list[Cell] = []
    missing: dict[str, str] = {}
    for peer in peers:
        try:
            cells += ask(peer)
        except install.NotInstalled as error:
            missing[peer.name] = str(error)
    return cells, missing


def text(cells: Sequence[Cell], peers: Sequence[Peer], missing: dict[str, str]) -> str:
    """The table, and a line for each cell that cannot be or should be otherwise."""
    found = {(cell.peer, cell.form, cell.way): cell for cell in cells}
    widths = [max(len(peer.name), 13) for peer in peers]
    left = max(len(form.name) for form in FORMATS)
    lines = ["  ".join(["".ljust(left), *(peer.name.ljust(width) for peer, width in zip(peers, widths, strict=True))])]
    for form in FORMATS:
        row = [_mark(found.get((p.name, form, OUT)), found.get((p.name, form, BACK)), p.name in missing) for p in peers]
        lines.append("  ".join([form.name.ljust(left), *(m.ljust(w) for m, w in zip(row, widths, strict=True))]))
    lines += ["", "both: what we sign they verify, what they sign we verify; with one letter changed all say no.",
              "out: only what we sign. back: only what they sign. -: that peer does not speak the format."]  # fmt: skip
    lines += [f"{name} is missing: {why}" for name, why in missing.items()]
    lines += [f"{peer.name}, {what}: {why}" for peer in peers for what, why in peer.cannot.items()]
    lines += [f"NO: {cell.peer}, {cell.form.name}, {cell.way}: {cell.why}" for cell in cells if not cell.good]
    return "\n".join(lines)


def _mark(out: Cell | None, back: Cell | None, missing: bool) -> str:
    if missing:
        return "missing"
    if any(cell is not None and not cell.good for cell in (out, back)):
        return "NO"
    if out is not None and back is not None:
        return "both"
    return "out" if out is not None else "back" if back is not None else "-"


def code(cells: Sequence[Cell], missing: dict[str, str]) -> int:
    """1 where a cell is not as it should be, 2 where a peer could not be asked, else 0."""
    return 1 if any(not cell.good for cell in cells) else 2 if missing else 0
