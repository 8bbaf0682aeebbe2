"""Say a plan, week by week, or why there is none, in plain words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from .evaluation import Result
from .holding import Offer
from .plan import Impossible, Minimize, Plan, PlanStep, Reason, Week
from .readiness import percent
from .requirement import Hold, Hours, Language, Level
from .words import Names, day, dollars, hours, name, number, series


def explain_plan(found: Plan | Impossible, names: Names, language: Language) -> list[str]:
    """Say what to do, what it takes and when it ends, why no other is better, the next best, and then each week.

    For an impossible goal: why, one reason a line. `names` maps credentials, areas and skills to texts.
    """
    speak = _Speaker(names, language)
    if isinstance(found, Impossible):
        return [line for reason in found.reasons for line in speak.reason(reason)]
    return [*speak.summary(found), *(explain_week(week, names, language) for week in found.weeks)]


def explain_week(week: Week, names: Names, language: Language) -> str:
    """Say one week, for example "Week 2, from March 9, 2026: Safety, 3 hours. Done by the end: Safety."."""
    speak = _Speaker(names, language)
    work = "; ".join(f"{speak.offer(offer)}, {hours(amount, language)}" for offer, amount in week.work)
    start = day(week.begins, language)
    text = speak.say(f"Week {week.number}, from {start}: {work}.", f"Semana {week.number}, desde el {start}: {work}.")
    if week.done:
        done = speak.offers(week.done)
        text += speak.say(f" Done by the end: {done}.", f" Al final queda hecho: {done}.")
    return text


_BEST: dict[Minimize, dict[Language, str]] = {
    "cost": {"en": "Nothing else that is enough costs less.", "es": "Nada más que alcance cuesta menos."},
    "hours": {
        "en": "Nothing else that is enough takes fewer hours.",
        "es": "Nada más que alcance lleva menos horas.",
    },
    "date": {"en": "Nothing else that is enough ends earlier.", "es": "Nada más que alcance termina antes."},
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

    def all(self, identifiers: Iterable[str]) -> str:
        return series(self.name(each) for each in identifiers)

    def offer(self, offer: Offer) -> str:
        """The name, with the level where it states one."""
        level = self.say(f" (level {offer.level})", f" (nivel {offer.level})") if offer.level else ""
        return self.name(offer.credential) + level

    def offers(self, offers: Iterable[Offer]) -> str:
        return series(self.offer(each) for each in offers)

    def cost(self, cents: int) -> str:
        if not cents:
            return self.say("costs nothing", "no cuesta nada")
        return self.say(f"costs {dollars(cents)}", f"cuesta {dollars(cents)}")

    def day(self, step: PlanStep) -> tuple[str, str]:
        assert step.offer.closes_at is not None
        return day(step.begins, self.language), day(
            step.offer.closes_at.astimezone(step.begins.tzinfo), self.language
        )

    def summary(self, found: Plan) -> Iterator[str]:
        if not found.steps:
            yield self.say(
                "Nothing is left to do: what you have, with what is in review, is enough.",
                "No queda nada por hacer: lo que usted tiene, con lo que está en revisión, alcanza.",
            )
            return
        chosen = self.offers(found.offers)
        work, pace = hours(found.hours, self.language), number(found.hours_a_week)
        cost = self.cost(found.cost)
        yield self.say(f"In this order: {chosen}.", f"En este orden: {chosen}.")
        yield self.say(
            f"It takes {work} of work at {pace} a week, and {cost}.",
            f"Lleva {work} de trabajo a {pace} por semana, y {cost}.",
        )
        begins, ends = day(found.begins, self.language), day(found.ends, self.language)
        yield self.say(
            f"If you start on {begins}, you are done on {ends}.",
            f"Si usted comienza el {begins}, termina el {ends}.",
        )
        if found.proven:
            yield _BEST[found.minimize][self.language]
        else:
            yield self.say(
                "There may be something better: looking at everything would take too long.",
                "Puede haber algo mejor: mirarlo todo llevaría demasiado tiempo.",
            )
        if found.runner_up is not None:
            yield self.runner_up(found, found.runner_up)
        for step in found.steps:
            if step.begins < step.works_from:
                begins, closes = self.day(step)
                title = self.offer(step.offer)
                yield self.say(
                    f"Sign up for {title} from {begins} on, before it closes on {closes}; its work comes later.",
                    f"Inscríbase en {title} desde el {begins}, antes de que cierre el {closes}; "
                    "su trabajo viene después.",
                )

    def runner_up(self, found: Plan, other: Plan) -> str:
        """The next best, by what it has and what it leaves out."""
        mine, theirs = list(found.offers), list(other.offers)
        more = self.offers(offer for offer in theirs if offer not in mine)
        less = self.offers(offer for offer in mine if offer not in theirs)
        work, cost = hours(other.hours, self.language), self.cost(other.cost)
        ends = day(other.ends, self.language)
        start = (
            self.say(f"Next best: {more} instead of {less}.", f"Lo siguiente mejor: {more} en lugar de {less}.")
            if more
            else self.say(f"Next best: without {less}.", f"Lo siguiente mejor: sin {less}.")
        )
        return start + self.say(
            f" That takes {work}, {cost} and ends on {ends}.", f" Lleva {work}, {cost} y termina el {ends}."
        )

    def reason(self, reason: Reason) -> Iterator[str]:
        credentials = self.all(reason.credentials)
        match reason.why:
            case "not_offered":
                for part in reason.parts:
                    yield from self.unmet(part)
            case "not_enough_shown":
                share, needed = percent(reason.share), percent(reason.needed)
                yield self.say(
                    f"All that is offered together would show {share}% of what this job asks; {needed}% is wanted.",
                    f"Todo lo que se ofrece, junto, demostraría el {share} % de lo que pide este trabajo; "
                    f"se busca el {needed} %.",
                )
            case "prerequisites":
                yield self.say(
                    f"These ask for something first that nobody offers: {credentials}.",
                    f"Estas piden primero algo que nadie ofrece: {credentials}.",
                )
            case "closed":
                yield self.say(
                    f"These are closed, or close before they open for you: {credentials}.",
                    f"Estas están cerradas, o cierran antes de abrir para usted: {credentials}.",
                )
            case "money":
                yield self.say(
                    f"The money is not enough. The least that would do is {dollars(reason.least)}.",
                    f"El dinero no alcanza. Lo mínimo que bastaría es {dollars(reason.least)}.",
                )
            case "closes":
                yield self.say(
                    f"These close before what comes first can be done: {credentials}. More hours a week may help.",
                    f"Estas cierran antes de que se pueda hacer lo que va primero: {credentials}. "
                    "Más horas por semana pueden ayudar.",
                )
            case _:
                yield self.say(
                    f"These expire before the rest can be done: {credentials}. More hours a week may help.",
                    f"Estas vencen antes de que se pueda hacer el resto: {credentials}. "
                    "Más horas por semana pueden ayudar.",
                )

    def unmet(self, part: Result) -> Iterator[str]:
        """What one part lacks with everything that is on offer."""
        node = part.requirement
        if isinstance(node, Hold):
            title = self.name(node.credential) if node.label is None else node.label[self.language]
            level = self.say(f" at level {node.level}", f" con nivel {node.level}") if node.level else ""
            yield self.say(f"Nobody offers this{level}: {title}.", f"Nadie ofrece esto{level}: {title}.")
        elif isinstance(node, Hours):
            if part.done < node.needed:
                needed = hours(node.needed, self.language)
                yield self.say(
                    f"All that is offered gives {number(part.done)} of {needed}.",
                    f"Todo lo que se ofrece da {number(part.done)} de {needed}.",
                )
            for row in part.areas:
                if row.missing:
                    needed = hours(row.needed, self.language)
                    yield self.say(
                        f"In {self.name(row.area)}, all that is offered gives {number(row.counted)} of {needed}.",
                        f"En {self.name(row.area)}, todo lo que se ofrece da {number(row.counted)} de {needed}.",
                    )
        else:
            assert isinstance(node, Level)
            yield self.say(
                f"Of {node.count} credentials at level {node.at_least} or above, {part.done} can be earned.",
                f"De {node.count} credenciales con nivel {node.at_least} o más, se pueden obtener {part.done}.",
            )
