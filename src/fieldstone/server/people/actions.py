"""Every write about people, organizations and roles."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.db import transaction
from django.utils.crypto import salted_hmac
from django.utils.text import slugify

from fieldstone.server.ledger import actions as ledger
from fieldstone.server.ledger.ids import code_from, fold_code, new_code, new_id
from fieldstone.server.ledger.kept import digest
from fieldstone.server.ledger.models import Entry
from fieldstone.server.ledger.problems import Conflict, NotAllowed, Problem, Refused
from fieldstone.server.ledger.problems import mark as _
from fieldstone.server.people.models import (
    CalendarFeed,
    ConsortiumMember,
    Membership,
    Organization,
    PrintedCode,
    User,
)
from fieldstone.server.people.rules import ORGANIZATION_KINDS, ROLES, SECTORS, is_email

CODE_DAYS = 90
"""How long a printed code opens the door."""


class BadCode(Refused):
    """The printed code is unknown, ended or too old; the answer is the same for all three."""


def _digest(code: str) -> str:
    return digest(fold_code(code))


def _once(what: str, key: str) -> str | None:
    """What the ledger keeps of a request's key, so that the same request is known again."""
    return digest(f"{what}:{key}") if key else None


def _clean_name(name: str) -> str:
    tidy = " ".join(name.split())
    if not tidy:
        raise Refused(_("Write a name."), "name")
    if len(tidy) > 120 or re.search(r"[\x00-\x1f\x7f<>]", tidy):
        raise Refused(_("Use at most 120 signs, without < or >."), "name")
    return tidy


def _clean_email(email: str) -> str:
    tidy = email.strip().lower()
    if not is_email(tidy):
        raise Refused(_("Write an e-mail address such as name@example.org."), "email")
    return tidy


@transaction.atomic
def welcome(*, email: str, language: str, at: datetime) -> User:
    """The person with this e-mail address, made now if there is none. The mailed code proves that it is hers."""
    tidy = _clean_email(email)
    user = User.objects.filter(email__iexact=tidy).first()
    if user is not None:
        return user
    spoken = "es" if language == "es" else "en"
    user = ledger.once(lambda: User.objects.create_user(email=tidy, joined_at=at, language=spoken))
    if user is None:  # the same address at the same moment
        return User.objects.get(email__iexact=tidy)
    ledger.record(verb="people.joined", subject=user, by=user.pk, at=at)
    return user


@transaction.atomic
def add_learner(
    *, organization: Organization, name: str, language: str, by: User, at: datetime, key: str = ""
) -> tuple[User, str]:
    """A learner without e-mail, and the printed code that opens her account. The code is shown once.

    The same `key` twice is one learner, with the same code.
    """
    once = _once(f"added:{organization.pk}:{by.pk}", key)
    known = Entry.objects.filter(key=once).first() if once else None
    if known is not None:
        user = User.objects.get(pk=known.subject_id)
        return user, make_printed_code(user=user, organization=organization, by=by, at=at, key=key)
    user = User.objects.create_user(name=_clean_name(name), joined_at=at, language="es" if language == "es" else "en")
    Membership.objects.create(user=user, organization=organization, role="learner", granted_at=at)
    ledger.record(verb="people.added", subject=user, by=by.pk, at=at, organization=organization.pk, key=once)
    return user, make_printed_code(user=user, organization=organization, by=by, at=at, key=key)


@transaction.atomic
def make_printed_code(*, user: User, organization: Organization, by: User, at: datetime, key: str = "") -> str:
    """A new code on paper for a learner of the organization who has no e-mail; older codes of hers end.

    Raises NotAllowed for others: whoever prints a code could sign in with it, and an account with an address is its
    owner's alone. The same `key` twice is one code.
    """
    if not Membership.objects.filter(user=user, organization=organization, role="learner", ended_at=None).exists():
        raise NotAllowed(_("This person is not a learner here."))
    if Membership.objects.filter(user=user, ended_at=None).exclude(role="learner").exists():
        raise NotAllowed(_("Staff sign in with a mailed code or a passkey."))
    if user.email:
        raise NotAllowed(_("This person signs in with a code mailed to the address of the account."))
    secret = salted_hmac("fieldstone.printed", f"{user.pk}:{by.pk}:{key}", algorithm="sha256").digest()
    code = code_from(secret, 4) if key else new_code(4)
    if PrintedCode.objects.filter(code_hash=_digest(code)).exists():
        return code
    PrintedCode.objects.filter(user=user, ended_at=None).update(ended_at=at)
    PrintedCode.objects.create(
        user=user, code_hash=_digest(code), made_by=by, made_at=at, expires_at=at + timedelta(days=CODE_DAYS)
    )
    ledger.record(verb="people.code_made", subject=user, by=by.pk, at=at, organization=organization.pk)
    return code


@transaction.atomic
def use_printed_code(*, code: str, at: datetime) -> User:
    """The person whose printed code this is. Raises BadCode."""
    row = (
        PrintedCode.objects.select_related("user")
        .filter(code_hash=_digest(code), ended_at=None, expires_at__gt=at, user__is_active=True)
        .first()
    )
    if row is None:
        raise BadCode(
            _("This code does not open an account. Check each sign, or ask your coach for a new one."), "code"
        )
    PrintedCode.objects.filter(pk=row.pk).update(last_used_at=at)
    ledger.record(verb="people.code_used", subject=row.user, by=row.user.pk, at=at)
    return row.user


@transaction.atomic
def change_profile(*, user: User, name: str, language: str, phone: str, area: str, keys_on: bool, at: datetime) -> None:
    """What a person says of herself. Issued credentials keep the name that they were signed with."""
    if not re.fullmatch(r"[0-9+(). -]{0,32}", phone.strip()):
        raise Refused(_("Write a phone number with digits, such as 931 555 0142."), "phone")
    User.objects.filter(pk=user.pk).update(
        name=_clean_name(name),
        language="es" if language == "es" else "en",
        phone=phone.strip(),
        area=" ".join(area.replace("\x00", "").split())[:120],
        keys_on=keys_on,
    )
    ledger.record(verb="people.profile_changed", subject=user, by=user.pk, at=at)


@transaction.atomic
def choose_language(*, user: User, language: str, at: datetime) -> None:
    """The language in which she reads the pages and gets mail. Chosen again, it changes nothing."""
    spoken = "es" if language == "es" else "en"
    if User.objects.filter(pk=user.pk, deleted_at=None).exclude(language=spoken).update(language=spoken):
        ledger.record(verb="people.profile_changed", subject=user, by=user.pk, at=at)


@transaction.atomic
def take_name(*, user: User, name: str, at: datetime) -> None:
    """Her name as a credential carries it, where she has written none yet."""
    if User.objects.filter(pk=user.pk, name="", deleted_at=None).update(name=_clean_name(name)):
        ledger.record(verb="people.profile_changed", subject=user, by=user.pk, at=at)


@transaction.atomic
def change_keys(*, user: User, on: bool, at: datetime) -> None:
    """Turn the one-letter keys of the score sheet on or off for this person."""
    User.objects.filter(pk=user.pk).update(keys_on=on)
    ledger.record(verb="people.keys_changed", subject=user, by=user.pk, at=at, data={"on": on})


@transaction.atomic
def change_hints(*, user: User, on: bool, at: datetime) -> None:
    """Say whether this person wants notes about a stack that is one step away. Said again, it changes nothing."""
    if User.objects.filter(pk=user.pk).exclude(hints_on=on).update(hints_on=on):
        ledger.record(verb="people.hints_changed", subject=user, by=user.pk, at=at, data={"on": on})


@transaction.atomic
def create_organization(
    *, name: str, kind: str, by: User | None, at: datetime, slug: str = "", unit: str = "", place: str = "",
    url: str = "", email: str = "", family: str = "", two_person: str = "double_blind", is_synthetic: bool = False,
    sector: str = "",
) -> Organization:  # fmt: skip
    """A new organization. Raises Conflict when its address name is taken."""
    tidy = slug or slugify(name)[:60]
    if kind not in ORGANIZATION_KINDS:
        raise Refused(_("Choose a kind of organization."), "kind")
    if not re.fullmatch(r"[a-z0-9-]{2,60}", tidy):
        raise Refused(_("Use small letters, digits and hyphens."), "slug")
    organization = ledger.once(
        lambda: Organization.objects.create(
            slug=tidy, name=_clean_name(name), unit=unit.strip(), kind=kind, place=place.strip(), url=url,
            email=email, family=family, two_person=two_person, is_synthetic=is_synthetic, created_at=at,
            sector=sector,
        )
    )  # fmt: skip
    if organization is None:
        raise Conflict(_("This address name is taken."), "slug")
    ledger.record(
        verb="people.organization_created", subject=organization, by=by.pk if by else None, at=at,
        organization=organization.pk,
    )  # fmt: skip
    return organization


@transaction.atomic
def describe_organization(
    *, organization: Organization, place: str, url: str, email: str, sector: str, by: User, at: datetime
) -> None:
    """Where an organization is, how to reach it, and whose it is; each may be empty. Credentials that are signed
    keep what they say. Raises Refused with every field that cannot be kept."""
    told = {"place": " ".join(place.split()), "url": url.strip(), "email": email.strip().lower(), "sector": sector}
    wrong = []
    if len(told["place"]) > 120 or re.search(r"[\x00-\x1f\x7f<>]", told["place"]):
        wrong.append(Problem("place", _("Use at most 120 signs, without < or >.")))
    if told["url"] and not re.fullmatch(r"https?://[^\s<>\"]{3,190}", told["url"]):
        wrong.append(Problem("url", _("Give a web address that begins with https://.")))
    if told["email"] and not is_email(told["email"]):
        wrong.append(Problem("email", _("Write an e-mail address such as name@example.org.")))
    if sector and sector not in SECTORS:
        wrong.append(Problem("sector", _("Choose one of the three.")))
    if wrong:
        raise Refused(wrong)
    Organization.objects.filter(pk=organization.pk).update(**told)
    organization.refresh_from_db()
    ledger.record(
        verb="people.organization_described", subject=organization, by=by.pk, at=at, organization=organization.pk
    )


@transaction.atomic
def change_organization(
    *, organization: Organization, review_days: int, check_days: int, hold_limit: int, two_person: str,
    by: User, at: datetime,
) -> None:  # fmt: skip
    """How this organization assesses. Open reviews keep the rule they began with."""
    limits = {"review_days": (review_days, 1, 60), "check_days": (check_days, 1, 10), "hold_limit": (hold_limit, 1, 50)}
    wrong = [
        Problem(name, _("Give a whole number from %(low)s to %(high)s."), {"low": low, "high": high})
        for name, (value, low, high) in limits.items()
        if not low <= value <= high
    ]
    if two_person not in {"approver", "double_blind"}:
        wrong.append(Problem("two_person", _("Choose one of the two.")))
    if wrong:
        raise Refused(wrong)
    Organization.objects.filter(pk=organization.pk).update(
        review_days=review_days, check_days=check_days, hold_limit=hold_limit, two_person=two_person
    )
    ledger.record(
        verb="people.organization_changed", subject=organization, by=by.pk, at=at, organization=organization.pk,
        data={"review_days": review_days, "two_person": two_person},
    )  # fmt: skip


@transaction.atomic
def grant_role(*, organization: Organization, user: User, role: str, by: User | None, at: datetime) -> Membership:
    """Give a role; giving it twice changes nothing."""
    if role not in ROLES:
        raise Refused(_("Choose a role."), "role")
    membership, made = Membership.objects.get_or_create(
        user=user, organization=organization, role=role, ended_at=None, defaults={"granted_at": at}
    )
    if made:
        ledger.record(
            verb="people.role_granted", subject=user, by=by.pk if by else None, at=at,
            organization=organization.pk, data={"role": role},
        )  # fmt: skip
    return membership


@transaction.atomic
def end_role(*, membership: Membership, by: User, at: datetime) -> None:
    """Take a role away. The last administrator of an organization stays."""
    others = Membership.objects.select_for_update().filter(
        organization=membership.organization, role="administrator", ended_at=None
    )
    if membership.role == "administrator" and not others.exclude(pk=membership.pk).exists():
        raise Conflict(_("Give somebody else the administrator's role first."), "role")
    if Membership.objects.filter(pk=membership.pk, ended_at=None).update(ended_at=at):
        ledger.record(
            verb="people.role_ended", subject=membership.user, by=by.pk, at=at,
            organization=membership.organization.pk, data={"role": membership.role},
        )  # fmt: skip


@transaction.atomic
def join_consortium(*, organization: Organization, consortium: Organization, by: User | None, at: datetime) -> None:
    """Make an organization a member of a consortium: its members may copy each other's definitions."""
    if consortium.kind != "consortium" or organization.pk == consortium.pk:
        raise Refused(_("Choose a consortium."), "consortium")
    joining = {"organization": organization, "consortium": consortium}
    if ledger.once(lambda: ConsortiumMember.objects.create(**joining, joined_at=at)) is None:
        return
    ledger.record(
        verb="people.consortium_joined", subject=organization, by=by.pk if by else None, at=at,
        organization=organization.pk, data={"consortium": str(consortium.pk)},
    )  # fmt: skip


def calendar_token(feed: CalendarFeed) -> str:
    """The secret in the address. It is made again from the row and the site's own secret; the table holds its hash."""
    return salted_hmac("fieldstone.calendar", str(feed.pk), algorithm="sha256").hexdigest()[:40]


def _calendar(user: User, at: datetime) -> CalendarFeed | None:
    """A new open address for her dates; None where one is open, also one of the same moment."""
    pk = new_id()
    secret = digest(calendar_token(CalendarFeed(id=pk)))
    return ledger.once(lambda: CalendarFeed.objects.create(id=pk, user=user, token_hash=secret, made_at=at))


@transaction.atomic
def open_calendar(*, user: User, at: datetime) -> CalendarFeed:
    """An address at which calendar apps read her dates. Asked for twice, it is one."""
    feed = _calendar(user, at)
    if feed is None:
        return CalendarFeed.objects.get(user=user, ended_at=None)
    ledger.record(verb="people.calendar_opened", subject=user, by=user.pk, at=at)
    return feed


@transaction.atomic
def renew_calendar(*, user: User, of: str, at: datetime) -> None:
    """A new address instead of the one with the id `of`, which stops. Asked for twice, it is renewed once."""
    if _end_calendar(user, of, at):
        _calendar(user, at)
        ledger.record(verb="people.calendar_renewed", subject=user, by=user.pk, at=at)


@transaction.atomic
def close_calendar(*, user: User, of: str, at: datetime) -> None:
    """The address with the id `of` stops, and there is none. Asked for twice, it stops once."""
    if _end_calendar(user, of, at):
        ledger.record(verb="people.calendar_closed", subject=user, by=user.pk, at=at)


def _end_calendar(user: User, of: str, at: datetime) -> bool:
    open_now = [feed.pk for feed in CalendarFeed.objects.filter(user=user, ended_at=None) if str(feed.pk) == of]
    return bool(CalendarFeed.objects.filter(pk__in=open_now, ended_at=None).update(ended_at=at))


@transaction.atomic
def forget(*, user: User, at: datetime) -> None:
    """Empty a person's row and end her roles and codes. Part of `journeys.delete_account`."""
    Membership.objects.filter(user=user, ended_at=None).update(ended_at=at)
    PrintedCode.objects.filter(user=user).delete()
    CalendarFeed.objects.filter(user=user).delete()
    EmailAddress.objects.filter(user=user).delete()
    Authenticator.objects.filter(user=user).delete()
    User.objects.filter(pk=user.pk).update(
        name="",
        email=None,
        phone="",
        area="",
        is_active=False,
        deleted_at=at,
        password="!",  # noqa: S106 - the mark of an unusable password
    )
    ledger.record(verb="people.forgotten", subject=user, by=user.pk, at=at)
