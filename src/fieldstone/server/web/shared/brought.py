"""The words of a credential from elsewhere: how its last check went, and whether it can be told whose it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from fieldstone import credential
from fieldstone.server.backpack.models import Brought
from fieldstone.server.web.shared import check_words

BELONGS: Mapping[str, str] = {
    "email": gettext_noop("It was made for your e-mail address."),
    "key": gettext_noop("It was made for a key that is yours."),
    "name": gettext_noop("The name on it is yours. Others may have the same name."),
    "other_email": gettext_noop(
        "It was made for another e-mail address than yours. We cannot tell that this is yours."
    ),
    "other_name": gettext_noop("Another name stands on it. We cannot tell that this is yours."),
    "unknown": gettext_noop(
        "It does not say for whom it was made in a way that we can compare. We cannot tell that this is yours."
    ),
}
HERS = frozenset({"email", "key", "name"})
CHIPS: Mapping[str, tuple[str, str]] = {
    "verified": ("passed", gettext_noop("Genuine and valid")),
    "not_verified": ("failed", gettext_noop("Did not pass the check")),
    "could_not_tell": ("unknown", gettext_noop("We could not check everything")),
}
"""Verdict to the chip's state and words."""
ENDED: Mapping[str, tuple[str, str]] = {
    "expired": ("ended", gettext_noop("Ended")),
    "revoked": ("withdrawn", gettext_noop("Withdrawn")),
    "suspended": ("waiting", gettext_noop("Paused")),
}
"""The same for a genuine one that only does not hold any more, by the one check that failed."""
UNKNOWN_ISSUER = ("unknown", gettext_noop("Unchanged; its issuer is not known here"))


@dataclass(frozen=True)
class Told:
    """One credential from elsewhere as pages show it. `belongs` is empty for others than its holder."""

    row: Brought
    chip: str
    words: str
    belongs: str
    report: credential.Report
    rows: list[check_words.Row]
    counts: str

    @property
    def known(self) -> bool:
        """Whether this site vouches for the issuer; else its name is only what the file says."""
        return self.report.issuer_known

    @cached_property
    def verdict(self) -> check_words.Verdict:
        """The answer above all checks."""
        return check_words.verdict(self.report, issuer_name=self.row.issuer_name)

    @property
    def title(self) -> str:
        """Its own title, or that it has none."""
        return self.row.title or _("A badge without a title")


def _read(checks: Iterable[Mapping[str, Any]]) -> credential.Report:
    """The report as it was kept."""
    return credential.Report(
        tuple(
            credential.Check(c["name"], credential.Outcome(c["outcome"]), c["code"], c["detail"], c["needed"])
            for c in checks
        ),
        None,
    )


def tell(row: Brought, *, mine: bool, report: credential.Report | None = None) -> Told:
    """What its page says: by the last check that was kept, or by a `report` made now."""
    seen = report or _read(row.checks)
    chip, words = CHIPS[str(seen.verdict)]
    failed = {c.code for c in seen.checks if c.outcome == credential.Outcome.FAILED}
    if len(failed) == 1:
        chip, words = ENDED.get(failed.pop(), (chip, words))
    if seen.verdict == credential.Verdict.VERIFIED and not seen.issuer_known:
        chip, words = UNKNOWN_ISSUER
    belongs = _(BELONGS[row.belongs]) if mine else ""
    rows = [_row(check, row.belongs, mine) for check in seen.checks]
    return Told(row, chip, _(words), belongs, seen, rows, check_words.counts(rows))


def _row(check: credential.Check, belongs: str, mine: bool) -> check_words.Row:
    said = check_words.row(check)
    if check.name != "recipient" or not mine or check.outcome != credential.Outcome.COULD_NOT_TELL:
        return said
    return replace(said, title=_("It is yours."), how=_(BELONGS[belongs]))
