"""The five themes in words: for each a sentence, a chart, and the table that carries the same numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from fieldstone.outcomes import THRESHOLD
from fieldstone.server.people.models import Organization
from fieldstone.server.study import rules
from fieldstone.server.study.models import Cohort
from fieldstone.server.study.queries import Overview
from fieldstone.server.web.shared.charts import Bar, bar_chart_svg
from fieldstone.server.web.shared.tables import Cell, Hidden, Table
from fieldstone.server.web.shared.templatetags.fieldstone import count as figure
from fieldstone.server.web.shared.templatetags.fieldstone import day, text
from fieldstone.server.web.shared.walls import Run, course_svg


def kinds() -> dict[str, str]:
    """What kinds of organization are called, more than one of them."""
    return {
        "employer": _("Employers"),
        "college": _("Colleges"),
        "district": _("School districts"),
        "cooperative": _("Cooperatives"),
        "state_program": _("State programs"),
        "community": _("Community organizations"),
        "tribal_nation": _("Tribal nations"),
        "consortium": _("Consortia"),
    }


@dataclass(frozen=True)
class Theme:
    """One section: `number` 0 stands for a section beside the five."""

    number: int
    title: str
    say: str
    also: Sequence[str]
    chart: str
    tables: Sequence[Table]
    chips: Sequence[tuple[str, str]] = ()
    open: bool = False

    @property
    def wide(self) -> bool:
        """Whether a table needs the whole width of the page."""
        return any(len(table.head) > 3 for table in self.tables)


def _hidden(small: bool) -> Hidden:
    return Hidden(_("hidden, fewer than 11") if small else _("hidden, protects a small group"))


def _cell(value: int | None, small: bool = False) -> Cell:
    return _hidden(small) if value is None else value


class Themes:
    """Builds the sections of the page from what was read. Tables are in the order of the page."""

    def __init__(
        self,
        organization: Organization,
        read: Overview,
        agreement: Sequence[tuple[Any, Any, Any]],
        cohort: Cohort | None,
        period: str,
        today: date,
    ) -> None:
        self.organization = organization
        self.read = read
        self.agreement = agreement
        self.cohort = cohort
        self.period = period
        self.today = today

    @cached_property
    def sections(self) -> list[Theme]:
        """The five themes, then how alike assessors judge."""
        return [
            self._partners(), self._recognition(), self._sustainability(), self._appeal(), self._further(),
            self._judging(),
        ]  # fmt: skip

    @property
    def tables(self) -> list[Table]:
        """Every table of the page."""
        return [table for section in self.sections for table in section.tables]

    @property
    def hides(self) -> bool:
        """Whether anything on the page is hidden."""
        return any(isinstance(cell, Hidden) for table in self.tables for row in table.rows for cell in row)

    @property
    def since(self) -> str:
        """The period in words."""
        if self.period == "this_year":
            return _("January 1 to %(day)s") % {"day": day(self.today)}
        if self.period == "last_year":
            return _("All of %(year)s") % {"year": self.today.year - 1}
        return _("All years until %(day)s") % {"day": day(self.today)}

    def _partners(self) -> Theme:
        partners = self.read.partners
        active = [p for p in partners if p.active]
        silent = len(partners) - len(active)
        words = kinds()
        by_kind: dict[str, int] = {}
        for partner in active:
            by_kind[partner.organization.kind] = by_kind.get(partner.organization.kind, 0) + 1
        ordered = sorted(by_kind.items(), key=lambda item: (-item[1], item[0]))
        bars = [Bar(words[kind], n, figure(n)) for kind, n in ordered]
        if partners:
            say = _("%(active)s of %(all)s partners did something in the last 90 days.") % {
                "active": len(active), "all": len(partners),
            }  # fmt: skip
        else:
            say = _("Nobody has promised anything for your credentials yet.")
        also = []
        if silent:
            also.append(
                ngettext("%(n)s has been silent: call them first.", "%(n)s have been silent: call them first.", silent)
                % {"n": silent}
            )
        table = Table(
            "partners",
            _("Partners and what they last did"),
            (_("Partner"), _("Kind"), _("Promises open"), _("Kept"), _("Last active")),
            [
                (p.organization.full_name, words[p.organization.kind], p.promises, _kept(p.record), day(p.last_at))
                for p in partners
            ],
            frozenset({2, 3}),
        )
        return Theme(1, _("Partnerships"), say, also, _bars(bars, say), [table] if partners else [])

    def _recognition(self) -> Theme:
        r = self.read.record
        kept = r["kept"] + r["kept_late"]
        runs = [
            Run(r["kept"], "earned", id="kept"),
            Run(r["kept_late"], "review", id="late"),
            Run(r["overdue"], "missing", id="waiting"),
            Run(r["declined"], "broken", id="declined"),
        ]
        rows = [
            (_("Kept on time"), r["kept"]),
            (_("Kept late"), r["kept_late"]),
            (_("No answer in time"), r["overdue"]),
            (_("Declined"), r["declined"]),
        ]
        say = _("No promise has come due.")
        if r["due"]:
            say = " ".join(
                [
                    ngettext("%(n)s promise came due.", "%(n)s promises came due.", r["due"]) % {"n": r["due"]},
                    ngettext("%(n)s was kept.", "%(n)s were kept.", kept) % {"n": kept},
                ]
            )
        also = []
        if r["waiting"]:
            also.append(
                ngettext("%(n)s more is not due yet.", "%(n)s more are not due yet.", r["waiting"])
                % {"n": r["waiting"]}
            )
        chips = zip(("on_time", "late", "waiting", "broken"), rows, strict=True)
        by_partner = Table(
            "promises",
            _("Promises that came due, by partner"),
            (_("Partner"), *(words for words, _n in rows), _("Not due yet")),
            [
                (
                    p.organization.full_name,
                    *(p.record[k] for k in ("kept", "kept_late", "overdue", "declined", "waiting")),
                )
                for p in self.read.partners
            ],
            frozenset(range(1, 6)),
        )
        total = Table("record", _("Promises that came due"), (_("How it stands"), _("Promises")), rows, frozenset({1}))
        label = ", ".join(f"{words}: {n}" for words, n in rows)
        return Theme(
            2,
            _("Employer recognition"),
            say,
            also,
            course_svg(runs, label=label) if r["due"] else "",
            [total, by_partner] if self.read.partners else [],
            [(chip, f"{words}, {n}") for chip, (words, n) in chips if n],
        )

    def _sustainability(self) -> Theme:
        turn, waiting, issued = self.read.turnaround, self.read.waiting, self.read.issued
        also = []
        if turn.middle is None:
            say = _("Too few answers to say how long they take.")
        else:
            say = ngettext(
                "Half of the answers come within %(n)s business day.",
                "Half of the answers come within %(n)s business days.",
                turn.middle,
            ) % {"n": turn.middle}
            also.append(
                _("9 of 10 come within %(ninth)s; %(promised)s are promised. %(kept)s of %(all)s came by their date.")
                % {"ninth": turn.ninth, "promised": turn.promised, "kept": turn.kept, "all": turn.answers}
            )
        if issued.total is not None and issued.total:
            also.append(
                ngettext("%(n)s credential was issued.", "%(n)s credentials were issued.", issued.total)
                % {"n": figure(issued.total)}
            )
        if waiting.total:
            also.append(
                ngettext(
                    "%(n)s submission waits for an answer now.", "%(n)s submissions wait for an answer now.",
                    waiting.total,
                )
                % {"n": waiting.total}
            )  # fmt: skip
        few = turn.middle is None
        answers = Table(
            "turnaround",
            _("Business days from arrival to answer"),
            (_("Figure"), _("Business days")),
            [
                (_("Half of the answers within"), _cell(turn.middle, few)),
                (_("9 of 10 within"), _cell(turn.ninth, few)),
                (_("Promised"), turn.promised),
            ],
            frozenset({1}),
        )
        ages = Table(
            "waiting",
            _("Submissions that wait now"),
            (_("Business days waited"), _("Submissions")),
            [*((_age(low, high), n) for low, high, n in waiting.ages), (_("Past their date"), waiting.late)],
            frozenset({1}),
        )
        rows = [(self._stretch(row.start, issued.months), row.count) for row in issued.rows]
        months = Table(
            "issued",
            _("Credentials issued"),
            (_("Time"), _("Credentials")),
            [(words, _cell(n)) for words, n in rows],
            frozenset({1}),
        )
        shown = [Bar(words, n, figure(n)) for words, n in rows if n is not None][-12:]
        chart = _bars(shown, _("Credentials issued"))
        return Theme(3, _("Sustainability"), say, also, chart, [months, answers, ages])

    def _stretch(self, start: date, months: int) -> str:
        if months == 1:
            return date_format(start, "F Y")
        if months == 3:
            return _("%(year)s, quarter %(quarter)s") % {"year": start.year, "quarter": (start.month + 2) // 3}
        return str(start.year)

    def _appeal(self) -> Theme:
        steps = self.read.steps
        started = steps.total
        sent = rules.together(steps.cells, ("sent", "earned"), started)
        earned = steps.cells.get("earned")
        rows = [(_("Begun"), started), (_("Sent for review"), sent), (_("Earned"), earned)]
        if started is None:
            say = _("Too few people to show.")
        elif started == 0:
            say = _("Nobody has begun anything yet.")
        elif sent is not None and earned is not None:
            say = _("Of %(started)s begun, %(sent)s were sent for review and %(earned)s were earned.") % {
                "started": figure(started), "sent": figure(sent), "earned": figure(earned),
            }  # fmt: skip
        elif earned is not None:
            say = _("Of %(started)s begun, %(earned)s were earned.") % {
                "started": figure(started), "earned": figure(earned),
            }  # fmt: skip
        else:
            say = _("%(started)s were begun.") % {"started": figure(started)}
        tries = self.read.tries
        words = {"1": _("First try"), "2": _("Second try"), "3": _("Third try"), "4": _("Fourth try or later")}
        also = []
        first = tries.cells.get("1")
        if tries.total and first is not None:
            also.append(_("%(share)s were earned at the first try.") % {"share": _share(first, tries.total)})
        by_cohort = []
        for group, shown in self.read.by_cohort:
            done = shown.cells.get("earned")
            by_cohort.append(
                (
                    group.name if group else _("In no cohort"),
                    _cell(shown.total, shown.small),
                    _cell(done, shown.small) if done is None or not shown.total else _share(done, shown.total),
                )
            )
        tables = [
            Table("steps", _("Work on micro-credentials, by step"), (_("Step"), _("Micro-credentials")),
                  [(name, _cell(n, steps.small)) for name, n in rows], frozenset({1})),
            Table("tries", _("Tries until a credential"), (_("Earned at"), _("Credentials")),
                  [(words[k], _cell(tries.cells.get(k), tries.small)) for k in rules.TRIES], frozenset({1})),
        ]  # fmt: skip
        if len(by_cohort) > 1:
            tables.append(
                Table(
                    "cohorts",
                    _("Earned, of those begun, by cohort"),
                    (_("Cohort"), _("Begun"), _("Earned")),
                    by_cohort,
                    frozenset({1, 2}),
                )
            )
        bars = [Bar(name, n, figure(n)) for name, n in rows if n is not None]
        return Theme(4, _("Appeal"), say, also, _bars(bars if started else [], say), tables, open=True)

    def _further(self) -> Theme:
        after = self.read.after
        words = {
            "stack": _("Completed a stack"),
            "next": _("Earned another one"),
            "began": _("Began another one"),
            "nothing": _("Nothing further yet"),
        }
        on = rules.together(after.cells, ("began", "next", "stack"), after.total) if after.total is not None else None
        if on is not None and after.total:
            say = _("Of %(all)s who earned one, %(on)s went on.") % {"all": figure(after.total), "on": figure(on)}
        elif after.total == 0:
            say = _("Nobody has earned one yet.")
        else:
            say = _("Too few people to show.")
        table = Table(
            "further", _("After the first credential, the furthest thing"), (_("What came after"), _("People")),
            [(w, _cell(after.cells.get(k), after.small)) for k, w in words.items()], frozenset({1}),
        )  # fmt: skip
        bars = [Bar(w, n, figure(n)) for k, w in words.items() if (n := after.cells.get(k)) is not None]
        return Theme(5, _("Further learning"), say, (), _bars(bars if after.total else [], say), [table])

    def _judging(self) -> Theme:
        head = (
            _("Micro-credential"), _("Pairs of scores"), _("Agreement"), _("Kappa"), _("Kappa, lower end"),
            _("Kappa, upper end"),
        )  # fmt: skip
        rows: list[tuple[Cell, ...]] = []
        enough = 0
        for _subject, title, figures in self.agreement:
            if figures.n < THRESHOLD:
                rows.append((str(text(title)), _hidden(True), *[Hidden(_("hidden"))] * 4))
                continue
            enough += 1
            known = (
                f"{x:.2f}" if x is not None else _("not defined") for x in (figures.kappa, figures.low, figures.high)
            )
            rows.append((str(text(title)), figures.n, _share(figures.matched, figures.n), *known))
        if not rows:
            say = _("No submission has been judged by two assessors yet.")
        else:
            say = ngettext(
                "Two assessors judged apart on %(n)s micro-credential with enough scores to say how alike.",
                "Two assessors judged apart on %(n)s micro-credentials with enough scores to say how alike.",
                enough,
            ) % {"n": enough}
        also = [
            _("Kappa is agreement beyond chance: 1 is always alike, 0 is chance alone. The ends are a 95% interval.")
        ]
        table = Table("agreement", _("Agreement of two blind assessors"), head, rows, frozenset(range(1, 6)))
        return Theme(
            0, _("How alike assessors judge"), say, also if rows else (), "", [table] if rows else [], open=True
        )


def _kept(record: Any) -> str:
    return f"{record['kept'] + record['kept_late']}/{record['due']}" if record["due"] else "–"


def _share(part: int, whole: int) -> str:
    return f"{round(100 * part / whole)}%"


def _bars(bars: Sequence[Bar], label: str) -> str:
    return bar_chart_svg(bars, label=label) if len(bars) > 1 else ""


def _age(low: int, high: int | None) -> str:
    if high is None:
        return _("%(low)s or more") % {"low": low}
    return _("%(low)s to %(high)s") % {"low": low, "high": high}
