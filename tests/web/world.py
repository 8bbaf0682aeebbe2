"""One of everything, in the home institution: rows that every address of the site can be asked about.

Whatever only the home institution (or the learner herself) may read carries the word `SECRET`.
"""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.utils import timezone
from PIL import Image

from fieldstone.server.assessment import actions as assessment
from fieldstone.server.assessment.models import Review, Seat
from fieldstone.server.awards import actions as awards
from fieldstone.server.awards.models import Award
from fieldstone.server.backpack import actions as backpack
from fieldstone.server.backpack.models import Pickup
from fieldstone.server.calibration.models import Calibration
from fieldstone.server.catalog import actions as catalog
from fieldstone.server.catalog.models import Version
from fieldstone.server.delivery import actions as delivery
from fieldstone.server.delivery import rules as delivery_rules
from fieldstone.server.evidence import actions as evidence
from fieldstone.server.evidence.models import Artifact, Enrollment, Submission
from fieldstone.server.journeys import bring_credential, confirm_decision, fill_wallet
from fieldstone.server.journeys.ask_credentials import ask_credentials, wanted
from fieldstone.server.journeys.award_list import award_list
from fieldstone.server.journeys.show_credentials import show
from fieldstone.server.journeys.submit_evidence import submit_evidence
from fieldstone.server.pathways import actions as pathways
from fieldstone.server.pathways.models import Nudge
from fieldstone.server.people import actions as people
from fieldstone.server.people.models import Membership, User
from fieldstone.server.people.rules import ROLES
from fieldstone.server.recognition import actions as recognition
from fieldstone.server.reference.models import Framework, FrameworkItem, Occupation, Release
from fieldstone.server.study import actions as study
from fieldstone.server.wallets import actions as wallets
from fieldstone.server.workplace import actions as workplace
from tests.assessment.kit import NO, YES, exemplar, fill, hand
from tests.awards.makers import make_review
from tests.backpack.makers import signed
from tests.cast import Cast, make_person, make_version, text
from tests.connections.kit import BACK, CHALLENGE, connect, make_app
from tests.pathways.makers import hold, make_stack, some_of, stack_body
from tests.workplace.makers import make_form, place

SECRET = "heronatdusk"
WORDS = f"I watched two children at the blocks for ten minutes, {SECRET}."


@dataclass
class World:
    """The cast and the rows. `things` are by the names that addresses use for them; `kept` is what walks found out."""

    cast: Cast
    away_staff: User
    things: dict[str, Any] = field(default_factory=dict)
    kept: dict[Any, Any] = field(default_factory=dict)

    def person(self, path: str) -> User:
        """Somebody by name: "learner", "home.first", "away_staff"."""
        found: Any = self.away_staff if path == "away_staff" else self.cast
        if path != "away_staff":
            for step in path.split("."):
                found = getattr(found, step)
        assert isinstance(found, User)
        return found


def photo(color: tuple[int, int, int] = (200, 190, 170), name: str = "notes.jpg") -> io.BytesIO:
    """A small JPEG, with a name."""
    out = io.BytesIO()
    Image.new("RGB", (64, 48), color).save(out, "JPEG")
    out.name = name
    out.seek(0)
    return out


def write(learner: User, version: Version, at: datetime) -> Enrollment:
    """Start and fill in everything that the cast's definition asks for; nothing is sent."""
    enrollment = evidence.start(micro_credential=version.micro_credential, by=learner, at=at)
    typed = {part: evidence.Typed(text=WORDS, base=0) for part in ("setting", "reflection")}
    evidence.save(enrollment=enrollment, draft=evidence.Draft(answers=typed, permission=True), by=learner, at=at)
    evidence.attach(
        enrollment=enrollment, part="notes", file=photo(), name=f"{SECRET}.jpg", by=learner, at=at, key=str(uuid4())
    )
    return enrollment


def make_world(cast: Cast, at: datetime) -> World:
    """Everything, for the cast's learner and the home institution's people."""
    home, learner = cast.home, cast.learner
    away_staff = make_person("Every Role Away", at)
    for role in ROLES:
        Membership.objects.create(user=away_staff, organization=cast.away.organization, role=role, granted_at=at)
    for user in (learner, cast.other_learner):
        Membership.objects.create(user=user, organization=home.organization, role="learner", granted_at=at)
    world = World(cast, away_staff)
    names = ("drafting", "checking", "scoring", "confirming", "moderating", "earned", "appealed", "outside")
    versions = {name: make_version(home.program, at, slug=name) for name in names}
    things = world.things
    things |= {
        "org": home.organization.slug,
        "slug": "observing",
        "number": 1,
        "version": home.version.pk,
        "micro_credential": home.micro_credential.pk,
        "program": home.program.pk,
        "framework": _framework(at), "rubric_query": "item=rubric",
        "learner": learner.pk,
        "part": "notes",
        "membership": Membership.objects.get(user=home.coach).pk,
        "kind": "s",
        "ending": "png",
        "name": "turnaround",
        "job": "39-9011.00",
    }
    onet = Release.objects.create(kind="onet", version="x", imported_at=at, is_current=True, rows=1)
    Occupation.objects.create(release=onet, code="39-9011.00", soc="39-9011", title_en="Childcare Workers")
    _drafts(world, versions["drafting"], at)
    _reviews(world, versions, at)
    _stacks_and_promises(world, versions, at)
    _wallets(world)
    _deliveries(world)
    cohort = study.create_cohort(
        organization=home.organization, program=home.program, name=f"Cohort {SECRET}", closed_network=False,
        starts_on=date(2026, 9, 1), by=home.lead, at=at,
    )  # fmt: skip
    study.join_cohort(cohort=cohort, learner=learner, coach=home.coach, by=home.lead, at=at)
    passkey = Authenticator.objects.create(
        user=learner, type="webauthn", data={"name": SECRET, "credential": {"id": "AQ", "rawId": "AQ"}}
    )
    paper, _code = people.add_learner(
        organization=home.organization, name="Paper Learner", language="en", by=home.coach, at=at
    )
    things |= {
        "paper_learner": paper.pk,
        "calendar_token": people.calendar_token(people.open_calendar(user=learner, at=at)),
        "cohort": cohort.pk,
        "pk": passkey.pk,
        "exemplar": exemplar(home, at, title=f"Example {SECRET}").pk,
        "phrase": assessment.add_phrase(
            organization=home.organization, en=f"Say {SECRET}.", es=f"Diga {SECRET}.", by=home.author, at=at
        ).pk,
        "draft_version": make_version(home.program, at, slug="unfinished", published=False, summary=text(SECRET)).pk,
    }
    for name, title in (("brought", f"Badge {SECRET}"), ("shown_brought", "Shown badge")):
        row, _new = bring_credential.bring(learner=learner, data=signed(title), source="file", at=at)
        things[name] = row.pk
    backpack.share(brought=row, audience="link", by=learner, at=at)
    app = make_app(at)
    connect(app, learner, at)
    things |= {
        "organization": home.organization.pk,
        "connection": learner.connections.get().pk,
        "app_query": urlencode(
            {
                "client_id": app.pk, "redirect_uri": BACK, "response_type": "code", "scope": app.scope, "state": "s-1",
                "code_challenge": CHALLENGE, "code_challenge_method": "S256",
            }
        ),
    }  # fmt: skip
    _lists(world, at)
    _work(world)
    things["draft_micro_credential"] = Version.objects.get(pk=things["draft_version"]).micro_credential_id
    return world


def _work(world: World) -> None:
    """A form for supervisors, a placement under it with hours, and a supervisor's link."""
    now, learner = timezone.now(), world.cast.learner
    version = make_form(world.cast.home.program, now)
    placement = place(version, learner, now, employer=f"Farm {SECRET}", supervisor_name=f"Sam {SECRET}")
    entry = workplace.log(
        placement=placement, day=placement.starts_on, hours=Decimal(4), text=f"Graded {SECRET}.", key="k", by=learner,
        at=now,
    )  # fmt: skip
    link = workplace.make_link(placement=placement, by_hand=False, by=learner, at=now)
    world.things |= {
        "form": version.form_id,
        "placement": placement.pk,
        "entry": entry.pk,
        "supervisor_token": workplace.link_token(link),
    }


def _lists(world: World, at: datetime) -> None:
    """A list that is looked at, one that is done, and an award from it that waits to be picked up."""
    home, things = world.cast.home, world.things
    catalog.allow_lists(program=home.program, policy="one", by=home.administrator, at=at)
    version = Version.objects.get(pk=home.version.pk)
    head = "name,email,narrative\n"
    for name, row in (
        ("batch", f"Bo {SECRET},bo@example.org,"),
        ("done_batch", f"Ana {SECRET},ana@example.org,{SECRET}"),
    ):
        batch = backpack.bring_list(
            version=version, file_name=f"{SECRET}.csv", data=f"{head}{row}".encode(), by=home.issuer, at=at
        )
        things[name] = batch.pk
    award_list(batch=backpack.start_list(batch=batch, by=home.issuer, at=at), at=at)
    pickup = Pickup.objects.get()
    things |= {"waiting_award": pickup.award_id, "pickup_token": backpack.pickup_token(pickup)}


def _drafts(world: World, version: Version, at: datetime) -> None:
    """A draft with two wordings of one answer, a file, and a file that was taken out."""
    learner = world.cast.learner
    enrollment = write(learner, version, at)
    lost = {"setting": evidence.Typed(text=f"Other words, {SECRET}, from another phone.", base=0)}
    saved = evidence.save(enrollment=enrollment, draft=evidence.Draft(answers=lost), by=learner, at=at)
    gone = evidence.attach(
        enrollment=enrollment, part="notes", file=photo((90, 90, 90)), name="dark.jpg", by=learner, at=at, key="gone"
    )
    evidence.remove(artifact=gone, by=learner, at=at)
    world.things |= {
        "enrollment": enrollment.pk,
        "artifact": Artifact.objects.get(enrollment=enrollment, removed_at=None).pk,
        "removed_artifact": gone.pk,
        "copy": saved["setting"].copy,
    }


def _reviews(world: World, versions: dict[str, Version], at: datetime) -> None:
    """One review in each of its states."""
    home, learner, things = world.cast.home, world.cast.learner, world.things
    reviews: dict[str, Review] = {}
    for name in ("checking", "scoring", "confirming", "moderating", "appealed", "outside"):
        home.organization.two_person = "approver" if name == "confirming" else "double_blind"
        home.organization.save()
        sent = submit_evidence(enrollment=write(learner, versions[name], at), by=learner, at=at)
        reviews[name] = Review.objects.get(submission=sent)
        if name != "checking":
            assessment.check_complete(review=reviews[name], by=home.second, at=at)
        for who in (home.first, home.second, home.approver):
            Calibration.objects.create(
                assessor=who, micro_credential=versions[name].micro_credential, matched=9, total=10, kappa=0.8,
                reached_at=at, valid_until=at + timedelta(days=300),
            )  # fmt: skip
    first = assessment.take(seat=Seat.objects.get(review=reviews["scoring"], kind="first"), by=home.first, at=at)
    fill(first, {"describes": "demonstrated"}, home.first, at)
    hand(reviews["confirming"], "first", YES, home.first, at)
    for name in ("moderating", "appealed"):
        hand(reviews[name], "first", NO, home.first, at)
        hand(reviews[name], "second", YES if name == "moderating" else NO, home.second, at)
    for name, kind in (("confirming", "approver"), ("moderating", "moderator")):
        seat = Seat.objects.get(review=reviews[name], kind=kind)
        things[f"{kind}_seat"] = assessment.take(seat=seat, by=home.approver, at=at).pk
    token = assessment.invite_external(
        review=reviews["outside"], name=f"Outside {SECRET}", until=at + timedelta(days=20), by=home.approver, at=at
    )
    award = confirm_decision.award(
        review=make_review(learner, versions["earned"], at, decided_by=home.approver), by=home.approver, at=at
    )
    assert award is not None
    shown = evidence.attach(
        enrollment=Enrollment.objects.get(learner=learner, version=versions["earned"]), part="notes", by=learner,
        file=photo((9, 90, 190)), name="shown.jpg", at=at, key="shown",
    )  # fmt: skip
    Artifact.objects.filter(pk=shown.pk).update(is_public=True)
    said_no = Review.objects.get(pk=reviews["appealed"].pk)
    appeal = assessment.open_appeal(review=said_no, reason=SECRET, by=learner, at=at)
    assessment.claim_appeal(appeal=appeal, by=home.approver, at=at)
    sent_artifact = Artifact.objects.get(enrollment__version=versions["scoring"])
    things |= {
        "review": reviews["scoring"].pk,
        "checking_review": reviews["checking"].pk,
        "outside_review": reviews["outside"].pk,
        "sent_enrollment": reviews["scoring"].submission.enrollment_id,
        "submission": reviews["scoring"].submission_id,
        "sent_artifact": sent_artifact.pk,
        "outside_artifact": Artifact.objects.get(enrollment__version=versions["outside"]).pk,
        "shown_artifact": shown.pk,
        "seat": first.pk,
        "token": token,
        "appeal": appeal.pk,
        "appealed_enrollment": said_no.submission.enrollment_id,
        "appealed_review": said_no.pk,
        "award": award.pk,
        "code": award.code,
        "list_id": award.slots.all()[0].list_id,
        "sha256": hashlib.sha256(award.document.body.encode()).hexdigest(),
    }


def _deliveries(world: World) -> None:
    """An offer to a wallet that waits, a wallet that has a copy, and a wallet's question."""
    award = Award.objects.get(pk=world.things["award"])
    form = {"learner": world.cast.learner, "award": award, "form": "ldp"}
    now = timezone.now()  # the pages' own clock says whether an offer still lives
    first = fill_wallet.offer(**form, key="first-offer", at=now)
    given = delivery.redeem_offer(
        offer=first, digits=delivery_rules.tx_code(settings.SECRET_KEY, first.pk), details=None, at=now
    )
    delivery.deliver(grant=given.grant, configuration="m.earned.ldp", holders=[], at=now)
    offer = fill_wallet.offer(**form, key="second-offer", at=now)
    world.things |= {
        "offer": offer.pk,
        "grant": given.grant.pk,
        "wallet_reference": delivery_rules.derive(settings.SECRET_KEY, "reference", offer.pk),
        "wallet_query": urlencode(
            {
                "response_type": "code", "client_id": "a-wallet", "redirect_uri": "https://wallet.example/back",
                "scope": "m.earned.ldp", "code_challenge": "c" * 43, "code_challenge_method": "S256",
            }
        ),
    }  # fmt: skip


def _stacks_and_promises(world: World, versions: dict[str, Version], at: datetime) -> None:
    """A published stack, one still being written, a promise on each kind of target, a claim."""
    home, learner, things = world.cast.home, world.cast.learner, world.things
    tree = some_of(1, hold(home.version), hold(versions["scoring"]), label="Two of them")
    stack = make_stack(home.program, tree, at, by=home.author).stack
    body = stack_body(tree, title=text(f"Unfinished {SECRET}"))
    unfinished = pathways.create(program=home.program, body=body, by=home.author, at=at)
    pathways.follow(learner=learner, stack=stack, at=at)
    common = {
        "organization": home.organization, "kind": "interview", "headline": text("An interview within two weeks"),
        "terms": text("For everybody who holds it."), "amount": "", "answer_days": 14, "by": home.recognizer,
        "starts_on": at.date() - timedelta(days=9), "ends_on": None, "at": at,
    }  # fmt: skip
    promise = recognition.promise(**common, micro_credential=versions["earned"].micro_credential)
    recognition.promise(**common, stack=stack)
    other = recognition.promise(**common, micro_credential=versions["earned"].micro_credential)
    award = Award.objects.get(pk=things["award"])
    whole = make_stack(home.program, hold(versions["earned"]), at, by=home.author)
    (stacked,) = confirm_decision.award_stacks(learner=learner, by=None, at=at)
    awards.sign_record(award=stacked, by=learner, at=at)
    awards.host(award=award, by=learner, at=at)
    nudge = Nudge.objects.create(learner=learner, stack=stack, credential=str(home.micro_credential.pk), told_at=at)
    claim = recognition.claim(promise=promise, award=award, note=SECRET, key="claim-1", by=learner, at=at)
    things |= {
        "whole_stack": whole.stack_id,
        "stack_award": stacked.pk,
        "stack_code": stacked.code,
        "stack": stack.pk,
        "stack_slug": stack.slug,
        "stack_version": stack.versions.get().pk,
        "unfinished_stack": unfinished.stack_id,
        "promise": promise.pk,
        "other_promise": other.pk,
        "claim": claim.pk,
        "nudge": nudge.pk,
        "target": stack.pk,
    }


def _wallets(world: World) -> None:
    """A request for credentials that waits, one that was answered from the learner's page, a link for her wallet."""
    home, learner, things = world.cast.home, world.cast.learner, world.things
    earned = Award.objects.get(pk=things["award"])
    asked = wanted("m", earned.micro_credential_id)
    common: dict[str, Any] = {
        "organization": home.organization, "asked": [asked], "needs_all": True, "purpose": "You applied for a job.",
        "keep_days": 30, "open_days": 30, "by": home.recognizer, "at": timezone.now(),
    }  # fmt: skip
    waiting = ask_credentials(**common, key="ask-1")
    answered = ask_credentials(**common, key="ask-2")
    shown = show(learner=learner, request=answered, picks={"c0-least": f"a-{earned.pk}"}, at=timezone.now())
    things |= {
        "wallet_token": waiting.token,
        "ask": waiting.pk,
        "answered_ask": answered.pk,
        "receipt": answered.reply.receipt,
        "shown": shown.pk,
        "exchange_token": wallets.offer_exchange(award=earned, by=learner, at=timezone.now()).token,
    }


def _framework(at: datetime) -> int:
    """A framework of others in two versions, with a rubric, which every author may read."""
    for number, current in ((1, False), (2, True)):
        release = Release.objects.create(
            kind="case", series="walk", version=str(number), source_name="walk.json", sha256=f"{number}" * 64,
            imported_at=at, rows=1, is_current=current,
        )  # fmt: skip
        pk = Framework.objects.create(release=release, identifier="walk", title="Care", kind="case").pk
        FrameworkItem.objects.create(release=release, framework="walk", identifier="rubric", kind="CFRubric", text_en="Sleep")
    return pk


def private_ids(world: World) -> set[str]:
    """Ids of rows that nobody outside the home institution has any business with."""
    open_to_all = {
        "org", "slug", "number", "version", "micro_credential", "program", "part", "kind", "name", "stack",
        "stack_slug", "stack_version", "promise", "other_promise", "target", "list_id", "code", "pk", "shown_artifact",
        "wallet_query", "whole_stack", "form", "stack_code", "ending", "organization", "framework",
        "rubric_query",
    }  # fmt: skip
    ids = {str(value) for name, value in world.things.items() if name not in open_to_all}
    ids |= {str(pk) for pk in Enrollment.objects.values_list("pk", flat=True)}
    return ids | {str(pk) for pk in Submission.objects.values_list("pk", flat=True)}
