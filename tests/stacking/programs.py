"""The stacks of the four programs, as requirements, and short ways to write holdings."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from fieldstone.stacking import Amount, Count, Hold, Holding, Hours, Level

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
DAY = timedelta(days=1)

FOUNDATION = tuple(f"foundation-{number}" for number in range(1, 13))
ELECTIVES = tuple(f"elective-{number}" for number in range(1, 11))
KENTUCKY = Count(
    at_least=3,
    of=(
        Count(
            at_least=12,
            of=tuple(Hold(credential=each) for each in FOUNDATION),
            label={"en": "Required", "es": "Obligatorias"},
        ),
        Count(
            at_least=6,
            of=tuple(Hold(credential=each) for each in ELECTIVES),
            label={"en": "Electives", "es": "Optativas"},
        ),
        Hold(credential="capstone"),
    ),
    label={"en": "Rank change", "es": "Cambio de rango"},
)

AREAS = (
    "environment",
    "physical-intellectual",
    "social-emotional",
    "families",
    "operation",
    "professionalism",
    "observing",
    "growth",
)
CDA = Hours(total=120, minimum_per_area=dict.fromkeys(AREAS, 10))

MAINE = Count(
    at_least=3,
    of=(
        Hold(credential="aquaculture", level=1),
        Hold(credential="aquaculture", level=2),
        Hold(credential="aquaculture", level=3),
    ),
    label={"en": "Sustainable aquaculture", "es": "Acuicultura sostenible"},
)
MAINE_ANY_THREE = Level(at_least=2, count=2, among=("leadership", "innovation", "financial-literacy"))

GEORGIA = Count(
    at_least=2,
    of=(
        Count(at_least=3, of=tuple(Hold(credential=each) for each in ("safety", "blueprint", "machining"))),
        Count(
            at_least=1,
            of=(
                Hold(credential="welding", equivalents=("other-college-welding",)),
                Hold(credential="mechatronics"),
            ),
        ),
    ),
)


def earned(credential: str, *, days_ago: int = 30, ends: int | None = None, **rest: object) -> Holding:
    """A holding earned some days ago; `ends`: days from now until it expires."""
    until = None if ends is None else NOW + ends * DAY
    return Holding(credential=credential, earned_at=NOW - days_ago * DAY, valid_until=until, **rest)  # type: ignore[arg-type]  # passes on Holding's own keywords


def in_review(credential: str, *, level: int = 0, hours: dict[str, Amount] | None = None) -> Holding:
    return Holding(credential=credential, level=level, hours=hours or {}, state="in_review")


def draft(credential: str, *, level: int = 0) -> Holding:
    return Holding(credential=credential, level=level, state="draft")


def course(name: str, **hours: Amount) -> Holding:
    """An earned credential with clock hours; `_` in an area stands for `-`."""
    return earned(name, hours={area.replace("_", "-"): amount for area, amount in hours.items()})
