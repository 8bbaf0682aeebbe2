"""What one check may ask in all: honest credentials are checked whole, and hostile ones make nobody work for long."""

from __future__ import annotations

from typing import Any

import pytest

from fieldstone import credential as c
from fieldstone.credential import dcql, openid4vp
from fieldstone.credential.contexts import OPEN_BADGES_EXTENSIONS
from fieldstone.credential.presentations import build_presentation, sign_presentation, verify_presentation
from fieldstone.credential.resolver import MAX_QUESTIONS, Once
from tests.credential.cases import AT, CREDENTIAL, KEY, LIST_URL, signed

HOLDER = c.SigningKey.from_seed(bytes(range(1, 33)))
ASKED = {"challenge": "8f2c", "domain": "employer.example"}


class Counting(c.Offline):
    """Knows what it was given, and writes down what it was asked."""

    def __init__(self, dids: Any = None, pages: Any = None) -> None:
        super().__init__(dids, pages)
        self.asked: list[str] = []

    def did(self, did: str) -> dict[str, Any]:
        self.asked.append(did)
        return super().did(did)

    def fetch(self, url: str) -> bytes:
        self.asked.append(url)
        return super().fetch(url)


class Tired:
    """Has no question left."""

    def did(self, did: str) -> dict[str, Any]:
        raise c.Spent("Enough.")

    def fetch(self, url: str) -> bytes:
        raise c.Spent("Enough.")


def _places(name: str, number: int = 10) -> tuple[c.StatusEntry, ...]:
    return tuple(c.StatusEntry(list_url=f"https://{name}.example/{n}", index=n) for n in range(number))


def _files(number: int) -> tuple[c.Resource, ...]:
    return tuple(c.Resource(id=f"https://f.example/{n}", digest_sri=c.digest_sri(b"x")) for n in range(number))


def _endorsement(name: str, key: c.SigningKey, **more: Any) -> dict[str, Any]:
    issuer, about = c.Profile(id=key.controller, name="Ranch"), CREDENTIAL.achievement.id
    made = c.build_endorsement(
        c.Endorsement(id=f"urn:uuid:{name}", issuer=issuer, name="Good", comment="Yes", about=about, valid_from=AT)
    )
    return c.sign({**made, **more}, key=key, created=AT)


def _lists_of(name: str) -> dict[str, Any]:
    return {"credentialStatus": signed(status=_places(name))["credentialStatus"]}


def _said(report: c.Report, name: str) -> tuple[str, str]:
    check = report.check(name)
    assert check is not None
    return str(check.outcome), check.code


def test_attack_a_credential_that_names_two_hundred_places() -> None:
    endorsements = tuple(_endorsement(f"e{n}", KEY, **_lists_of(f"e{n}")) for n in range(20))
    document = signed(status=_places("own"), endorsements=endorsements, resources=_files(20))
    resolver = Counting()
    report = c.verify(document, resolver=resolver, at=AT)
    assert len(resolver.asked) == MAX_QUESTIONS
    assert report.verdict == "could_not_tell"
    assert _said(report, "endorsements") == ("could_not_tell", "unanswered")
    assert _said(report, "evidence") == ("could_not_tell", "unanswered")


def test_an_honest_credential_is_checked_whole() -> None:
    """A key and a list of its own, two endorsers with keys and lists of theirs, and ten files."""
    names = ("college", "ranch", "board")
    keys = {name: KEY.controlled_by(f"did:web:{name}.example") for name in names}
    dids = {key.controller: c.did_document(key.controller, [KEY.public]) for key in keys.values()}
    pages = {f"https://f.example/{n}": b"x" for n in range(10)}
    for name, key in keys.items():
        made = c.build_list(
            url=f"https://{name}.example/0", issuer=key.controller, purpose="revocation", positions=set(), valid_from=AT
        )
        pages[f"https://{name}.example/0"] = c.dumps(c.sign(made, key=key, created=AT))
    entries = {name: signed(status=_places(name, 1))["credentialStatus"] for name in names}
    endorsements = [_endorsement(name, keys[name], credentialStatus=entries[name]) for name in names[1:]]
    bare = {k: v for k, v in signed(endorsements=tuple(endorsements), resources=_files(10)).items() if k != "proof"}
    bare["issuer"]["id"] = keys["college"].controller
    document = c.sign({**bare, "credentialStatus": entries["college"]}, key=keys["college"], created=AT)
    resolver = Counting(dids, pages)
    report = c.verify(document, resolver=resolver, at=AT)
    assert report.verdict == "verified", report.to_json()
    assert _said(report, "endorsements") == ("passed", "genuine")
    assert _said(report, "evidence") == ("passed", "same_files")
    assert len(resolver.asked) == 16


def test_the_same_question_counts_once() -> None:
    resolver = Counting(pages={"https://a.example/": b"1"})
    once = Once(resolver, most=1)
    assert once.fetch("https://a.example/") == once.fetch("https://a.example/") == b"1"
    with pytest.raises(c.Spent, match="too_much_to_ask"):
        once.did("did:web:a.example")
    assert once.fetch("https://a.example/") == b"1"
    assert resolver.asked == ["https://a.example/"]


def test_each_check_says_that_too_much_would_have_to_be_asked() -> None:
    spent = ("could_not_tell", "too_much_to_ask")
    assert _said(c.verify(signed(), resolver=Tired(), at=AT), "status") == spent
    web = KEY.controlled_by("did:web:college.example")
    bare = {name: value for name, value in signed(status=()).items() if name != "proof"}
    elsewhere = c.sign({**bare, "issuer": {**bare["issuer"], "id": web.controller}}, key=web, created=AT)
    report = c.verify(elsewhere, resolver=Tired(), at=AT)
    assert (_said(report, "key"), str(report.verdict)) == (spent, "could_not_tell")


def test_attack_a_list_inside_a_closed_network_counts_where_it_was_not_asked() -> None:
    """A holder could else fill the budget first, so that nobody asks whether her credential was withdrawn."""
    document = signed(status=(c.StatusEntry(list_url="http://localhost/status/1", index=1),))
    assert c.verify(document, resolver=c.Offline(), at=AT).verdict == "verified"
    assert c.verify(document, resolver=Tired(), at=AT).verdict == "could_not_tell"


def test_attack_a_schema_that_was_not_asked_for_want_of_questions_counts() -> None:
    bare = {name: value for name, value in signed(status=()).items() if name != "proof"}
    bare["@context"] = [*bare["@context"], OPEN_BADGES_EXTENSIONS]
    bare["credentialSchema"] = [{"id": "https://s.example/1", "type": "1EdTechJsonSchemaValidator2019"}]
    document = c.sign(bare, key=KEY, created=AT)
    assert c.verify(document, resolver=c.Offline(), at=AT).verdict == "verified"
    report = c.verify(document, resolver=Tired(), at=AT)
    assert (_said(report, "schema")[1], str(report.verdict)) == ("too_much_to_ask", "could_not_tell")


def _shown(number: int = 6, **changes: str) -> dict[str, Any]:
    badges = [signed(id=f"urn:uuid:{n}", status=_places(f"l{n}")) for n in range(number)]
    bare = build_presentation(badges, holder=HOLDER.controller, id="urn:uuid:p")
    return sign_presentation(bare, key=HOLDER, created=AT, **{**ASKED, **changes})


def test_attack_a_presentation_of_many_credentials_has_one_budget() -> None:
    resolver = Counting()
    report = verify_presentation(_shown(), resolver=resolver, at=AT, **ASKED)
    assert len(resolver.asked) == MAX_QUESTIONS and len(report.credentials) == 6
    assert [_said(item, "status")[1] for item in report.credentials][-1] == "too_much_to_ask"


@pytest.mark.parametrize("signed_for", [{"challenge": "old"}, {"domain": "other.example"}, {}])
def test_attack_nobody_is_asked_about_what_a_forged_presentation_holds(signed_for: dict[str, str]) -> None:
    resolver = Counting()
    shown = _shown(**signed_for) if signed_for else {**_shown(), "id": "urn:uuid:changed"}
    report = verify_presentation(shown, resolver=resolver, at=AT, **ASKED)
    assert (report.verdict, report.credentials, resolver.asked) == ("not_verified", (), [])


def test_attack_an_answer_of_many_presentations_has_one_budget() -> None:
    part = dcql.Part("a", "ldp_vc", bound=False, multiple=True)
    items = [signed(id=f"urn:uuid:{n}", status=_places(f"l{n}")) for n in range(4)]
    resolver = Counting()
    openid4vp.verify_answer(
        {"a": items}, query=dcql.Query((part,)), nonce="n", client_id="x", resolver=resolver, at=AT
    )
    assert LIST_URL not in resolver.asked and len(resolver.asked) == MAX_QUESTIONS
