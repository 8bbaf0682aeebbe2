"""What stands beside an award: addresses, who issues, the achievement alone, and how a listed award came about."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest

from fieldstone import credential
from fieldstone.server.awards import rules

ID = UUID("019a0000-0000-7000-8000-000000000001")


def test_addresses_do_not_change_with_names() -> None:
    assert rules.achievement_url("https://x.example", ID) == f"https://x.example/achievements/{ID}"
    assert rules.issuer_url("https://x.example", ID) == f"https://x.example/issuers/{ID}"
    assert rules.status_url("https://x.example", ID) == f"https://x.example/status/{ID}"
    assert rules.certificates_of("ab12") == "certificates/ab12"


def test_an_organization_by_its_did_and_by_its_address() -> None:
    here = f"https://x.example/issuers/{ID}"
    plain = rules.profile_json(rules.Issuer(here, "Home College"), here=here)
    assert plain == {
        "@context": [credential.contexts.CREDENTIALS_V2, credential.contexts.OPEN_BADGES],
        "id": here, "type": ["Profile"], "name": "Home College",
    }  # fmt: skip
    whole = rules.profile_json(
        rules.Issuer("did:web:x.example", "Home College", "https://home.example", "office@home.example"), here=here
    )
    assert whole["url"] == "https://home.example" and whole["email"] == "office@home.example"
    assert whole["otherIdentifier"] == [
        {"type": "IdentifierEntry", "identifier": here, "identifierType": "identifier"}
    ]


def test_an_achievement_alone_is_the_one_inside_a_credential() -> None:
    described = credential.Achievement(
        id="https://x.example/achievements/1", name="Food safety", description="d", criteria=credential.Criteria(narrative="Keeps food cold.")
    )
    alone = rules.achievement_json(described)
    assert alone["id"] == described.id and alone["name"] == "Food safety" and "Achievement" in alone["type"]
    assert credential.contexts.OPEN_BADGES in alone["@context"] and "issuer" not in alone


@pytest.mark.parametrize(
    ("language", "people", "begins", "second"),
    [("en", 1, "Recorded from a list by College.", False), ("en", 2, "Recorded from a list by College.", True),
     ("es", 1, "Registrada a partir de una lista de College.", False),
     ("es", 2, "Registrada a partir de una lista de College.", True)],
)  # fmt: skip
def test_a_listed_award_says_that_nobody_judged_evidence(language: str, people: int, begins: str, second: bool) -> None:
    said = rules.listed_words(rules.Listed("Ten hours.", datetime(2026, 1, 1, tzinfo=UTC), people), "College", language)
    assert said.startswith(begins) and said.endswith(": Ten hours.")
    assert ("ninguna evidencia" in said) == (language == "es") and ("No evidence" in said) == (language == "en")
    assert (("second person" in said) or ("segunda persona" in said)) == second
