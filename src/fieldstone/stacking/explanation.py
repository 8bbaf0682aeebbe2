"""Say in plain words what is done and exactly what is missing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from .evaluation import AreaHours, Result, Standing
from .requirement import KEYS, Amount, Count, Hold, Hours, Language, Level, join
from .words import Names, hours, name, number, series

Status = Literal["done", "in_review", "missing"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of the explanation: where in the tree, how deep to indent, its status, its words."""

    path: str
    depth: int
    status: Status
    text: str


def explain(result: Result, names: Names, language: Language) -> list[Line]:
    """Explain a result, the whole first.

    Met parts take one line. A group whose parts are single credentials names what is left to choose in its
    own line; other groups list their parts one level deeper. `names` maps credential and area ids to texts;
    an id without a name stands for itself.
    """
    return list(_lines(result, _Speaker(names, language), "", 0))


def status_of(result: Result) -> Status:
    """Met, met once everything in review is earned, or neither."""
    if result.satisfied:
        return "done"
    return "in_review" if result.expected else "missing"


def _lines(result: Result, speak: _Speaker, path: str, depth: int) -> Iterator[Line]:
    node = result.requirement
    status = status_of(result)
    if not isinstance(node, Count):
        here = join(path, KEYS[type(node)])
        yield Line(path=here, depth=depth, status=status, text=speak.leaf(result))
        if isinstance(node, Hours):
            for row in result.areas:
                if row.needed:
                    yield _area(row, speak, here, depth + 1)
        return
    single = all(isinstance(child.requirement, Hold) for child in result.of)
    yield Line(path=path, depth=depth, status=status, text=speak.group(result, single=single))
    if not single and not result.satisfied:
        for index, child in enumerate(result.of):
            yield from _lines(child, speak, join(path, f"of[{index}]"), depth + 1)


def _area(row: AreaHours, speak: _Speaker, path: str, depth: int) -> Line:
    status: Status = "missing"
    if not row.missing:
        status = "done"
    elif row.missing <= row.in_review:
        status = "in_review"
    return Line(
        path=join(join(path, "minimum_per_area"), row.area),
        depth=depth,
        status=status,
        text=f"{speak.name(row.area)}: {speak.hours(row, row.counted)}",
    )


_ITEM: dict[Standing, dict[Language, str]] = {
    "held": {"en": "{name}", "es": "{name}"},
    "in_review": {"en": "{name}", "es": "{name}"},
    "missing": {"en": "{name}", "es": "{name}"},
    "draft": {"en": "{name} (started)", "es": "{name} (comenzada)"},
    "level_too_low": {"en": "{name} (level {level} needed)", "es": "{name} (se necesita el nivel {level})"},
    "expired": {"en": "{name} (expired)", "es": "{name} (vencida)"},
    "revoked": {"en": "{name} (withdrawn by its issuer)", "es": "{name} (retirada por quien la emitió)"},
}

_ALONE: dict[Standing, dict[Language, str]] = {
    "held": {"en": "Done.", "es": "Hecho."},
    "in_review": {"en": "In review.", "es": "En revisión."},
    "missing": {"en": "Still to do.", "es": "Por hacer."},
    "draft": {"en": "Started, not sent yet.", "es": "Comenzada, aún no enviada."},
    "level_too_low": {"en": "Level {level} or above is needed.", "es": "Se necesita el nivel {level} o más."},
    "expired": {"en": "Expired: earn it again.", "es": "Vencida: hay que obtenerla de nuevo."},
    "revoked": {"en": "Withdrawn by its issuer.", "es": "Retirada por quien la emitió."},
}


class _Speaker:
    """Words in one language, with the names of things."""

    def __init__(self, names: Names, language: Language) -> None:
        self.names = names
        self.language = language

    def say(self, en: str, es: str) -> str:
        return {"en": en, "es": es}[self.language]

    def name(self, identifier: str) -> str:
        return name(self.names, identifier, self.language)

    def title(self, result: Result) -> str:
        """The label, or for a single credential its name; empty where there is neither."""
        node = result.requirement
        if node.label is not None:
            return node.label[self.language]
        return self.name(node.credential) if isinstance(node, Hold) else ""

    def headed(self, result: Result, *sentences: str) -> str:
        title = self.title(result)
        return " ".join([f"{title}:"] * bool(title) + [sentence for sentence in sentences if sentence])

    def item(self, result: Result) -> str:
        """One credential inside a list, with what stands in its way."""
        node = result.requirement
        assert isinstance(node, Hold)
        words = _ITEM[result.standing or "missing"][self.language]
        return words.format(name=self.title(result), level=node.level)

    def leaf(self, result: Result) -> str:
        node = result.requirement
        if isinstance(node, Hours):
            return self.headed(result, self.hours(result, result.done))
        if isinstance(node, Level):
            return self.headed(result, self.level(result, node))
        assert isinstance(node, Hold)
        words = _ALONE[result.standing or "missing"][self.language].format(level=node.level)
        if result.used and result.used[0].credential != node.credential:
            other = self.name(result.used[0].credential)
            words = self.say(f"Done, with {other}.", f"Hecho, con {other}.")
        return self.headed(result, words)

    def hours(self, thing: Result | AreaHours, done: Amount) -> str:
        """Hours of the whole or of one area: counted, in review, missing."""
        if done > thing.needed:
            need = number(thing.needed)
            counted = hours(done, self.language)
            return self.say(f"{counted} counted, {need} needed.", f"{counted} contadas, {need} necesarias.")
        done_of = f"{number(done)} {self.say('of', 'de')} {hours(thing.needed, self.language)}"
        text = self.say(f"{done_of} counted.", f"{done_of} contadas.")
        if not thing.missing:
            return text
        if thing.in_review:
            more = number(thing.in_review)
            text += self.say(f" {more} more in review.", f" {more} más en revisión.")
        lack = hours(thing.missing, self.language)
        return text + self.say(f" {lack} missing.", f" {'Falta' if thing.missing == 1 else 'Faltan'} {lack}.")

    def level(self, result: Result, node: Level) -> str:
        text = self.say(
            f"{min(result.done, node.count)} of {node.count} done at level {node.at_least} or above.",
            f"{min(result.done, node.count)} de {node.count} con nivel {node.at_least} o más.",
        )
        if result.satisfied:
            return text
        if result.waiting:
            text += self.waiting([self.name(holding.credential) for holding in result.waiting])
        left = int(node.count - result.done - result.in_review)
        if left <= 0:
            return text
        taken = {holding.credential for holding in (*result.used, *result.waiting)}
        return text + self.choose(left, [self.name(other) for other in node.among if other not in taken])

    def group(self, result: Result, *, single: bool) -> str:
        done = min(result.done, result.needed)
        text = self.say(f"{done} of {result.needed} done.", f"{done} de {result.needed} listas.")
        if result.satisfied:
            return self.headed(result, text)
        open_parts = [child for child in result.of if not child.satisfied and not child.expected]
        left = int(result.needed - result.done - result.in_review)
        if single:
            waiting = [self.item(child) for child in result.of if child.expected and not child.satisfied]
            if waiting:
                text += self.waiting(waiting)
        if left > 0:
            items = [self.item(child) for child in open_parts] if single else []
            text += (
                self.to_do(items) if left >= len(open_parts) else self.choose(left, items, len(open_parts))
            )
        return self.headed(result, text)

    def waiting(self, items: list[str]) -> str:
        return self.say(f" In review: {series(items)}.", f" En revisión: {series(items)}.")

    def to_do(self, items: list[str]) -> str:
        return self.say(f" Still to do: {series(items)}.", f" Por hacer: {series(items)}.") if items else ""

    def choose(self, left: int, items: list[str], of: int | None = None) -> str:
        """What is left to choose; the items follow where they are known, else in the lines below."""
        count = of or len(items)
        if not count:
            return self.say(f" {left} more to do.", f" Por hacer: {left} más.")
        end = f": {series(items)}." if items else ":"
        return self.say(
            f" Choose {left} more of these {count}{end}", f" Elija {left} más de estas {count}{end}"
        )
