"""Sample data of the style page: invented, and only there to show every component in every state."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from . import charts, walls
from .stones import Stone

AREAS = ("shield", "stairs", "heart", "people", "house", "case", "eye", "sprout")
HOURS = (18, 16, 15, 14, 10, 15, 20, 12)
_FAMILY_GLYPHS = {
    "slate": ("chart", "book", "people", "compass", "speech", "sprout"),
    "moss": ("shield", "heart", "eye", "house", "stairs", "sprout"),
    "clay": ("nut", "cross", "screen", "case", "book", "nut"),
    "sky": ("fish", "dawn", "coin", "screen", "speech", "compass"),
}
_IDS = {"slate": "adm", "moss": "cda", "clay": "tec", "sky": "aqua"}


def _families() -> list[dict[str, Any]]:
    names = {
        "slate": _("Slate: Kentucky, educators"),
        "moss": _("Moss: Tennessee, early childhood"),
        "clay": _("Clay: Georgia, technical"),
        "sky": _("Sky: Maine, learning counts"),
    }
    return [
        {
            "name": name,
            "stones": [
                Stone(f"{_IDS[family]}-{i + 1}", i // 2 + 1, glyph, family)
                for i, glyph in enumerate(_FAMILY_GLYPHS[family])
            ],
        }
        for family, name in names.items()
    ]


def _cda(states: str) -> list[Stone]:
    """Eight CDA stones; one letter each: e earned, r in review, d draft, m missing."""
    words = {"e": "earned", "r": "review", "d": "draft", "m": "missing"}
    return [
        Stone(
            f"cda-{i + 1}", 2 if glyph in {"sprout", "house"} else 1, glyph, "moss", words[state], HOURS[i],
            date(2026, 1 + i, 1) if state == "e" else None,
        )
        for i, (glyph, state) in enumerate(zip(AREAS, states, strict=True))
    ]  # fmt: skip


def _eighteen() -> list[Stone]:
    glyphs = ("chart", "book", "people", "compass", "speech", "sprout", "heart", "eye", "case")
    states = ["earned"] * 12 + ["review"] + ["missing"] * 5
    return [
        Stone(f"adm-{i}", 1, glyphs[i % 9], "slate", state, 10 + i * 7 % 9, date(2026, 1, 1 + i))
        for i, state in enumerate(states)
    ]


def _event_chart() -> str:
    rows = [
        (-6, 0.04, -0.42, 0.5), (-5, -0.1, -0.51, 0.31), (-4, 0.07, -0.3, 0.44), (-3, -0.03, -0.36, 0.3),
        (-2, -0.05, -0.33, 0.23), (-1, 0, 0, 0), (0, 0.02, -0.24, 0.28), (1, 0.18, -0.12, 0.48),
        (2, 0.31, -0.02, 0.64), (3, 0.38, 0.03, 0.73), (4, 0.52, 0.13, 0.91), (5, 0.6, 0.17, 1.03),
        (6, 0.58, 0.1, 1.06), (7, 0.71, 0.17, 1.25), (8, 0.74, 0.12, 1.36),
    ]  # fmt: skip
    return charts.event_chart_svg(
        [charts.Estimate(*row) for row in rows],
        ticks=[charts.Tick(-0.5, "−$0.50"), charts.Tick(0, "$0.00"), charts.Tick(0.5, "+$0.50"),
               charts.Tick(1, "+$1.00"), charts.Tick(1.5, "+$1.50")],
        names=[charts.Tick(k, str(k).replace("-", "−")) for k in (-4, 0, 4, 8)],
        before=_("before"),
        after=_("CDA earned"),
        axis=_("Quarters before and after"),
        label=_("Pay is level before the CDA and rises to 74 cents an hour more after eight quarters."),
    )  # fmt: skip


def _line_chart() -> str:
    costs = [131, 128, 118, 104, 98, 91, 84]
    return charts.line_chart_svg(
        list(enumerate(costs)),
        ticks=[charts.Tick(v, f"${v}") for v in (0, 50, 100, 150)],
        names=[charts.Tick(0, "Q2 2025"), charts.Tick(3, "Q1 2026"), charts.Tick(6, "Q4 2026")],
        first="$131",
        last="$84",
        label=_("The cost of an award fell from $131 to $84 in seven quarters."),
    )


def sample() -> dict[str, Any]:
    """Context of ``shared/style.html``."""
    fish = [Stone(f"aqua-{i}", i, "fish", "sky", s, 20) for i, s in ((1, "earned"), (2, "earned"), (3, "review"))]
    hero = [
        Stone("cda-3", 2, "book", "slate", "earned", 12), Stone("cda-7", 1, "sprout", "moss", "earned", 12),
        Stone("tec-1", 1, "nut", "clay", "earned", 9), Stone("aqua-1", 1, "fish", "sky", "earned", 14),
        Stone("cda-2", 1, "heart", "moss", "earned", 12),
    ]  # fmt: skip
    return {
        "families": _families(),
        "states": [Stone("cda-7", 2, "eye", "moss", s) for s in ("earned", "review", "draft", "missing")],
        "first_day": _cda("mmmmmmmm"),
        "half_way": _cda("eeereemd".replace("eemd", "emde")),
        "done": _cda("eeeeeeee"),
        "cap_missing": Stone("cda", 3, "book", "moss", "missing"),
        "cap_done": Stone("cda", 3, "book", "moss", "earned"),
        "eighteen": _eighteen(),
        "cap_eighteen": Stone("adm", 3, "compass", "slate", "missing"),
        "cairn": fish,
        "cap_cairn": Stone("aqua", 3, "dawn", "sky", "missing"),
        "hero": hero,
        "cap_hero": Stone("cda-9", 1, "speech", "slate", "earned"),
        "runs": [
            *(walls.Run(h, "earned", "moss", f"cda-{i + 1}") for i, h in enumerate((18, 16, 15, 10, 12))),
            walls.Run(14, "review", "moss", "cda-4"),
        ],
        "promise_runs": [
            walls.Run(38, "earned", "moss", "cda-1"), walls.Run(3, "review"), walls.Run(3, "missing"),
            walls.Run(2, "broken"),
        ],
        "bars": [(_("Looked"), 2210), (_("Started"), 640), (_("Sent evidence"), 402), (_("Earned"), 317)],
        "line_chart": _line_chart(),
        "event_chart": _event_chart(),
        "rubric": [
            {
                "name": {"en": "Describes, does not judge", "es": "Describe, no juzga"},
                "demonstrated": {
                    "en": "Every note says what was seen and heard. A stranger could picture it.",
                    "es": "Cada nota dice lo que se vio y se oyó. Cualquier persona podría imaginarlo.",
                },
                "not_yet": {
                    "en": "Some notes give opinions, or leave out what happened just before.",
                    "es": "Algunas notas dan opiniones o no dicen qué pasó justo antes.",
                },
            },
            {
                "name": {"en": "Uses two methods", "es": "Usa dos métodos"},
                "demonstrated": {
                    "en": "At least one running record and one checklist or time sample, each dated.",
                    "es": "Al menos un registro continuo y una lista o muestra de tiempo, con fecha.",
                },
                "not_yet": {
                    "en": "One method only, or notes without a date.",
                    "es": "Un solo método, o notas sin fecha.",
                },
            },
        ],
        "checks": [
            {"title": _("The file is whole and can be read."), "how": "Open Badges 3.0, 3.6 KB", "state": "passed"},
            {"title": _("It has not been withdrawn."), "how": _("Withdrawn by the issuer"), "state": "failed"},
            {
                "title": _("The person in front of you is the one it names."),
                "how": _("Software cannot know this. Ask for a photo ID with this name."),
                "state": "unknown",
            },
        ],
        "facts": [_("15 hours"), _("Free"), _("Level 2, practice"), _("English, Spanish")],
        "problems": [
            {"field": "reflection", "message": _("Take the photo “Plan for next week” again: too dark to read")},
            {"field": "reflection", "message": _("Reflection: write 91 more words")},
        ],
        "promise": {
            "title": {"en": "Wage supplement, $2,400 a year", "es": "Complemento salarial, $2,400 al año"},
            "text": {
                "en": "State wage program. Paid in two halves while you stay with your employer.",
                "es": "Programa estatal de salarios. Se paga en dos partes mientras siga con su empleador.",
            },
            "record": _("Kept on time 38 times of 41. Two late, one broken."),
            "need": _("the CDA, 49 hours"),
        },
        "photo": "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 76 76'%3E"
        "%3Crect width='76' height='76' fill='%23b7a88a'/%3E%3Cpath fill='%23fbf8f1' d='M16 12l42 4-4 48-40-3z'/%3E"
        "%3Cpath stroke='%2343525a' stroke-width='2' d='M22 24l28 2M22 32l27 2M21 40l22 2'/%3E%3C/svg%3E",
        "chips": [
            "earned", "review", "draft", "missing", "passed", "failed", "unknown", "received", "sending", "phone",
            "dark", "waiting", "demonstrated", "not_yet", "cannot_tell", "on_time", "late", "broken", "withdrawn",
            "ended", "replaced",
        ],
    }  # fmt: skip
