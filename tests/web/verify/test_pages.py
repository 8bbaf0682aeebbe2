"""The page of an award, its files, and the page that checks anybody's credential, in both languages."""

from __future__ import annotations

import ast
import io
import json
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import translation
from pypdf import PdfReader

from fieldstone import credential
from fieldstone.credential.baked import unbake
from fieldstone.server.assessment.models import Review
from fieldstone.server.assessment.queries import Agreement
from fieldstone.server.awards import actions, checking
from fieldstone.server.awards.models import Award
from fieldstone.server.evidence.models import Artifact, Blob
from fieldstone.server.journeys import confirm_decision, withdraw_award
from fieldstone.server.web.public import story
from fieldstone.server.web.shared import check_words
from tests.awards.makers import make_review
from tests.cast import Cast, make_version
from tests.pathways.makers import all_of, hold, make_stack

ROOT = Path(__file__).resolve().parents[3]


class Nowhere:
    """A world that never answers."""

    def did(self, did: str) -> dict[str, object]:
        raise credential.Unreachable(did)

    def fetch(self, url: str) -> bytes:
        try:
            return checking.Own().fetch(url)
        except credential.Unreachable:
            raise credential.Unreachable(url) from None


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    from fieldstone.server.net import NetResolver

    class Closed(NetResolver):
        def _page(self, url: str, accept: str) -> bytes:
            raise credential.Unreachable(url)

    monkeypatch.setattr(checking, "WORLD", Closed(local=checking.Own()))


@pytest.fixture
def today(monkeypatch: pytest.MonkeyPatch, at: datetime) -> datetime:
    """The pages' clock stands still, a day after issuing."""
    later = at + timedelta(days=1)
    monkeypatch.setattr("fieldstone.server.web.public.views_verify.now", lambda: later)
    return later


@pytest.fixture
def award(cast: Cast, at: datetime, today: datetime) -> Award:
    return actions.issue(review=make_review(cast.learner, cast.home.version, at), by=cast.home.approver, at=at)


def get(path: str, language: str = "en", client: Client | None = None) -> str:
    response = (client or Client()).get(path, headers={"accept-language": language})
    assert response.status_code == 200, response.status_code
    return response.content.decode()


# --- the page -----------------------------------------------------------------------------------------


def test_a_stranger_reads_plain_words_first_then_the_checks(award: Award) -> None:
    page = get(f"/c/{award.code}/")
    assert "This credential is genuine and valid" in page
    assert "<b>Marisol Vega</b> can observe children and record what happened without judging." in page
    assert "Two trained assessors" in page
    assert "Home College" in page
    assert "9 passed, 1 could not tell" in page
    assert "The person in front of you is Marisol Vega." in page
    assert "/m/home/observing/v/1/#rubric" in page
    assert page.index("genuine and valid") < page.index("How it was checked") < page.index("The 10 checks")


def test_the_same_page_in_spanish(award: Award) -> None:
    page = get(f"/c/{award.code}/", "es")
    assert "Esta credencial es auténtica y válida" in page
    assert "<b>Marisol Vega</b> puede" in page
    assert "Observar y registrar la conducta" in page
    assert "Dos personas formadas para evaluar" in page
    assert "No se pudo saber" in page
    for english in ("Passed", "The 10 checks", "What you can do", "Who says so", "Download"):
        assert english not in page


def test_a_withdrawn_one_says_who_when_why(award: Award, cast: Cast, at: datetime) -> None:
    withdraw_award.withdraw(award=award, reason="Issued in error", by=cast.home.issuer, at=at)
    page = get(f"/c/{award.code}/")
    assert "Do not rely on this one: it was withdrawn" in page
    assert "Home College withdrew it on November 23, 2026." in page
    assert "Reason: Issued in error" in page
    assert "8 passed, 1 failed, 1 could not tell" in page
    assert "can observe children" not in page.split("</head>")[1]
    spanish = get(f"/c/{award.code}/", "es")
    assert "No confíe en esta: fue retirada" in spanish
    assert "Motivo: Issued in error" in spanish


def test_a_withdrawn_or_paused_one_is_told_of_also_where_its_list_cannot_be_asked(
    award: Award, cast: Cast, at: datetime, settings: Any
) -> None:
    settings.BASE_URL = "https://moved.example"  # the list stands in the signed file under the address of before
    assert "genuine and valid" in get(f"/c/{award.code}/")
    withdraw_award.suspend(award=award, reason="Looked into", by=cast.home.issuer, at=at)
    assert "it is paused" in get(f"/c/{award.code}/")
    withdraw_award.withdraw(award=award, reason="Issued in error", by=cast.home.issuer, at=at)
    page = get(f"/c/{award.code}/")
    assert "it was withdrawn" in page and "genuine and valid" not in page


def test_a_paused_and_an_ended_one(award: Award, cast: Cast, at: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    withdraw_award.suspend(award=award, reason="Looked into", by=cast.home.issuer, at=at)
    assert "it is paused" in get(f"/c/{award.code}/")
    withdraw_award.reinstate(award=award, by=cast.home.issuer, at=at)
    monkeypatch.setattr("fieldstone.server.web.public.views_verify.now", lambda: at + timedelta(days=4000))
    page = get(f"/c/{award.code}/")
    assert "it has ended" in page
    assert "Its last day has passed." in page


def test_an_automatic_reason_is_in_the_language_of_the_page(cast: Cast, at: datetime, today: datetime) -> None:
    make_stack(cast.home.program, hold(cast.home.version), at)
    part = confirm_decision.award(review=make_review(cast.learner, cast.home.version, at), by=None, at=at)
    stack = Award.objects.get(stack_id__isnull=False)
    withdraw_award.withdraw(award=part, reason="Error", by=cast.home.issuer, at=at)
    assert f"Se basaba en la credencial {part.code}, que fue retirada." in get(f"/c/{stack.code}/", "es")


def test_a_stack_names_its_parts_and_hides_private_links(cast: Cast, at: datetime, today: datetime) -> None:
    second = make_version(cast.home.program, at, slug="second")
    make_stack(cast.home.program, all_of(hold(cast.home.version), hold(second)), at)
    first = confirm_decision.award(review=make_review(cast.learner, cast.home.version, at), by=None, at=at)
    actions.share(award=first, audience="private", by=cast.learner, at=at)
    other = confirm_decision.award(review=make_review(cast.learner, second, at), by=None, at=at)
    stack = Award.objects.get(stack_id__isnull=False)
    page = get(f"/c/{stack.code}/")
    assert "Child Development Associate" in page
    assert f"/c/{other.code}/" in page
    assert first.code not in page
    assert first.code not in stack.document.body


def test_private_means_not_there_but_the_holder_sees_it(award: Award, cast: Cast, at: datetime) -> None:
    actions.share(award=award, audience="private", by=cast.learner, at=at)
    client = Client()
    for path in ("", "credential.json", "certificate.pdf", "badge.svg", "card.png", f"evidence/{uuid4()}"):
        assert client.get(f"/c/{award.code}/{path}").status_code == 404
    client.force_login(cast.stranger)
    assert client.get(f"/c/{award.code}/").status_code == 404
    client.force_login(cast.learner)
    page = get(f"/c/{award.code}/", client=client)
    assert "Only you can open this page." in page
    assert "linkedin.com/profile/add" in page


def test_codes_are_read_as_people_write_them(award: Award) -> None:
    response = Client().get(f"/c/{award.code.lower().replace('-', '')}/")
    assert response.status_code == 302
    assert response.headers["Location"] == f"/c/{award.code}/"


@pytest.mark.parametrize("code", ["7K3M-Q9TD-2XWP", "x", "💥", "%00", "a" * 500, "..%2f..%2fetc"])
def test_no_such_code(db: None, code: str) -> None:
    for path in ("", "credential.json", "certificate.pdf", "badge.svg"):
        assert Client().get(f"/c/{code}/{path}").status_code == 404


def test_pages_take_few_queries(award: Award, django_assert_max_num_queries: object) -> None:
    get(f"/c/{award.code}/")
    with django_assert_max_num_queries(22):  # type: ignore[operator]
        get(f"/c/{award.code}/")


def test_no_account_no_document(award: Award, cast: Cast, at: datetime) -> None:
    body = award.document.body
    actions.forget(learner=cast.learner, at=at)
    assert Client().get(f"/c/{award.code}/").status_code == 404
    page = Client().post("/check/", {"text": body}).content.decode()
    assert "This credential is genuine and valid" in page


# --- files --------------------------------------------------------------------------------------------


def test_the_file_is_served_byte_for_byte(award: Award) -> None:
    response = Client().get(f"/c/{award.code}/credential.json")
    assert response.content == award.document.body.encode()
    assert response.headers["Content-Type"] == "application/vc+ld+json"
    assert response.headers["Access-Control-Allow-Origin"] == "*"


def test_the_badge_carries_the_credential(award: Award) -> None:
    response = Client().get(f"/c/{award.code}/badge.svg")
    assert response.headers["Content-Type"] == "image/svg+xml"
    assert unbake(response.content) == award.document.body.encode()
    page = Client().post("/check/", {"file": SimpleUploadedFile("badge.svg", response.content)}).content.decode()
    assert "This credential is genuine and valid" in page


def test_the_card_for_other_sites(award: Award) -> None:
    from PIL import Image

    response = Client().get(f"/c/{award.code}/card.png")
    picture = Image.open(io.BytesIO(response.content))
    assert (picture.format, picture.size) == ("PNG", (1200, 630))
    assert f"/c/{award.code}/card.png" in get(f"/c/{award.code}/")
    assert len({picture.getpixel((600, y)) for y in range(0, 630, 10)}) >= 3


def test_the_stone_of_an_achievement(award: Award, cast: Cast, at: datetime) -> None:
    stack = make_stack(cast.home.program, hold(cast.home.version), at)
    for version in (cast.home.version.pk, stack.pk):
        response = Client().get(f"/achievements/{version}/stone.svg")
        assert response.content.startswith(b"<svg")
    assert Client().get(f"/achievements/{uuid4()}/stone.svg").status_code == 404


def walk(node: object, seen: list[str]) -> None:
    """Collect the structure types of a tagged PDF."""
    if isinstance(node, list):
        for child in node:
            walk(child, seen)
        return
    entry = node.get_object() if hasattr(node, "get_object") else node
    if isinstance(entry, dict):
        if "/S" in entry:
            seen.append(str(entry["/S"]))
        if "/K" in entry:
            walk(entry["/K"], seen)
    elif isinstance(entry, list):
        walk(entry, seen)


@pytest.mark.parametrize(("paper", "size"), [("letter", (612, 792)), ("a4", (595, 842))])
@pytest.mark.parametrize("language", ["en", "es"])
def test_the_certificate_is_one_tagged_sheet_with_the_code(
    award: Award, paper: str, size: tuple[int, int], language: str
) -> None:
    response = Client().get(f"/c/{award.code}/certificate.pdf?paper={paper}", headers={"accept-language": language})
    assert response.headers["Content-Type"] == "application/pdf"
    reader = PdfReader(io.BytesIO(response.content))
    assert len(reader.pages) == 1
    box = reader.pages[0].mediabox
    assert (round(float(box.width)), round(float(box.height))) == size
    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert str(root["/Lang"]).startswith(language)
    assert b"pdfuaid:part" in response.content or "pdfuaid" in str(root["/Metadata"].get_data())
    seen: list[str] = []
    walk(root["/StructTreeRoot"]["/K"], seen)
    assert {"/H1", "/H2", "/P", "/Figure"} <= set(seen)
    words = reader.pages[0].extract_text()
    assert award.code in words
    assert "Marisol Vega" in words
    title = {"en": "Observing and", "es": "Observar y"}[language]
    assert title in words


def test_the_code_on_paper_leads_to_the_page(award: Award) -> None:
    """The QR code holds the address of the page: drawn again from that address it is the same picture."""
    from fieldstone.server.web.public import certificate

    assert certificate._qr(f"http://127.0.0.1:8000/c/{award.code}/") != certificate._qr("http://127.0.0.1:8000/c/X/")
    made = certificate._content(award, paper="letter", language="en", at=award.issued_at)
    assert made["qr"] == certificate._qr(f"http://127.0.0.1:8000/c/{award.code}/")


def test_a_long_certificate_is_still_one_sheet(cast: Cast, at: datetime, today: datetime) -> None:
    words = "Planning and leading an outdoor learning day for children of mixed ages with their families and neighbors"
    version = make_version(
        cast.home.program, at, slug="long", title={"en": words, "es": words},
        can_do={"en": ("plan and lead " * 28).strip(), "es": "x"}, clock_hours={}, valid_months=None,
    )  # fmt: skip
    cast.learner.name = "María de los Ángeles Guadalupe Hernández-Villanueva de la Torre y Echeverría"
    cast.learner.save()
    made = actions.issue(review=make_review(cast.learner, version, at), by=None, at=at)
    for paper in ("letter", "a4"):
        response = Client().get(f"/c/{made.code}/certificate.pdf?paper={paper}")
        assert len(PdfReader(io.BytesIO(response.content)).pages) == 1


def test_a_stack_has_a_certificate_too(cast: Cast, at: datetime, today: datetime) -> None:
    make_stack(cast.home.program, hold(cast.home.version), at)
    confirm_decision.award(review=make_review(cast.learner, cast.home.version, at), by=None, at=at)
    stack = Award.objects.get(stack_id__isnull=False)
    words = PdfReader(io.BytesIO(Client().get(f"/c/{stack.code}/certificate.pdf").content)).pages[0].extract_text()
    assert "has completed" in words
    assert "120 hours" in words


def test_a_certificate_is_made_once(award: Award, monkeypatch: pytest.MonkeyPatch) -> None:
    first = Client().get(f"/c/{award.code}/certificate.pdf").content
    monkeypatch.setattr("fieldstone.server.web.public.certificate.make", lambda *_a, **_k: 1 / 0)
    assert Client().get(f"/c/{award.code}/certificate.pdf").content == first


def test_a_machine_without_pango_serves_everything_else(
    award: Award, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "weasyprint.py").write_text("raise OSError('cannot load library libpango-1.0-0')")
    for name in [name for name in sys.modules if name.partition(".")[0] == "weasyprint"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.syspath_prepend(tmp_path)
    response = Client().get(f"/c/{award.code}/certificate.pdf")
    assert response.status_code == 503
    assert "Save the signed file instead" in response.content.decode()
    assert Client().get(f"/c/{award.code}/").status_code == 200


def test_a_leaving_person_leaves_no_certificate_behind(award: Award, cast: Cast, at: datetime) -> None:
    from django.core.files.storage import default_storage

    from fieldstone.server.management import worker

    Client().get(f"/c/{award.code}/certificate.pdf")
    folder = f"certificates/{award.sha256}"
    assert len(default_storage.listdir(folder)[1]) == 1
    actions.forget(learner=cast.learner, at=at)
    worker.drain(at=at)
    assert default_storage.listdir(folder)[1] == []


def test_leaving_without_a_certificate_is_no_error(award: Award, cast: Cast, at: datetime) -> None:
    from fieldstone.server.ledger.models import Task
    from fieldstone.server.management import worker

    actions.forget(learner=cast.learner, at=at)
    worker.drain(at=at)
    assert Task.objects.get(handler="erase_certificates").done_at == at


def test_what_does_not_hold_has_no_certificate(award: Award, cast: Cast, at: datetime) -> None:
    withdraw_award.withdraw(award=award, reason="Error", by=cast.home.issuer, at=at)
    response = Client().get(f"/c/{award.code}/certificate.pdf")
    assert (response.status_code, response.headers["Location"]) == (302, f"/c/{award.code}/")


def test_public_evidence_is_shown_safely_and_nothing_else(award: Award, cast: Cast, at: datetime) -> None:
    from django.core.files.storage import default_storage

    assert award.review is not None
    enrollment = award.review.submission.enrollment
    files = {}
    for kind, media, public in (
        ("photo", "image/jpeg", True),
        ("document", "text/html", True),
        ("photo", "image/png", False),
    ):
        blob = Blob.objects.create(sha256=uuid4().hex * 2, size=4, media_type=media, stored_at=at)
        default_storage.save(blob.path, ContentFile(b"data"))
        files[media] = Artifact.objects.create(
            enrollment=enrollment, part="notes", kind=kind, title=media, blob=blob, is_public=public, added_at=at
        )
    photo = Client().get(f"/c/{award.code}/evidence/{files['image/jpeg'].pk}")
    assert (photo.headers["Content-Type"], b"".join(photo.streaming_content)) == ("image/jpeg", b"data")  # type: ignore[attr-defined]
    assert "sandbox" in photo.headers["Content-Security-Policy"]
    document = Client().get(f"/c/{award.code}/evidence/{files['text/html'].pk}")
    assert document.headers["Content-Type"] == "application/octet-stream"
    assert document.headers["Content-Disposition"].startswith("attachment")
    for hidden in (files["image/png"].pk, uuid4()):
        assert Client().get(f"/c/{award.code}/evidence/{hidden}").status_code == 404


# --- anybody's credential -----------------------------------------------------------------------------


def test_the_check_page_asks_for_one_of_three(db: None) -> None:
    assert "Check a credential" in get("/check/")
    assert "Verificar una credencial" in get("/check/", "es")
    response = Client().post("/check/", {})
    assert response.status_code == 422
    assert 'href="#text"' in response.content.decode()


def test_a_typed_code_or_address_of_ours_leads_to_its_page(award: Award) -> None:
    for typed in (
        award.code,
        award.code.lower(),
        f"http://127.0.0.1:8000/c/{award.code}/",
        f"http://127.0.0.1:8000/c/{award.code}/credential.json",
    ):
        response = Client().post("/check/", {"text": typed})
        assert (response.status_code, response.headers["Location"]) == (302, f"/c/{award.code}/"), typed
    response = Client().post("/check/", {"url": f"http://127.0.0.1:8000/c/{award.code}/"})
    assert response.status_code == 302


def test_an_unknown_code_keeps_what_was_typed(db: None) -> None:
    response = Client().post("/check/", {"text": "7K3M-Q9TD-2XWP"})
    assert response.status_code == 422
    page = response.content.decode()
    assert "No credential has this code." in page
    assert "7K3M-Q9TD-2XWP" in page


def test_a_pasted_file_of_ours_knows_its_reason(award: Award, cast: Cast, at: datetime) -> None:
    body = award.document.body
    assert "genuine and valid" in Client().post("/check/", {"text": body}).content.decode()
    changed = Client().post("/check/", {"text": body.replace("Marisol", "Marisa")}).content.decode()
    assert "Do not rely on this one" in changed
    assert "Marisa" not in changed
    withdraw_award.withdraw(award=award, reason="Issued in error", by=cast.home.issuer, at=at)
    assert "Reason: Issued in error" in Client().post("/check/", {"text": body}).content.decode()


def test_a_stranger_issuer_is_could_not_tell_not_green_by_hiding(db: None, at: datetime, today: datetime) -> None:
    key = credential.generate_key()
    issuer = credential.Profile(id=key.controller, name="Elsewhere College")
    achievement = credential.Achievement(
        id="https://elsewhere.example/a/1",
        name="Welding",
        description="Can weld.",
        criteria=credential.Criteria(narrative="Weld."),
    )
    document = credential.build(
        credential.Credential(
            id="https://elsewhere.example/c/AAAA-BBBB-CCCC/credential.json",
            issuer=issuer,
            name="Welding",
            achievement=achievement,
            valid_from=at,
            identities=(credential.Identity.of_name("Ana Ruiz"),),
        )
    )
    body = credential.dumps(credential.sign(document, key=key, created=at)).decode()
    page = Client().post("/check/", {"text": body}).content.decode()
    assert "It is unchanged, but we do not know who issued it" in page and "genuine" not in page
    assert 'class="verdict ask"' in page and "The file says of itself: Elsewhere College." in page
    assert key.controller in page
    assert "This site knows nothing about this issuer." in page
    assert "Ana Ruiz." in page  # whom the person should be, in check 10
    web = key.controlled_by("did:web:elsewhere.example")
    document["issuer"]["id"] = web.controller
    unreachable = credential.dumps(credential.sign(document, key=web, created=at)).decode()
    page = Client().post("/check/", {"text": unreachable}).content.decode()
    assert "We could not check everything" in page
    assert "Ana Ruiz" not in page


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "This is not a credential that we can read"),
        ("[]", "It is JSON, and no credential."),
        ('{"a": 1, "a": 2}', "It says one thing twice."),
        ('{"hello": "there"}', "Do not rely on this one"),
        ("not a credential at all", "This is not a credential that we can read"),
    ],
)
def test_rubbish_is_answered_in_words(db: None, text: str, words: str) -> None:
    response = Client().post("/check/", {"text": text})
    assert response.status_code == 200
    assert words in response.content.decode()


@pytest.mark.parametrize(
    "data", [b"\x00\xff\xfe", b"\x89PNG\r\n\x1a\n", b"<svg", b"<!DOCTYPE x [<!ENTITY a 'b'>]><svg/>", b""]
)
def test_binary_rubbish_is_no_error(db: None, data: bytes) -> None:
    assert Client().post("/check/", {"file": SimpleUploadedFile("x.bin", data)}).status_code in (200, 422)


def test_oversize_is_refused(db: None) -> None:
    big = SimpleUploadedFile("x.json", b"{" * 2_000_001)
    response = Client().post("/check/", {"file": big})
    assert response.status_code == 422
    assert 'href="#file"' in response.content.decode()
    response = Client().post("/check/", {"text": "x" * 300_001})
    assert (response.status_code, 'href="#text"' in response.content.decode()) == (422, True)


@pytest.mark.parametrize(
    "url", ["ftp://example.org/x", "javascript:alert(1)", "https://x y", "https://unreachable.example/c"]
)
def test_an_address_that_does_not_answer_names_its_field(db: None, url: str) -> None:
    response = Client().post("/check/", {"url": url})
    assert response.status_code == 422
    assert 'href="#url"' in response.content.decode()


def test_an_address_of_our_own_status_list_is_checked_too(award: Award) -> None:
    slot = award.slots.first()
    assert slot is not None
    page = Client().post("/check/", {"url": f"http://127.0.0.1:8000/status/{slot.list_id}"})
    assert page.status_code == 200
    for path in ("status/00000000-0000-0000-0000-000000000000", "status/x", "elsewhere"):
        assert Client().post("/check/", {"url": f"http://127.0.0.1:8000/{path}"}).status_code == 422


def test_too_many_checks_are_told_to_wait(db: None, settings: object) -> None:
    settings.CHECKS_PER_MINUTE = 2  # type: ignore[attr-defined]
    client = Client(REMOTE_ADDR="203.0.113.7")
    assert [client.post("/check/", {"text": "{"}).status_code for _ in range(3)] == [200, 200, 429]
    assert Client(REMOTE_ADDR="203.0.113.8").post("/check/", {"text": "{"}).status_code == 200


def test_other_methods_are_refused(award: Award) -> None:
    assert Client().put("/check/").status_code == 405
    assert Client().post(f"/c/{award.code}/").status_code == 405


# --- words --------------------------------------------------------------------------------------------


def answers_of_the_library() -> set[tuple[str, str]]:
    """Every (check name, code) that stands literally in the library's code."""
    found = set()
    for path in (ROOT / "src" / "fieldstone" / "credential").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "made" and len(node.args) > 2:
                name, code = node.args[0], node.args[2]
                if isinstance(code, ast.Call) and getattr(code.func, "attr", "") == "left_open":
                    code = code.args[0]
                if isinstance(name, ast.Constant) and isinstance(code, ast.Constant):
                    found.add((str(name.value), str(code.value)))
    return found


def test_every_answer_of_the_library_has_words_in_both_languages() -> None:
    wanted = answers_of_the_library()
    assert len(wanted) > 30
    assert wanted <= set(check_words.ANSWERS)
    assert credential.Spent("").code in check_words.CODES
    assert {name for _number, name, _question, _reference in credential.CHECKS} == set(check_words.TITLES)
    words = [
        *check_words.TITLES.values(),
        *check_words.ANSWERS.values(),
        *check_words.CODES.values(),
        *check_words.PLAIN.values(),
    ]
    words += [text for pair in check_words.HEADINGS.values() for text in pair]
    with translation.override("es"):
        assert [text for text in words if translation.gettext(text) == text] == []


@pytest.mark.parametrize(
    ("kappa", "n", "words"),
    [
        (0.85, 310, "very well: kappa 0.85, range 0.71 to 0.95, over 310"),
        (0.7, 40, "each other well"),
        (0.5, 40, "moderately"),
        (0.1, 40, "do not agree well yet"),
        (0.9, 19, ""),
        (None, 40, ""),
    ],
)
def test_agreement_in_words(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, kappa: float | None, n: int, words: str
) -> None:
    found = Agreement(n, n, 1.0, kappa, 0.71, 0.95)
    monkeypatch.setattr("fieldstone.server.web.public.story.assessment.agreement", lambda _mc: found)
    said = story.agreement_words(cast.home.micro_credential)
    assert (words in said) if words else said == ""
    monkeypatch.setattr("fieldstone.server.web.public.story.assessment.agreement", lambda _mc: 1 / 0)
    assert story.agreement_words(cast.home.micro_credential) == said


def test_agreement_without_an_interval(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    found = Agreement(30, 30, 1.0, 1.0, None, None)
    monkeypatch.setattr("fieldstone.server.web.public.story.assessment.agreement", lambda _mc: found)
    assert story.agreement_words(cast.home.micro_credential).endswith("kappa 1.00 over 30 pairs of scores.")


def test_without_its_review_the_document_tells(award: Award) -> None:
    Review.objects.all().delete()
    assert "Two trained assessors judged it" in get(f"/c/{award.code}/")
    assert json.loads(Client().get(f"/c/{award.code}/credential.json").content)["id"].endswith("credential.json")
