"""What every domain says when it refuses: which field, what is wrong, how to mend it.

Messages are English msgids with named placeholders; the screens translate them. Nothing here knows Django,
so that `rules.py` modules may use it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass


def mark(message: str) -> str:
    """Mark a msgid for the translators (found under the name `_`) and return it unchanged."""
    return message


@dataclass(frozen=True)
class Problem:
    """One thing to mend. `field` is the dotted path of the input ("" for the whole request)."""

    field: str
    message: str
    params: Mapping[str, object] = dataclasses.field(default_factory=dict)

    def english(self) -> str:
        """The message in English with its placeholders filled."""
        return self.message % self.params if self.params else self.message


class Refused(Exception):
    """An action that was not done, with every reason. Nothing was written.

    `status` is the HTTP status that the web and the API answer with.
    """

    status = 422

    def __init__(self, problems: Iterable[Problem] | Problem | str, field: str = "", **params: object):
        if isinstance(problems, str):
            problems = [Problem(field, problems, params)]
        elif isinstance(problems, Problem):
            problems = [problems]
        self.problems = list(problems)
        super().__init__("; ".join(f"{p.field}: {p.english()}" if p.field else p.english() for p in self.problems))


class NotAllowed(Refused):
    """The person has no role that permits this."""

    status = 403


class Conflict(Refused):
    """Somebody else, or an earlier request, got there first."""

    status = 409
