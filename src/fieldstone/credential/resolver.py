"""How the library asks the outside world: an argument, so that it never reaches out by itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Protocol

from fieldstone.credential.errors import CredentialError, Spent, Unreachable

MAX_QUESTIONS: Final = 30
"""How much one check may ask in all: a signer's key, lists of withdrawals, schemas, endorsements, files."""


class Resolver(Protocol):
    """Answers, or raises `Unreachable` (nobody answered) or `Missing` (there is no such thing)."""

    def did(self, did: str) -> dict[str, Any]:
        """The DID document of a did:web; did:key and did:jwk are never asked."""

    def fetch(self, url: str) -> bytes:
        """The bytes at a URL: status lists, issuers' profiles, evidence."""


class Offline:
    """Knows only what it was given; everything else is unreachable."""

    def __init__(
        self, dids: Mapping[str, Mapping[str, Any]] | None = None, pages: Mapping[str, bytes] | None = None
    ) -> None:
        self.dids = dict(dids or {})
        self.pages = dict(pages or {})

    def did(self, did: str) -> dict[str, Any]:
        if did not in self.dids:
            raise Unreachable(f"{did} was not asked: we are offline.")
        return dict(self.dids[did])

    def fetch(self, url: str) -> bytes:
        if url not in self.pages:
            raise Unreachable(f"{url} was not asked: we are offline.")
        return self.pages[url]


class Once:
    """Asks another resolver the same question only once, and at most `most` questions; then it raises `Spent`.

    Whoever writes a credential chooses what has to be asked to check it.
    """

    def __init__(self, inner: Resolver, most: int = MAX_QUESTIONS) -> None:
        self.inner = inner
        self.most = most
        self._answers: dict[tuple[str, str], Any] = {}

    def did(self, did: str) -> dict[str, Any]:
        result: dict[str, Any] = self._ask("did", did)
        return result

    def fetch(self, url: str) -> bytes:
        result: bytes = self._ask("fetch", url)
        return result

    def _ask(self, kind: str, name: str) -> Any:
        if (kind, name) not in self._answers:
            if len(self._answers) >= self.most:
                raise Spent("To check this, too many other places would have to be asked.")
            try:
                answer = getattr(self.inner, kind)(name)
            except CredentialError as error:
                answer = error.with_traceback(None)
            self._answers[kind, name] = answer
        answer = self._answers[kind, name]
        if isinstance(answer, CredentialError):
            raise _again(answer)
        return answer


def _again(error: CredentialError) -> CredentialError:
    """A twin to raise: an error that is kept would keep all that was at work when it was raised, and itself with it."""
    twin = type(error).__new__(type(error), *error.args)
    twin.__dict__.update(error.__dict__)
    return twin
