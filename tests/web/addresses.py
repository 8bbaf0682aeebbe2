"""Every address of the site with an example of its arguments, who may open it, and what she gets.

`access` is one of:
  public   anybody reads it
  door     anybody; signing in and out
  self     anybody with an account; it is about herself
  own      only the learner whose row it names; to others it does not exist
  inside   members of the organization whose role opens `area`; members without it are told so (403)
  link     whoever holds the token in the address
  machine  other software reads it

A new address without a line here makes tests/web/test_every_url.py fail.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests.web.world import World


@dataclass(frozen=True)
class Address:
    """One line of the table. `who` opens it and gets `get` as the status of a GET (405: it is only posted to).

    `args` names things of the world for arguments whose usual thing does not fit. `shows` says that the page
    carries the holder's name on purpose. `query` names the thing that holds what stands after the address.
    """

    access: str
    who: str = "learner"
    get: int = 200
    area: str = ""
    args: Mapping[str, str] = field(default_factory=dict)
    shows: bool = False
    query: str = ""


def inside(area: str, who: str, get: int = 200, **args: str) -> Address:
    """A page inside the organization."""
    return Address("inside", who, get, area, args)


def public(get: int = 200, shows: bool = False, **args: str) -> Address:
    """A page for everybody."""
    return Address("public", "stranger", get, args=args, shows=shows)


def own(get: int = 200, **args: str) -> Address:
    """A page about one of the learner's rows."""
    return Address("own", "learner", get, args=args)


ADDRESSES: dict[str, Address] = {
    # --- everybody
    "public:explore": public(),
    "public:micro_credential": public(),
    "public:version": public(),
    "public:stack": public(slug="stack_slug"),
    "public:stacks": public(),
    "public:jobs": public(),
    "public:keep_near": public(405),
    "public:job": public(code="job"),
    "public:plan": public(code="job"),
    "public:plan_calendar": public(404, code="job"),
    "public:choose_job": Address("self", "learner", 405, args={"code": "job"}),
    "public:help": public(),
    "public:accessibility": public(),
    "public:promises_explained": public(),
    "public:privacy": public(),
    "public:terms": public(),
    "public:check": public(),
    "public:credential": public(shows=True),
    "public:credential_file": public(shows=True),
    "public:certificate": public(shows=True),
    "public:card": public(shows=True),
    "public:badge": public(shows=True),
    "public:badge_png": public(shows=True),
    "public:brought": public(shows=True, brought="shown_brought"),
    "public:brought_file": public(shows=True, brought="shown_brought"),
    "public:record": public(shows=True, code="stack_code"),
    "public:older_badge": public(ending="ending"),
    "public:award_evidence": public(artifact="shown_artifact"),
    "public:stone_picture": public(),
    "shared:style": public(),
    "shared:set_language": public(302),
    "set_language": public(302),
    # --- doors
    "account_login": Address("door", "nobody"),
    "account_request_login_code": Address("door", "nobody"),
    "account_signup": Address("door", "nobody"),
    "account_confirm_login_code": Address("door", "nobody", 302),
    "account_inactive": Address("door", "nobody"),
    "account_reauthenticate": Address("door", "nobody", 302),
    "account_logout": Address("door", "nobody", 302),
    "mfa_login_webauthn": Address("door", "nobody", 302),
    "shared:sign_in_paper": Address("door", "nobody"),
    "shared:demo_in": Address("door", "nobody", 404, args={"token": "token"}),
    # --- about oneself
    "shared:home": Address("self", "learner", 302),
    "shared:account": Address("self"),
    "shared:my_data": Address("self"),
    "shared:export": Address("self"),
    "shared:leave": Address("self"),
    "mfa_list_webauthn": Address("self"),
    "mfa_index": Address("self"),
    "mfa_add_webauthn": Address("self", "stranger"),
    "mfa_remove_webauthn": own(),
    "learner:path": Address("self"),
    "learner:credentials": Address("self"),
    "learner:calendar": Address("self"),
    "learner:dates": Address("link", "nobody", args={"token": "calendar_token"}),
    "learner:start": Address("self", "stranger"),
    "learner:follow": Address("self", "stranger", 405, args={"slug": "stack_slug"}),
    "learner:unfollow": Address("self", "stranger", 405, args={"slug": "stack_slug"}),
    # --- the learner's own rows
    "learner:evidence": own(),
    "learner:submit": own(405),
    "learner:draft": own(405),
    "learner:files": own(405),
    "learner:remove": own(405),
    "learner:put_back": own(405, artifact="removed_artifact"),
    "learner:show": own(405),
    "learner:both": own(),
    "learner:status": own(enrollment="sent_enrollment"),
    "learner:appeal": own(405, enrollment="appealed_enrollment", review="appealed_review"),
    "learner:claims": Address("self"),
    "learner:wallet": own(),
    "learner:wallet_soon": own(enrollment="sent_enrollment"),
    "learner:wallet_offer": own(),
    "learner:wallet_end": own(405),
    "learner:wallet_consent": Address("self", query="wallet_query"),
    "learner:authorize": Address("self", query="app_query"),
    "learner:apps": Address("self"),
    "learner:disconnect": own(405),
    "learner:leave": own(405),
    "learner:come_back": own(405),
    "learner:close_note": own(405),
    "learner:artifact": own(),
    "learner:audience": own(405),
    "learner:share_or_move": own(),
    "learner:bring": Address("self"),
    "learner:brought": own(),
    "learner:brought_check": own(405),
    "learner:brought_audience": own(405),
    "learner:brought_remove": own(),
    "learner:brought_file": own(),
    "learner:older": own(405),
    "learner:record": own(405, award="stack_award"),
    "learner:claim": own(promise="other_promise"),
    "public:asked": Address("link", "nobody", args={"token": "wallet_token"}),
    "public:receipt": Address("link", "nobody"),
    "learner:answer": Address("self", args={"token": "wallet_token"}),
    "learner:answer_elsewhere": Address("self"),
    "learner:shown": Address("self"),
    "learner:take_back": own(405),
    "learner:to_app": own(405),
    "learner:in_app": own(token="exchange_token"),
    "learner:work_start": Address("self", "stranger"),
    "learner:work": own(),
    "learner:work_change": own(),
    "learner:work_log": own(405),
    "learner:work_hours": own(),
    "learner:work_mail": own(405),
    "learner:work_hand": own(),
    "learner:work_close": own(405),
    "supervisor:page": Address("link", "nobody", args={"token": "supervisor_token"}),
    "supervisor:not_me": Address("link", "nobody", args={"token": "supervisor_token"}),
    # --- inside the organization
    "admin:members": inside("administer", "home.administrator"),
    "admin:end": inside("administer", "home.administrator"),
    "admin:settings": inside("administer", "home.administrator"),
    "admin:lists": inside("administer", "home.administrator"),
    "admin:record": inside("administer", "home.administrator"),
    "coach:learners": inside("coach", "home.coach"),
    "coach:add": inside("coach", "home.coach"),
    "coach:learner": inside("coach", "home.coach", learner="paper_learner"),
    "coach:code": inside("coach", "home.coach", 405, learner="paper_learner"),
    "coach:almost": inside("coach", "home.coach"),
    "coach:placements": inside("coach", "home.coach"),
    "coach:placement": inside("coach", "home.coach"),
    "assessor:queue": inside("assess", "home.first"),
    "assessor:take": inside("assess", "home.first", 405),
    "assessor:give_back": inside("assess", "home.first"),
    "assessor:keys": inside("assess", "home.first", 405),
    "assessor:check": inside("assess", "home.second", review="checking_review"),
    "assessor:hand_on": inside("assess", "home.first", 405),
    "assessor:file": inside("assess", "home.first", artifact="sent_artifact"),
    "assessor:score": inside("assess", "home.first"),
    "assessor:approve": inside("approve", "home.approver", seat="approver_seat"),
    "assessor:moderate": inside("assess", "home.approver", seat="moderator_seat"),
    "assessor:take_appeal": inside("assess", "home.approver", 405),
    "assessor:appeal": inside("assess", "home.approver"),
    "assessor:outside": inside("approve", "home.approver", review="outside_review"),
    "assessor:calibrate": inside("assess", "home.first"),
    "assessor:example": inside("assess", "home.first"),
    "assessor:agreement": inside("assess", "home.first"),
    "assessor:phrases": inside("assess", "home.first"),
    "assessor:exemplars": inside("author or lead", "home.lead"),
    "assessor:exemplar_new": inside("author or lead", "home.lead"),
    "assessor:exemplar_put_away": inside("author or lead", "home.lead", 405),
    "employer:promises": inside("recognize", "home.recognizer"),
    "employer:choose": inside("recognize", "home.recognizer"),
    "employer:make": inside("recognize", "home.recognizer"),
    "employer:claims": inside("recognize", "home.recognizer"),
    "employer:claim": inside("recognize", "home.recognizer"),
    "employer:asks": inside("recognize", "home.recognizer"),
    "employer:ask_choose": inside("recognize", "home.recognizer"),
    "employer:ask": inside("recognize", "home.recognizer", 302),
    "employer:ask_one": inside("recognize", "home.recognizer", ask="answered_ask"),
    "employer:ask_close": inside("recognize", "home.recognizer"),
    "employer:history": inside("recognize", "home.recognizer"),
    "employer:promises_csv": inside("recognize", "home.recognizer"),
    "employer:claims_csv": inside("recognize", "home.recognizer"),
    "employer:promise": inside("recognize", "home.recognizer"),
    "employer:withdraw": inside("recognize", "home.recognizer"),
    "lead:overview": inside("lead", "home.lead"),
    "lead:almost": inside("lead", "home.lead"),
    "lead:table": inside("lead", "home.lead"),
    "lead:jobs": inside("lead", "home.lead"),
    "lead:near": inside("lead", "home.lead"),
    "lead:cohorts": inside("lead", "home.lead"),
    "lead:cohort": inside("lead", "home.lead"),
    "admin:about": inside("administer", "home.administrator"),
    "author:micro_credentials": inside("author", "home.author"),
    "author:registry": inside("author", "home.author"),
    "lead:registry": inside("lead", "home.lead"),
    "author:library": inside("author", "home.author"),
    "author:library_framework": inside("author", "home.author"),
    "author:library_compare": inside("author", "home.author"),
    "author:library_rubric": Address("inside", "home.author", area="author", query="rubric_query"),
    "author:new": inside("author", "home.author"),
    "author:import": inside("author", "home.author"),
    "author:shared": inside("author", "home.author"),
    "author:copy": inside("author", "home.author"),
    "author:programs": inside("author", "home.author"),
    "author:new_program": inside("author", "home.author"),
    "author:program": inside("author", "home.author"),
    "author:work_forms": inside("author", "home.author"),
    "author:new_work_form": inside("author", "home.author"),
    "author:work_form": inside("author", "home.author"),
    "author:micro_credential": inside("author", "home.author"),
    "author:edit": inside("author", "home.author", micro_credential="draft_micro_credential"),
    "author:ties": inside("author", "home.author", micro_credential="draft_micro_credential"),
    "author:adds": inside("author", "home.author"),
    "author:publish": inside("author", "home.author", micro_credential="draft_micro_credential"),
    "author:new_version": inside("author", "home.author", 405),
    "author:retire": inside("author", "home.author"),
    "author:version": inside("author", "home.author"),
    "author:preview": inside("author", "home.author"),
    "author:file": inside("author", "home.author"),
    "author:stacks": inside("author", "home.author"),
    "author:new_stack": inside("author", "home.author"),
    "author:import_stack": inside("author", "home.author"),
    "author:stack": inside("author", "home.author"),
    "author:edit_stack": inside("author", "home.author", stack="unfinished_stack"),
    "author:stack_jobs": inside("author", "home.author", stack="unfinished_stack"),
    "author:publish_stack": inside("author", "home.author", stack="unfinished_stack"),
    "author:new_stack_version": inside("author", "home.author", 405),
    "author:retire_stack": inside("author", "home.author"),
    "author:stack_file": inside("author", "home.author"),
    "issuer:list": inside("issue", "home.issuer"),
    "issuer:export": inside("issue", "home.issuer"),
    "issuer:award": inside("issue", "home.issuer"),
    "issuer:withdraw": inside("issue", "home.issuer"),
    "issuer:pause": inside("issue", "home.issuer"),
    "issuer:reinstate": inside("issue", "home.issuer"),
    "issuer:again": inside("issue", "home.issuer"),
    "issuer:link": inside("issue", "home.issuer", award="waiting_award"),
    "issuer:lists": inside("issue", "home.issuer"),
    "issuer:new_list": inside("issue", "home.issuer"),
    "issuer:example_list": inside("issue", "home.issuer"),
    "issuer:batch": inside("issue", "home.issuer"),
    "issuer:batch_do": inside("issue", "home.issuer", 405),
    "issuer:batch_mend": inside("issue", "home.issuer"),
    "issuer:batch_result": inside("issue", "home.issuer", batch="done_batch"),
    "issuer:keys": inside("issue", "home.issuer"),
    "issuer:rotate": inside("issue", "home.issuer"),
    "public:pickup": Address("link", "nobody", args={"token": "pickup_token"}),
    "public:pickup_not_me": Address("link", "nobody", args={"token": "pickup_token"}),
    "external:review": Address("link", "nobody"),
    "external:file": Address("link", "nobody", args={"artifact": "outside_artifact"}),
    # --- other software
    "api:healthz": Address("machine", "nobody"),
    "api:status_list": Address("machine", "nobody"),
    "api:refresh": Address("machine", "nobody", shows=True),
    "api:did_document": Address("machine", "nobody", 404),
    "api:achievement": Address("machine", "nobody"),
    "api:ob2_assertion": Address("machine", "nobody"),
    "api:ob2_badge": Address("machine", "nobody"),
    "api:ob2_issuer": Address("machine", "nobody"),
    "api:wallet_request": Address("link", "nobody", args={"token": "wallet_token"}),
    "api:wallet_answer": Address("link", "nobody", 405, args={"token": "wallet_token"}),
    "api:exchange": Address("link", "nobody", 405, args={"token": "exchange_token"}),
    "api:vci_issuer": Address("machine", "nobody"),
    "api:vci_server": Address("machine", "nobody"),
    "api:vci_offer": Address("link", "nobody", args={"reference": "wallet_reference"}),
    "api:vci_par": Address("machine", "nobody", 405),
    "api:vci_token": Address("machine", "nobody", 405),
    "api:vci_nonce": public(405),
    "api:vci_credential": Address("machine", "nobody", 405),
    "api:vci_deferred": Address("machine", "nobody", 405),
    "api:vci_notification": Address("machine", "nobody", 405),
    "api:issuer": Address("machine", "nobody"),
    "api:ctdl_micro_credential": Address("machine", "nobody"),
    "api:ctdl_stack": Address("machine", "nobody"),
    "api:ctdl_organization": Address("machine", "nobody"),
    "api:ctdl_framework": Address("machine", "nobody"),
    "api:ctdl_program": Address("machine", "nobody"),
    "api:case_documents": Address("machine", "nobody"),
    "api:case_document": Address("machine", "nobody"),
    "api:case_package": Address("machine", "nobody"),
    "api:openapi": Address("machine", "nobody"),
    "api:discovery": Address("machine", "nobody"),
    "api:credentials": Address("machine", "nobody", 401),
    "api:profile": Address("machine", "nobody", 401),
    "api:oauth_metadata": Address("machine", "nobody"),
    "api:register": Address("machine", "nobody", 405),
    "api:token": Address("machine", "nobody", 405),
    "api:revoke": Address("machine", "nobody", 405),
}


def patterns() -> Iterator[tuple[str, URLPattern]]:
    """Every address pattern of the project, by its full name."""

    def walk(resolver: URLResolver, spaces: tuple[str, ...]) -> Iterator[tuple[str, URLPattern]]:
        for pattern in resolver.url_patterns:
            if isinstance(pattern, URLResolver):
                yield from walk(pattern, (*spaces, *([pattern.namespace] if pattern.namespace else [])))
            else:
                yield ":".join((*spaces, pattern.name or f"unnamed {pattern.pattern}")), pattern

    yield from walk(get_resolver(), ())


def address_of(name: str, world: World, **instead: Any) -> str:
    """The example address of a pattern, with the home institution's real ids (or `instead`)."""
    line = ADDRESSES[name]
    wanted: set[str] = set()
    for known, pattern in patterns():
        if known == name:
            wanted |= set(pattern.pattern.converters)
    if line.access == "inside":
        wanted.add("org")
    given = {arg: world.things[line.args.get(arg, arg)] for arg in wanted}
    after = f"?{world.things[line.query]}" if line.query else ""
    return reverse(name, kwargs={**given, **instead}) + after
