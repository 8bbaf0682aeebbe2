"""How allauth is used here: a mailed code or a passkey opens the door; neither is asked for on top of the other."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.http import HttpRequest
from django.urls import reverse

from fieldstone.server.people.models import User


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """Accounts are made by asking for a code; there is no sign-up form and no password."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """No separate sign-up."""
        return False

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """To the page that knows where this person works."""
        return reverse("shared:home")

    def add_message(self, request: HttpRequest, level: int, *args: Any, **kwargs: Any) -> None:
        """Pages say themselves what happened; allauth's own messages are left out."""


class MfaAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth ships no types
    """A passkey is another way in, not a second step: losing a phone must not lock anybody out."""

    def is_mfa_enabled(self, user: User, types: Any = None) -> bool:
        """Whether a second step is asked: only for the page that lists passkeys."""
        return False

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """The name that the phone shows beside the passkey."""
        return {**super().get_public_key_credential_rp_entity(), "name": "Fieldstone"}
