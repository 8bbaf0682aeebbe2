"""Mails, as plain text in the language of the person: short, with one link. Sent by the worker from the ledger."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import Q
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from fieldstone.server.assessment.models import Review
from fieldstone.server.awards import queries as awarded
from fieldstone.server.awards.models import Award
from fieldstone.server.awards.rules import NOBODY, automatic, page_url, pick
from fieldstone.server.backpack import queries as backpack
from fieldstone.server.backpack.actions import pickup_token
from fieldstone.server.backpack.models import Pickup
from fieldstone.server.backpack.rules import pickup_state
from fieldstone.server.evidence.models import Submission
from fieldstone.server.ledger.models import Entry, Task
from fieldstone.server.pathways.models import StackVersion
from fieldstone.server.pathways.queries import Note
from fieldstone.server.people.models import Membership, User
from fieldstone.server.recognition.models import Claim
from fieldstone.server.wallets.models import Reply
from fieldstone.server.workplace.actions import link_token
from fieldstone.server.workplace.models import Placement, SupervisorLink
from fieldstone.server.workplace.rules import link_state


def send(to: User | None, subject: str, lines: Iterable[str], entry: Entry, kind: str) -> None:
    """One mail to a person who has an address; nobody else is written to. A second delivery has the same id."""
    if to is None or not to.email or not to.is_active:
        return
    end = _("Fieldstone sent this because of your account at %(url)s.") % {"url": settings.BASE_URL}
    _deliver(to.email, subject, [*lines, end], f"{entry.pk}.{kind}.{to.pk}")


def _deliver(address: str, subject: str, lines: Iterable[str], name: str) -> None:
    host = urlsplit(settings.BASE_URL).hostname
    EmailMessage(
        subject=" ".join(subject.split()),
        body="\n\n".join(line for line in lines if line) + "\n",
        to=[address],
        headers={"Message-ID": f"<{name}@{host}>"},
    ).send()


def _url(path: str) -> str:
    return f"{settings.BASE_URL}{path}"


def received(submission: Submission, entry: Entry) -> None:
    """The receipt for what a learner sent, with its code and the promised date."""
    enrollment = submission.enrollment
    learner = enrollment.learner
    review = Review.objects.filter(submission=submission).first()
    with translation.override(learner.language):
        title = pick(enrollment.version.parsed.title, learner.language)
        send(
            learner,
            _("Received: %(title)s") % {"title": title},
            [
                _("We received what you sent for “%(title)s”. Your receipt is %(code)s.")
                % {"title": title, "code": submission.code},
                _("You get an answer by %(day)s.") % {"day": date_format(review.due_at, "DATE_FORMAT")}
                if review
                else "",
                _url("/path/"),
            ],
            entry,
            "received",
        )


def decision(review: Review, entry: Entry) -> None:
    """The answer is there. What it says is read on the page, behind the sign-in."""
    learner = review.submission.enrollment.learner
    with translation.override(learner.language):
        title = pick(review.submission.enrollment.version.parsed.title, learner.language)
        words = {
            "demonstrated": _("Every criterion of “%(title)s” was demonstrated."),
            "not_yet": _("Some criteria of “%(title)s” are not there yet. You keep the ones you showed."),
            "incomplete": _("Something is missing in what you sent for “%(title)s”. It was not judged yet."),
            "withdrawn": _("Your work on “%(title)s” was taken back from review."),
        }
        send(
            learner,
            _("Your answer: %(title)s") % {"title": title},
            [
                words[review.outcome] % {"title": title},
                _("Read the words of those who looked at it:"),
                _url("/path/"),
            ],
            entry,
            "decision",
        )


def appeal(review: Review, entry: Entry) -> None:
    """Somebody else has looked again."""
    learner = review.submission.enrollment.learner
    with translation.override(learner.language):
        title = pick(review.submission.enrollment.version.parsed.title, learner.language)
        words = _("Somebody else has looked at “%(title)s” again. Read the answer on your page:") % {"title": title}
        send(learner, _("Second look: %(title)s") % {"title": title}, [words, _url("/path/")], entry, "appeal")


def name_needed(review: Review, entry: Entry) -> None:
    """The credential waits for the name that it will carry."""
    learner = review.submission.enrollment.learner
    with translation.override(learner.language):
        title = pick(review.submission.enrollment.version.parsed.title, learner.language)
        send(
            learner,
            _("Your name is needed: %(title)s") % {"title": title},
            [
                _("You earned “%(title)s”. Write your name, and the credential follows by itself.") % {"title": title},
                _url("/account/"),
            ],
            entry,
            "name",
        )


def _title(award: Award) -> Mapping[str, str]:
    """What an award is for, in both languages."""
    for version in StackVersion.objects.filter(pk=award.stack_version_id or NOBODY):
        words: Mapping[str, str] = version.definition["title"]
        return words
    return awarded.title(award)


def about_award(award: Award, entry: Entry, kind: str) -> None:
    """An award was issued, issued again, withdrawn, paused or taken up again."""
    learner = award.learner
    if learner is None:
        _about_waiting(award, entry, kind)
        return
    with translation.override(learner.language):
        title = pick(_title(award), learner.language)
        reason = str(entry.data.get("reason", ""))
        why = _why(reason)
        contact = _("Questions? Write to %(email)s.") % {"email": award.organization.email}
        subjects = {
            "issued": _("You earned: %(title)s"),
            "again": _("Issued again: %(title)s"),
            "withdrawn": _("Withdrawn: %(title)s"),
            "suspended": _("Paused: %(title)s"),
            "reinstated": _("Valid again: %(title)s"),
        }
        words = {
            "issued": _("Your credential “%(title)s” is signed and yours. Anybody with this link can check it:"),
            "again": _(
                "%(organization)s issued your credential “%(title)s” again, in the place of the one that was withdrawn."
                " Take the new file, and add it to your wallet again. Anybody with this link can check it:"
            ),
            "withdrawn": _("%(organization)s withdrew your credential “%(title)s”."),
            "suspended": _("%(organization)s paused your credential “%(title)s” while something is looked into."),
            "reinstated": _("Your credential “%(title)s” is valid again."),
        }
        values = {"title": title, "organization": award.organization.full_name}
        send(
            learner,
            subjects[kind] % values,
            [
                words[kind] % values,
                why,
                page_url(settings.BASE_URL, award.code),
                contact if kind in ("withdrawn", "suspended") and award.organization.email else "",
            ],
            entry,
            kind,
        )


def _why(reason: str) -> str:
    message, params = automatic(reason) if reason else ("", {})
    return _("Reason: %(reason)s") % {"reason": _(message) % params} if reason else ""


def _about_waiting(award: Award, entry: Entry, kind: str) -> None:
    """An award that nobody has picked up yet does not hold, or holds again: its link's address is told."""
    last = backpack.last_told(award)
    if last is None or kind not in ("withdrawn", "suspended", "reinstated"):
        return
    sending = Task.objects.filter(handler="mail_pickup", entry__subject_id=last.pk)
    if kind == "withdrawn" and sending.filter(Q(done_at=None) | Q(done_at__gte=entry.at)).exists():
        return  # she has not heard of it yet, and will not
    with translation.override(last.language):
        values = {"title": pick(_title(award), last.language), "organization": award.organization.full_name}
        subject, words = {
            "withdrawn": (
                _("Withdrawn: %(title)s"),
                _("%(organization)s withdrew the credential “%(title)s” that waited for you."),
            ),
            "suspended": (
                _("Paused: %(title)s"),
                _("%(organization)s paused the credential “%(title)s” that waits for you, while something is"
                  " looked into."),
            ),
            "reinstated": (
                _("Valid again: %(title)s"), _("The credential “%(title)s” that waits for you is valid again.")
            ),
        }[kind]  # fmt: skip
        contact = _("Questions? Write to %(email)s.") % {"email": award.organization.email}
        end = _("You get this because %(organization)s wrote your address beside your name. No account is needed.")
        lines = [
            words % values,
            _why(str(entry.data.get("reason", ""))),
            _url(f"/pickup/{pickup_token(last)}/"),
            contact if kind != "reinstated" and award.organization.email else "",
            end % values,
        ]
        _deliver(last.email, subject % values, lines, f"{entry.pk}.{kind}.{last.pk}")


def pickup(pickup: Pickup, entry: Entry) -> None:
    """Somebody without an account gets the link to her credential. A link that was used or replaced is not sent."""
    award = pickup.award
    if not pickup.email or pickup_state(pickup, entry.at) != "open" or award.revoked_at is not None:
        return
    with translation.override(pickup.language):
        title, issuer = pick(_title(award), pickup.language), award.organization.full_name
        end = _("You get this because %(organization)s wrote your address beside your name. No account is needed.")
        _deliver(
            pickup.email,
            _("A credential for you: %(title)s") % {"title": title},
            [
                _("%(name)s, %(organization)s recorded that you earned “%(title)s”.")
                % {"name": pickup.name, "organization": issuer, "title": title},
                _("See it, download it, or make it yours:"),
                _url(f"/pickup/{pickup_token(pickup)}/"),
                _("The link works until %(day)s. If you are not this person, say so there.")
                % {"day": date_format(pickup.expires_at, "DATE_FORMAT")},
                end % {"organization": issuer},
            ],
            f"{entry.pk}.pickup.{pickup.pk}",
        )


def not_me(pickup: Pickup, entry: Entry) -> None:
    """The issuers learn that a link went to a wrong person."""
    organization = pickup.award.organization
    staff = Membership.objects.filter(organization=organization, role="issuer", ended_at=None)
    for member in staff.select_related("user"):
        with translation.override(member.user.language):
            title = pick(_title(pickup.award), member.user.language)
            send(
                member.user,
                _("A link went to somebody else: %(title)s") % {"title": title},
                [
                    _("Whoever reads mail at the address of %(name)s says: this is not me. The link has ended.")
                    % {"name": pickup.name},
                    _("Send it to the right address, or withdraw the credential:"),
                    _url(f"/o/{organization.slug}/issue/{pickup.award_id}/"),
                ],
                entry,
                "not-me",
            )


def claimed(claim: Claim, entry: Entry) -> None:
    """A recognizer's people learn that somebody holds them to a promise."""
    organization = claim.promise.organization
    staff = Membership.objects.filter(organization=organization, role="recognizer", ended_at=None)
    for member in staff.select_related("user"):
        language = member.user.language
        with translation.override(language):
            headline = pick(claim.promise.headline, language)
            day = date_format(claim.due_at, "DATE_FORMAT")
            send(
                member.user,
                _("A promise was claimed: %(promise)s") % {"promise": headline},
                [
                    _("Somebody with the credential claimed your promise “%(promise)s”. Please answer by %(day)s.")
                    % {"promise": headline, "day": day},
                    _url(f"/o/{organization.slug}/promises/claims/"),
                ],
                entry,
                "claimed",
            )


def claim_answered(claim: Claim, entry: Entry) -> None:
    """The learner learns what came of her claim."""
    if claim.learner is None:
        return
    with translation.override(claim.learner.language):
        headline = pick(claim.promise.headline, claim.learner.language)
        kept = _("%(organization)s kept its promise “%(promise)s”.")
        declined = _("%(organization)s declined your claim to “%(promise)s”.")
        words = (kept if claim.outcome == "kept" else declined) % {
            "organization": claim.promise.organization.full_name,
            "promise": headline,
        }
        why = _("Reason: %(reason)s") % {"reason": claim.reason} if claim.reason else ""
        subject = _("Answer about a promise: %(promise)s") % {"promise": headline}
        send(claim.learner, subject, [words, why, _url("/path/promises/")], entry, "claim-answered")


def shown(reply: Reply, entry: Entry) -> None:
    """Whoever asked for credentials learns that somebody answered; the answer is read behind the sign-in."""
    asked = reply.request
    if asked.made_by is None:
        return
    with translation.override(asked.made_by.language):
        send(
            asked.made_by,
            _("Somebody showed the credentials that you asked for"),
            [
                _("You asked: %(purpose)s") % {"purpose": asked.purpose},
                _("What was shown, and how it was checked:"),
                _url(f"/o/{asked.organization.slug}/promises/asks/{asked.pk}/"),
            ],
            entry,
            "shown",
        )


def supervisor(link: SupervisorLink, entry: Entry) -> None:
    """A supervisor without an account gets her link. One that was used up or replaced is not sent."""
    placement = link.placement
    if not link.email or link_state(link, entry.at) != "open" or placement.closed_at is not None:
        return
    with translation.override(link.language):
        words = {
            "name": link.name,
            "learner": placement.learner.name or _("a learner"),
            "employer": placement.employer,
            "organization": placement.organization.full_name,
        }
        _deliver(
            link.email,
            _("%(learner)s asks you to confirm work at %(employer)s") % words,
            [
                _(
                    "%(name)s, %(learner)s works at %(employer)s as a part of a program of %(organization)s, and says"
                    " that you supervise that work."
                )
                % words,
                _("Please look at the hours, and say on a short form what you saw. No account is needed:"),
                _url(f"/work/{link_token(link)}/"),
                _("You can stop and come back until %(day)s. If you are not the supervisor, say so there.")
                % {"day": date_format(link.expires_at, "DATE_FORMAT")},
                _("You get this because %(learner)s wrote your address.") % words,
            ],
            f"{entry.pk}.supervisor.{link.pk}",
        )


def nudge(note: Note, entry: Entry) -> None:
    """The learner reads that one step is left to a stack, where to look, and how to get no more of these."""
    learner, version = note.nudge.learner, note.version
    with translation.override(learner.language):
        words = {
            "stack": pick(note.stack, learner.language),
            "title": pick(version.parsed.title, learner.language),
            "hours": version.hours,
        }
        send(
            learner,
            _("One step is left: %(stack)s") % words,
            [
                _("“%(title)s” is all that “%(stack)s” still asks for: about %(hours)s hours of work.") % words,
                _("There is no date for it, and nothing is lost if you wait. Read what it asks for:"),
                _url(f"/m/{version.micro_credential.organization.slug}/{version.micro_credential.slug}/"),
                _("You get this note once. If you want no notes like this, say so on your account page:"),
                _url("/account/"),
            ],
            entry,
            "nudge",
        )


def _workplace(placement: Placement) -> str:
    return _url(f"/path/work/{placement.pk}/")


def not_supervisor(link: SupervisorLink, entry: Entry) -> None:
    """The learner learns that her link went to somebody else."""
    placement = link.placement
    with translation.override(placement.learner.language):
        send(
            placement.learner,
            _("The link went to somebody else: %(employer)s") % {"employer": placement.employer},
            [
                _("Whoever got the link says: I am not the supervisor. The link has ended; we took the address out."),
                _("Write who supervises you, and send it again:"),
                _workplace(placement),
            ],
            entry,
            "not-supervisor",
        )


def hours_refused(link: SupervisorLink, entry: Entry) -> None:
    """The learner learns that some hours came back with a reason."""
    placement = link.placement
    with translation.override(placement.learner.language):
        send(
            placement.learner,
            _("Some hours came back: %(employer)s") % {"employer": placement.employer},
            [
                _("Your supervisor says that some hours are not right, and why. Correct them, and they can be signed:"),
                _workplace(placement),
            ],
            entry,
            "hours-refused",
        )


def reviewed(placement: Placement, entry: Entry) -> None:
    """The learner learns that the review is signed. What it says is read on the page, behind the sign-in."""
    with translation.override(placement.learner.language):
        send(
            placement.learner,
            _("Your supervisor signed: %(employer)s") % {"employer": placement.employer},
            [_("The feedback about your work is there. Read it on your page:"), _workplace(placement)],
            entry,
            "reviewed",
        )


def set_aside(placement: Placement, entry: Entry) -> None:
    """The learner learns that a workplace does not count, with the reason on the page."""
    with translation.override(placement.learner.language):
        send(
            placement.learner,
            _("This workplace does not count now: %(employer)s") % {"employer": placement.employer},
            [
                _("%(organization)s set this workplace aside. Read why, and whom to ask:")
                % {"organization": placement.organization.full_name},
                _workplace(placement),
            ],
            entry,
            "set-aside",
        )
