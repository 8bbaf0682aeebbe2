"""The words of a check: what each numbered check asks, and what each answer means, in the language of the page.

Keyed by the library's stable names and codes (`credential.report`); an answer without words of its own falls back
to those of its code, and then to a plain one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from fieldstone import credential
from fieldstone.server.people import queries as people

TITLES: Mapping[str, str] = {
    "parse": gettext_noop("The file is whole and can be read."),
    "schema": gettext_noop("It has the form of a credential."),
    "proof": gettext_noop("It is signed in a way that we know."),
    "key": gettext_noop("The signer’s key was found."),
    "signature": gettext_noop("Not one letter has changed since it was signed."),
    "controller": gettext_noop("The signing key belongs to the issuer."),
    "dates": gettext_noop("It is within its dates."),
    "status": gettext_noop("It has not been withdrawn."),
    "issuer": gettext_noop("The issuer is one that this site knows."),
    "recipient": gettext_noop("The person in front of you is the one it names."),
    "endorsements": gettext_noop("Its endorsements are genuine."),
    "evidence": gettext_noop("The files are the ones that were judged."),
}

ANSWERS: Mapping[tuple[str, str], str] = {
    ("parse", "page_unreachable"): gettext_noop("The page that the picture names did not answer. Try again later."),
    ("parse", "page_missing"): gettext_noop("The picture names a page that is not there."),
    ("parse", "not_assertion"): gettext_noop("The picture names a page that is no credential."),
    ("parse", "readable"): gettext_noop("Open Badges 3.0 or another W3C credential."),
    ("schema", "right_shape"): gettext_noop("Every word in it has a defined meaning."),
    ("schema", "right_shape_2"): gettext_noop("It has the form of an Open Badge of version 2.0."),
    ("schema", "badge_unreachable"): gettext_noop(
        "The issuer’s page about this badge did not answer. Try again later."
    ),
    ("schema", "schema_met"): gettext_noop("It is as the schema says that it names."),
    ("schema", "schema_not_asked"): gettext_noop(
        "It has the form of a credential. The schema that it names was not asked."
    ),
    ("schema", "schema_mismatch"): gettext_noop("It is not as the schema says that it names."),
    ("schema", "wrong_shape"): gettext_noop("Something that a credential needs is missing or malformed."),
    ("proof", "known_suite"): gettext_noop("A Data Integrity signature."),
    ("proof", "jwt"): gettext_noop("A signed token (JWT)."),
    ("proof", "unknown_suite"): gettext_noop("It is signed in a way that this site cannot check."),
    ("proof", "hosted"): gettext_noop("It is not signed. The issuer’s own page repeats it."),
    ("proof", "not_hosted"): gettext_noop("It names no page of the issuer that repeats it."),
    ("proof", "jws"): gettext_noop("A signed token (JWS)."),
    ("proof", "bad_proof"): gettext_noop("Its signature is malformed."),
    ("proof", "no_proof"): gettext_noop("It is not signed at all."),
    ("key", "page_found"): gettext_noop("The issuer’s page for it was found."),
    ("key", "page_gone"): gettext_noop("The issuer has taken its page away."),
    ("key", "found"): gettext_noop("The key that the signature names is published."),
    ("key", "no_signature"): gettext_noop("There is no signature whose key we could look up."),
    ("key", "key_unreachable"): gettext_noop("The place that publishes the key did not answer. Try again later."),
    ("key", "key_missing"): gettext_noop("The issuer does not publish this key."),
    ("key", "key_revoked"): gettext_noop("The issuer has withdrawn this key."),
    ("key", "wrong_key_kind"): gettext_noop("The key is of another kind than the signature."),
    ("signature", "same_as_page"): gettext_noop("It is what the issuer’s page says."),
    ("signature", "differs_from_page"): gettext_noop("The issuer’s page says something else."),
    ("signature", "wrong_key_kind"): gettext_noop("The key is of another kind than the signature."),
    ("signature", "unchanged"): gettext_noop("The signature fits every character."),
    ("signature", "wrong_signature"): gettext_noop("It was changed after it was signed, or signed with another key."),
    ("signature", "no_key"): gettext_noop("Without the signer’s key nobody can tell."),
    ("signature", "not_reached"): gettext_noop("Not asked, because an earlier check did not pass."),
    ("controller", "in_scope"): gettext_noop("Its page lies where the issuer keeps such pages."),
    ("controller", "out_of_scope"): gettext_noop("Its page does not lie where the issuer keeps such pages."),
    ("controller", "issuer_key"): gettext_noop("The issuer’s own identifier names the key."),
    ("controller", "listed_key"): gettext_noop("The issuer lists the key as its own."),
    ("controller", "issuer_has_no_keys"): gettext_noop(
        "The issuer’s identifier is a bare name and cannot say which keys are its own."
    ),
    ("controller", "issuer_unreachable"): gettext_noop("The issuer’s site did not answer. Try again later."),
    ("controller", "no_key"): gettext_noop("Without the signer’s key nobody can tell."),
    ("controller", "wrong_purpose"): gettext_noop("The key may not sign statements of this sort."),
    ("controller", "not_controller"): gettext_noop("The key’s owner does not list it."),
    ("controller", "not_issuer"): gettext_noop("The key belongs to somebody else."),
    ("dates", "bad_date"): gettext_noop("Its last day lies before its first."),
    ("dates", "in_time"): gettext_noop("Today lies between its first and its last day."),
    ("dates", "not_yet"): gettext_noop("Its first day is still to come."),
    ("dates", "expired"): gettext_noop("Its last day has passed."),
    ("status", "page_stands"): gettext_noop("The issuer’s page was asked just now."),
    ("status", "not_withdrawn"): gettext_noop("The issuer’s signed list was asked just now."),
    ("status", "none_published"): gettext_noop("The issuer publishes no list of withdrawals."),
    ("status", "newer"): gettext_noop("It holds. The issuer has a newer version of it."),
    ("status", "message"): gettext_noop("The issuer keeps a note about it, which does not take it back."),
    ("status", "revoked"): gettext_noop("The issuer has withdrawn it."),
    ("status", "suspended"): gettext_noop("The issuer has paused it for now."),
    ("status", "closed_network"): gettext_noop("The list lies inside a closed network and cannot be asked from here."),
    ("status", "list_unreachable"): gettext_noop("The issuer’s list did not answer. Try again later."),
    ("status", "list_missing"): gettext_noop("The issuer’s list is not where the credential says."),
    ("status", "list_not_verified"): gettext_noop("The issuer’s list could not be trusted."),
    ("status", "list_of_another"): gettext_noop("The list is signed by somebody other than the issuer."),
    ("status", "wrong_list"): gettext_noop("The list is about something else."),
    ("status", "unknown_purpose"): gettext_noop("The list says something that this site does not know."),
    ("status", "unknown_status_type"): gettext_noop("The list is of a kind that this site does not know."),
    ("status", "too_many"): gettext_noop("The credential names too many lists."),
    ("status", "bad_list"): gettext_noop("The issuer’s list cannot be read."),
    ("status", "bad_entry"): gettext_noop("The credential does not say where its entry in the list is."),
    ("status", "bad_index"): gettext_noop("The list has no such entry."),
    ("status", "not_reached"): gettext_noop("Not asked, because an earlier check did not pass."),
    ("issuer", "trusted"): gettext_noop("It issues its credentials here."),
    ("issuer", "no_list"): gettext_noop("This site knows nothing about this issuer. Ask who they are."),
    ("issuer", "not_trusted"): gettext_noop("The issuer is not one that this site knows."),
    ("recipient", "compare"): gettext_noop("Software cannot know this. Ask for a photo ID with this name."),
    ("recipient", "holder_proved"): gettext_noop("Its holder has just proved to hold the key that it names."),
    ("recipient", "key_unreachable"): gettext_noop("The place that publishes the holder’s key did not answer."),
    ("recipient", "no_key_binding"): gettext_noop("Whoever shows it did not prove to be its holder."),
    ("recipient", "answers"): gettext_noop("It was made for the one who asked."),
    ("recipient", "not_asked"): gettext_noop("It was made for somebody else, or for another question."),
    ("recipient", "no_challenge"): gettext_noop("No question was asked that only the holder could answer."),
    ("recipient", "no_signature"): gettext_noop("The holder has not signed, so nobody can tell who shows it."),
    ("recipient", "of_another"): gettext_noop("It names another holder than the one who shows it."),
    ("controller", "no_holder"): gettext_noop("It does not say who shows it."),
    ("endorsements", "too_many"): gettext_noop("It holds more credentials than are checked at once."),
    ("recipient", "holder_not_asked"): gettext_noop("Software cannot know this from a file. Ask for a photo ID."),
    ("endorsements", "genuine"): gettext_noop("Each was signed by the party it names."),
    ("endorsements", "not_genuine"): gettext_noop("An endorsement is not genuine."),
    ("endorsements", "of_another"): gettext_noop("An endorsement is about something else."),
    ("endorsements", "lapsed"): gettext_noop("Some endorsements no longer hold."),
    ("endorsements", "unanswered"): gettext_noop("Some endorsements could not be checked."),
    ("endorsements", "not_reached"): gettext_noop("Not asked, because an earlier check did not pass."),
    ("evidence", "same_files"): gettext_noop("Each file has the fingerprint that the credential carries."),
    ("evidence", "changed_file"): gettext_noop("A file has changed since it was judged."),
    ("evidence", "unanswered"): gettext_noop("Some files could not be opened."),
    ("evidence", "not_reached"): gettext_noop("Not asked, because an earlier check did not pass."),
}

CODES: Mapping[str, str] = {
    "too_much_to_ask": gettext_noop("Too many other sites would have to be asked, or they took too long to answer."),
    "not_utf8": gettext_noop("It is not readable text."),
    "not_json": gettext_noop("It is not JSON text. Use the signed file as it was downloaded."),
    "not_jwt": gettext_noop("It looks like a signed token and is not a whole one."),
    "not_object": gettext_noop("It is JSON, and no credential."),
    "duplicate_key": gettext_noop("It says one thing twice. Such a file can mean two things."),
    "too_big": gettext_noop("It is larger than any credential."),
    "too_deep": gettext_noop("It is nested deeper than any credential."),
    "too_complex": gettext_noop("It is more tangled than any honest credential."),
    "big_integer": gettext_noop("It holds a number that programs read differently."),
    "unknown_envelope": gettext_noop("It is an envelope without a credential that we can read."),
    "unknown_context": gettext_noop("It uses words from a list that this site does not know."),
    "changed_context": gettext_noop("A list of words that it uses was changed."),
    "inline_context": gettext_noop("It defines its own words, which could change its meaning."),
    "no_context": gettext_noop("It does not say which standard it follows."),
    "undefined_term": gettext_noop("It uses a word that no standard defines."),
    "protected_term": gettext_noop("It gives a standard’s word another meaning."),
    "relative_address": gettext_noop("It holds an address that leads nowhere."),
    "dropped_value": gettext_noop("It holds a value that the signature would not cover."),
    "bad_proof": gettext_noop("Its signature is malformed."),
    "bad_chain": gettext_noop("Its signatures do not fit together."),
    "badge_differs": gettext_noop("The badge’s own page says something else about it."),
    "no_address": gettext_noop("It names a badge or an issuer without a web address."),
    "bad_schema": gettext_noop("It names a schema that cannot be used."),
    "schema_too_complex": gettext_noop("It names a schema that asks for too much work."),
    "bad_date": gettext_noop("A date in it cannot be read."),
    "bad_key": gettext_noop("The key cannot be used."),
    "bad_did": gettext_noop("The key’s address is malformed."),
    "claims_differ": gettext_noop("It says different things in two places."),
    "unknown_key_kind": gettext_noop("The key is of a kind that this site does not know."),
    "unknown_did_method": gettext_noop("This site knows no way to look up the key."),
    "unknown_scheme": gettext_noop("This site knows no way to look up the key."),
}

PLAIN: Mapping[str, str] = {
    "passed": gettext_noop("This is as it should be."),
    "failed": gettext_noop("This is not as it should be."),
    "could_not_tell": gettext_noop("This could not be found out."),
}

HEADINGS: Mapping[tuple[str, str], tuple[str, str]] = {
    ("status", "revoked"): (
        gettext_noop("Do not rely on this one: it was withdrawn"),
        gettext_noop("The issuer withdrew it. This says nothing about the person."),
    ),
    ("status", "suspended"): (
        gettext_noop("Do not rely on this one now: it is paused"),
        gettext_noop("The issuer paused it while something is looked into. Ask again later."),
    ),
    ("dates", "expired"): (
        gettext_noop("Do not rely on this one: it has ended"),
        gettext_noop("It was genuine and valid until its last day. Ask the person for a newer one."),
    ),
    ("dates", "not_yet"): (
        gettext_noop("Do not rely on this one yet"),
        gettext_noop("It is signed for a day that is still to come."),
    ),
    ("parse", ""): (
        gettext_noop("This is not a credential that we can read"),
        gettext_noop("Use the signed file as it was downloaded, or ask the person for the link."),
    ),
    ("issuer", ""): (
        gettext_noop("Do not rely on this one: the issuer is not known here"),
        gettext_noop("The file is whole. Ask who stands behind it."),
    ),
    ("", ""): (
        gettext_noop("Do not rely on this one: it is not genuine as it stands"),
        gettext_noop(
            "Something in it is not as it was signed. Ask the person for the original file or the link. "
            "This says nothing about the person."
        ),
    ),
}
"""First failed check to heading and sentence; "" stands for any code, and for any check."""
UNKNOWN_ISSUER = gettext_noop(
    "Nobody at this site vouches for its issuer: the name is what the file says of itself. "
    "Ask who they are before you rely on it."
)
BORROWED = gettext_noop(
    "%(name)s issues on this site with a key of its own, and this was not signed with that key. "
    "Somebody may have borrowed the name. Ask them before you rely on it."
)
ENDED_UNKNOWN = gettext_noop("Its last day has passed, and we do not know who issued it.")


@dataclass(frozen=True)
class Row:
    """One numbered check, as the page prints it."""

    title: str
    how: str
    state: str


@dataclass(frozen=True)
class Verdict:
    """The answer above all checks. `css` is the look: good, bad or ask."""

    css: str
    heading: str
    sentence: str


def row(check: credential.Check) -> Row:
    """The words of one check."""
    outcome = str(check.outcome)
    how = ANSWERS.get((check.name, check.code)) or CODES.get(check.code) or PLAIN[outcome]
    return Row(title=_(TITLES[check.name]), how=_(how), state="unknown" if outcome == "could_not_tell" else outcome)


def verdict(report: credential.Report, *, issuer_name: str = "") -> Verdict:
    """Heading and first sentence for a whole report. `issuer_name` is what was kept of one without its document.

    Nothing is called genuine whose issuer is not known here: anybody can sign, and write any name beside the key.
    """
    if report.verdict == credential.Verdict.NOT_VERIFIED:
        return _bad(report)
    if not report.issuer_known:
        whose = people.bearing(report.issuer_name or issuer_name)
        if whose is not None:
            words = {"name": whose.full_name}
            return Verdict("ask", _("It bears a name that is known here, but not the key"), _(BORROWED) % words)
    if report.verdict == credential.Verdict.COULD_NOT_TELL:
        first = next(c for c in report.checks if c.needed and c.outcome == credential.Outcome.COULD_NOT_TELL)
        return Verdict("ask", _("We could not check everything"), row(first).how)
    if not report.issuer_known:
        return Verdict("ask", _("It is unchanged, but we do not know who issued it"), _(UNKNOWN_ISSUER))
    return Verdict("good", _("This credential is genuine and valid"), "")


def _bad(report: credential.Report) -> Verdict:
    failed = next(c for c in report.checks if c.outcome == credential.Outcome.FAILED)
    words = HEADINGS.get((failed.name, failed.code)) or HEADINGS.get((failed.name, "")) or HEADINGS["", ""]
    if failed.code == "expired" and not report.issuer_known:
        words = (words[0], ENDED_UNKNOWN)
    return Verdict("bad", _(words[0]), _(words[1]))


def counts(rows: list[Row]) -> str:
    """A line such as "7 passed, 1 could not tell"."""
    states = [r.state for r in rows]
    parts = [
        (states.count("passed"), _("%(n)s passed")),
        (states.count("failed"), _("%(n)s failed")),
        (states.count("unknown"), _("%(n)s could not tell")),
    ]
    return ", ".join(words % {"n": n} for n, words in parts if n)
