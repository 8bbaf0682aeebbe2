"""Every form and endpoint, fed what nobody should send: a clear 4xx that names the field, nothing lost, nothing doubled."""

from __future__ import annotations

import io
import json
import re
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.urls import reverse

from fieldstone.server.ledger.ids import new_id
from fieldstone.server.ledger.models import Tally
from fieldstone.server.reference.starter import KINDS
from tests.journeys.house import House, Visitor, own_database
from tests.web.addresses import ADDRESSES, address_of, patterns
from tests.web.forms import Form, forms_of, ids_of
from tests.web.walker import ERROR, Walker, walker_of
from tests.web.world import World, photo

SCRIPT = "<script>alert(7319)</script>{{ 7*7 }} %s %(x)s ' OR 1=1 --"
RUBBISH: dict[str, Any] = {
    "nothing": "",
    "a NUL byte": "a\x00b",
    "a megabyte": "x" * 1_000_000,
    "binary": bytes(range(256)),
    "odd signs": "\u202e\ufeff\U0001f9d1\u200d\U0001f33e" + "e\u0301" * 40 + "\uffff\u2028",
    "a script": SCRIPT,
    "a long number": "9" * 400,
    "below nothing": "-1",
    "an endless number": "1e309",
    "digits of another script": "٣٤",
    "a path": "../../../../etc/passwd",
    "an address elsewhere": "javascript:alert(1)",
}
ALONE = ("a NUL byte", "a long number")
FINE = {200, 302, 303}
CLEAR = {400, 403, 404, 405, 409, 410, 413, 415, 422, 429}


def pages(world: World) -> Iterator[tuple[str, Walker, str, str]]:
    """Every page that the right person reads: name, who, address, body."""
    for name in ADDRESSES:
        walker = walker_of(world, name)
        url = address_of(name, world)
        answer = walker.ask("GET", url)
        if answer.status_code == 200 and answer.headers.get("Content-Type", "").startswith("text/html"):
            yield name, walker, url, answer.walked.decode()


def all_forms(world: World) -> Iterator[tuple[str, Walker, Form]]:
    """Every form that is posted, once for each set of controls; looked for once in a world."""
    if "forms" not in world.kept:
        seen = set()
        forms: list[tuple[str, Form]] = []
        for name, _walker, url, body in pages(world):
            for form in forms_of(body, url):
                mark = (re.sub(r"[0-9a-f-]{36}|[0-9a-f]{48}", "*", form.action), tuple(sorted(form.fields)))
                if form.method == "post" and mark not in seen and "language" not in form.action and "sign-out" not in form.action:
                    seen.add(mark)
                    forms.append((name, form))
        world.kept["forms"] = forms
    for name, form in world.kept["forms"]:
        yield name, walker_of(world, name), form


def wrongs(world: World) -> list[str]:
    """What every walker of this world noted."""
    walkers: dict[tuple[str, bool], Walker] = world.__dict__.get("walkers", {})
    return sorted({line for walker in walkers.values() for line in walker.wrong})


def raw(body: bytes) -> dict[str, Any]:
    """A request's body, byte for byte."""
    return {"CONTENT_LENGTH": str(len(body)), "wsgi.input": io.BytesIO(body)}


def judge(walker: Walker, form: Form, what: str, answer: Any) -> None:
    """Note an answer that is no clear answer."""
    said = f"POST {form.action} with {what}"
    body = answer.walked.decode("utf-8", "replace")
    if answer.status_code != ERROR and answer.status_code not in FINE | CLEAR:
        walker.wrong.append(f"{said}: {answer.status_code}")
    if "<script>alert(7319)" in body:
        walker.wrong.append(f"{said}: the page carries what was typed as a script")
    if answer.status_code == 422 and "<form" in body:
        anchors = re.findall(r'<a href="#([^"]+)"', body.split('id="problems"')[-1].split("</div>")[0]) if 'id="problems"' in body else []
        missing = [anchor for anchor in anchors if anchor not in ids_of(body)]
        if missing:
            walker.wrong.append(f"{said}: the summary leads to fields that are not there: {missing}")
        if 'id="problems"' not in body:
            walker.wrong.append(f"{said}: a refusal without a summary of what is wrong")


@pytest.mark.parametrize("third", range(3))
def test_every_form_withstands_rubbish_in_all_fields_and_in_each(world: World, third: int) -> None:
    count = 0
    for number, (_name, walker, form) in enumerate(all_forms(world)):
        if number % 3 != third:
            continue
        typed = [f.name for f in form.fields.values() if f.kind != "file"]
        for what, value in RUBBISH.items():
            answer = walker.ask("POST", form.action, dict.fromkeys(typed, value), may_write=True)
            judge(walker, form, what, answer)
            count += 1
        for field in typed:
            for what in ALONE:
                answer = walker.ask("POST", form.action, {**form.values(), "end": "1", field: RUBBISH[what]}, may_write=True)
                judge(walker, form, f"{what} in {field}", answer)
                count += 1
        for field in form.fields:
            foreign = str(world.cast.away.organization.pk)
            answer = walker.ask("POST", form.action, {**form.values(), "end": "1", field: [foreign, foreign]}, may_write=True)
            judge(walker, form, f"another institution's id, twice, in {field}", answer)
            count += 1
        swapped = {f.name: "no file" if f.kind == "file" else SimpleUploadedFile("x.bin", b"\x00\xff") for f in form.fields.values()}
        judge(walker, form, "files for words and words for files", walker.ask("POST", form.action, swapped, may_write=True))
    wrong = wrongs(world)
    assert not wrong, "\n".join(wrong)
    assert count > 200


def filled(form: Form) -> dict[str, Any]:
    """A form as somebody fills it in who means well."""
    words = "I watched two children at the blocks for ten minutes."
    given: dict[str, Any] = form.values()
    for one in form.fields.values():
        if one.kind == "file":
            given[one.name] = SimpleUploadedFile("notes.jpg", photo((1, 2, 3)).getvalue(), "image/jpeg")
        elif one.kind in ("select", "radio") and not one.value:
            given[one.name] = next((o for o in one.options if o), "")
        elif one.kind == "checkbox":
            given[one.name] = one.options[0]
        elif one.kind == "email":
            given[one.name] = "ada.brook@example.org"
        elif one.kind in ("text", "search") and not one.value:
            given[one.name] = words
        elif one.kind == "button" and one.options:
            given[one.name] = one.options[0]
    return {**given, "end": "1"} if "end" in form.fields else given


def test_the_same_request_twice_is_one(world: World) -> None:
    """Whatever a form writes the first time, the very same request writes nothing more."""
    wrong = []
    accepted = 0
    may_count = {"fieldstone_entry", "django_session", "fieldstone_cache", "fieldstone_tally"}
    for _name, walker, form in all_forms(world):
        if form.action.startswith(("/sign-in", "/account/passkeys")):
            continue
        Tally.objects.all().delete()
        with transaction.atomic():
            first = walker.request("POST", form.action, filled(form))
            once = walker.rows()
            again = filled(form)
            second = walker.request("POST", form.action, again)
            twice = walker.rows()
            transaction.set_rollback(True)
        if first.status_code not in (302, 303, 200):
            continue
        accepted += 1
        if second.status_code not in FINE | CLEAR:
            wrong.append(f"{form.action}: {first.status_code}, then {second.status_code}")
        more = [t for t in walker.tables if t not in may_count and len(twice[t]) != len(once[t])]
        if more:
            wrong.append(f"{form.action}: sent twice, it wrote twice to {more}")
        wrong += walker.wrong
        walker.wrong.clear()
    assert not wrong, "\n".join(wrong)
    assert accepted > 10


def test_what_was_typed_is_on_the_page_that_refuses_it(world: World) -> None:
    wrong = []
    refused = 0
    for name, walker, form in all_forms(world):
        words = {
            one.name: f"kept{n}words" for n, one in enumerate(form.fields.values()) if one.kind in ("text", "email", "search", "number", "tel")
        }
        answer = walker.ask("POST", form.action, {**form.values(), "end": "1", **words}, may_write=True)
        body = answer.walked.decode("utf-8", "replace")
        if answer.status_code == 422 and "<form" in body:
            refused += 1
            lost = [field for field, typed in words.items() if typed not in body]
            if lost:
                wrong.append(f"{name}: lost {lost}")
    assert not wrong, "\n".join(wrong)
    assert refused >= 3


def test_other_methods_are_refused(world: World) -> None:
    for name, line in ADDRESSES.items():
        walker = walker_of(world, name)
        url = address_of(name, world)
        for method in ("PUT", "PATCH", "DELETE", "TRACE", "BREW"):
            answer = walker.ask(method, url, may_write=name == "mfa_remove_webauthn")
            lenient = name in ("set_language", "shared:set_language") or line.access == "door" or name.startswith("mfa_")
            walker.expect(method, url, answer, {405, *((302, 403, 200) if lenient else ()), *((401,) if line.access == "machine" else ())})
        walker.expect("OPTIONS", url, walker.ask("OPTIONS", url), {200, 204, 302, 405})
    wrong = wrongs(world)
    assert not wrong, "\n".join(wrong)


WITHOUT_COOKIES = {"api:vci_nonce", "api:wallet_request", "api:wallet_answer", "api:exchange"}


def test_nothing_is_posted_without_the_token(world: World) -> None:
    """A form from another site (no token, or a wrong one) is refused before anything happens.

    What wallets post to reads no cookie, so that no page elsewhere can act for anybody there.
    """
    for name, line in ADDRESSES.items():
        if name in WITHOUT_COOKIES:
            continue
        walker = walker_of(world, name, csrf=True)
        url = address_of(name, world)
        machine = (400, 401) if line.access == "machine" else ()  # nothing there looks at cookies
        for data in ({"key": str(new_id()), "end": "1"}, {"csrfmiddlewaretoken": "x" * 64}):
            answer = walker.ask("POST", url, data)
            walker.expect("POST", url, answer, {403, *((401, 405) if line.get != 405 else ()), *machine})
        answer = walker.ask("POST", url, b"{}", content_type="application/json")
        walker.expect("POST", url, answer, {403, *((401, 405) if line.get != 405 else ()), *machine})
        assert not walker.wrong, (name, walker.wrong)


def test_bodies_that_are_no_forms(world: World) -> None:
    odd: dict[str, tuple[bytes, str]] = {
        "no boundary": (b"--x\r\n", "multipart/form-data"),
        "a part without a name": (b"--x\r\nContent-Disposition: form-data\r\n\r\nv\r\n--x--\r\n", "multipart/form-data; boundary=x"),
        "cut off": (b'--x\r\nContent-Disposition: form-data; name="text', "multipart/form-data; boundary=x"),
        "too many fields": (b"&".join(b"a%d=1" % n for n in range(2100)), "application/x-www-form-urlencoded"),
        "too many parts": (
            b"".join(b'--x\r\nContent-Disposition: form-data; name="a%d"\r\n\r\n1\r\n' % n for n in range(2100)) + b"--x--\r\n",
            "multipart/form-data; boundary=x",
        ),
        "too much": (b"a=" + b"x" * 2_500_000, "application/x-www-form-urlencoded"),
        "an unknown kind": (b"\x00\x01", "application/x-fieldstone"),
        "broken escapes": (b"a=%ED%A0%80&b=%zz&c=%00&%ff=%fe", "application/x-www-form-urlencoded"),
        "an unknown alphabet": (b"a=1", "application/x-www-form-urlencoded; charset=klingon"),
        "json for a form": (b'{"a": 1}', "application/json"),
    }
    for name in ADDRESSES:
        walker = walker_of(world, name)
        url = address_of(name, world)
        for what, (body, kind) in odd.items():
            answer = walker.ask("POST", url, may_write=True, content_type=kind, **raw(body))
            walker.expect("POST", f"{name} with {what}", answer, FINE | CLEAR | {401})
    wrong = wrongs(world)
    assert not wrong, "\n".join(wrong)


def test_odd_questions_after_the_address(world: World) -> None:
    odd = ("?page=abc&q=%00", "?page=99999999999999999999&hours=zz&level=x&level=9999999999999999999999",
           "?q=%ED%A0%80%FF&program=%27%22%3C&page=-1&next=//evil.example&next=%0d%0aX:1",
           "?from=x&version=%00&paper=a4a4&at=0000-00-00&small=1&cohort=%00&program=%00&since=x&until=x&state=%00" + "&a=1" * 300)  # fmt: skip
    for name, line in ADDRESSES.items():
        if line.get == 405:
            continue
        walker = walker_of(world, name)
        url = address_of(name, world)
        for question in odd:
            answer = walker.ask("GET", url + question)
            walker.expect("GET", f"{url}{question[:60]}", answer, {line.get, 302, 400, 404})
    wrong = wrongs(world)
    assert not wrong, "\n".join(wrong)


def test_odd_addresses(world: World) -> None:
    """Numbers that no database holds, unknown ids, NUL bytes and long words where an id stands."""
    odd: dict[str, list[Any]] = {
        "number": [0, 10**30], "pk": [0, 10**30], "org": ["x" * 300, "home-", "..%2f"], "slug": ["x" * 300],
        "part": ["x" * 300], "token": ["x" * 300], "code": ["\x00", "x" * 300, "../home", "é"], "kind": ["\x00", "zz"],
        "name": ["x" * 300],
    }  # fmt: skip
    for name, pattern in patterns():
        walker = walker_of(world, name)
        for argument in {*pattern.pattern.converters, *(["org"] if ADDRESSES[name].access == "inside" else [])}:
            for value in odd.get(argument, [new_id()]):
                try:
                    url = address_of(name, world, **{argument: value})
                except Exception:  # such an address cannot be written; a browser can still ask for it
                    real = world.things[ADDRESSES[name].args.get(argument, argument)]
                    url = address_of(name, world).replace(str(real), "%00%FF")
                for method in ("GET", "POST"):
                    answer = walker.ask(method, url, {"end": "1", "key": str(new_id())} if method == "POST" else None, may_write=True)
                    walker.expect(method, url, answer, {302, 400, 403, 404, 405, 422} | ({200} if name == "shared:demo_in" else set()))
    wrong = wrongs(world)
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    "headers",
    [
        {"Accept-Language": "xx-\x00;q=9,,;;" + "a" * 5000}, {"Cookie": "sessionid=\x7f; django_language=../../x; csrftoken=é"},
        {"Accept": "\xff/\xfe"}, {"Referer": "http://[::1"}, {"X-Person": "\x00"}, {"If-None-Match": '"' * 999},
        {"User-Agent": ""}, {"X-Forwarded-Proto": "https, http"},
    ],
)  # fmt: skip
def test_odd_headers(world: World, headers: dict[str, str]) -> None:
    walker = Walker(None)
    for url in ("/", "/m/home/observing/", "/check/", "/sign-in/", address_of("public:credential", world), "/path/"):
        walker.expect("GET", url, walker.ask("GET", url, headers=headers), {200, 302, 400})
    assert not walker.wrong, walker.wrong


def test_a_host_that_is_not_ours_is_refused(world: World) -> None:
    walker = Walker(None)
    for host in ("evil.example", "a b", "[::1", ""):
        answer = walker.ask("GET", "/", HTTP_HOST=host)
        walker.expect("GET", host, answer, {400} | ({200} if host == "" else set()))
    assert not walker.wrong, walker.wrong


# --- what the script posts ------------------------------------------------------------------------------


BODIES = [
    b"", b"null", b"[]", b"7", b'"x"', b"{", b"\xff\xfe{\x00}\x00", b"\xef\xbb\xbf{}", b"{}" * 3, b"[" * 100_000, b'{"a":' * 5000,
    b'{"answers": []}', b'{"answers": {"setting": 7}, "key": "12345678"}', b'{"answers": {"setting": {"text": 7, "base": 0}}, "key": "12345678"}',
    b'{"answers": {"setting": {"text": "x", "base": "0"}}, "key": "12345678"}',
    b'{"answers": {"setting": {"text": "x", "base": true}}, "key": "12345678"}',
    b'{"answers": {"setting": {"text": "x", "base": 1e400}}, "key": "12345678"}',
    b'{"answers": {"setting": {"text": "x", "base": 99999999999999999999}}, "key": "12345678"}',
    b'{"answers": {"setting": {"text": "x", "base": NaN}}, "key": "12345678"}',
    b'{"answers": {"setting": {"text": "x", "base": 0, "copy": 7}}, "key": "12345678"}',
    b'{"answers": {"nowhere": {"text": "x", "base": 0}}, "key": "12345678"}',
    b'{"answers": {"notes": {"text": "x", "base": 0}}, "key": "12345678"}',
    b'{"answers": {"setting": {"text": "x", "base": 0}}}', b'{"answers": {"setting": {"text": "x", "base": 0}}, "key": 7}',
    b'{"answers": {"setting": {"text": "x", "base": 0}}, "key": "' + b"k" * 5000 + b'"}',
    b'{"answers": {"setting": {"text": "' + b"x" * 1_500_000 + b'", "base": 0}}, "key": "12345678"}',
]  # fmt: skip


def test_the_drafts_json_is_read_strictly(world: World) -> None:
    walker = Walker(world.cast.learner)
    url = address_of("learner:draft", world)
    for body in BODIES:
        answer = walker.ask(
            "POST", url, None, content_type="application/json", headers={"X-Person": str(world.cast.learner.pk), "Accept": "application/json"},
            **raw(body),
        )  # fmt: skip
        walker.expect("POST", repr(body[:80]), answer, {400, 422, 413})
        if answer.status_code in (400, 422) and b"answers" in body[:20]:
            problems = json.loads(answer.walked)["problems"]
            assert problems[0]["field"], body[:80]
    assert not walker.wrong, "\n".join(walker.wrong)


@pytest.mark.parametrize("text", ["a\\u0000b", "a\\ud800b", "\\udfff\\ud83d"])
def test_words_that_no_database_holds_are_refused_or_mended(world: World, text: str) -> None:
    """A NUL or half a surrogate pair in JSON: the other words are not lost by it."""
    walker = Walker(world.cast.learner)
    body = b'{"answers": {"reflection": {"text": "%s and more words", "base": 1}}, "key": "abcdefgh"}' % text.encode()
    answer = walker.ask(
        "POST", address_of("learner:draft", world), None, may_write=True, content_type="application/json",
        headers={"X-Person": str(world.cast.learner.pk), "Accept": "application/json"},
        **raw(body),
    )  # fmt: skip
    assert not walker.wrong, walker.wrong
    assert answer.status_code in (200, 400, 422)


def test_a_draft_answers_nobody_and_somebody_else_in_json(world: World) -> None:
    url = address_of("learner:draft", world)
    assert Walker(None).ask("POST", url, b"{}", content_type="application/json").status_code == 401
    stranger = Walker(world.cast.stranger)
    headers = {"X-Person": str(world.cast.learner.pk)}
    assert stranger.ask("POST", url, b"{}", content_type="application/json", headers=headers).status_code == 403
    headers = {"X-Person": str(world.cast.stranger.pk)}
    assert stranger.ask("POST", url, b"{}", content_type="application/json", headers=headers).status_code == 404


# --- files ----------------------------------------------------------------------------------------------


def bomb() -> bytes:
    """A small PNG that says it is 50,000 pixels square."""
    import struct
    import zlib

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\x00" * 1000)) + chunk(b"IEND", b"")


UPLOADS: dict[str, tuple[str, bytes]] = {
    "nothing": ("a.jpg", b""),
    "a page": ("a.jpg", b"<html><script>alert(1)</script></html>"),
    "a picture with a script": ("a.svg", b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'),
    "a program": ("a.pdf", b"MZ\x90\x00" + b"\x00" * 200),
    "half a photo": ("a.jpg", photo().getvalue()[:90]),
    "a bomb": ("a.png", bomb()),
    "rubbish": ("a.png", bytes(range(256)) * 40),
    "a shell script": ("a.txt", b"#!/bin/sh\nrm -rf /\n"),
    "a file for a part without room": ("../../a\x00b/" + "n" * 400 + ".jpg", b"\xff\xd8\xff" + b"\x00" * 50),
}


@pytest.mark.parametrize("what", list(UPLOADS))
@pytest.mark.parametrize("script", [True, False])
def test_files_that_are_no_evidence_are_refused_by_name(world: World, what: str, script: bool) -> None:
    """Through the script's endpoint and through the form; the words of the same form are kept."""
    name, content = UPLOADS[what]
    walker = Walker(world.cast.learner)
    headers = {"X-Person": str(world.cast.learner.pk), "Accept": "application/json"} if script else {}
    address = address_of("learner:files" if script else "learner:evidence", world)
    field = "file" if script else "file_notes"
    data = {"key": str(new_id()), "end": "1", field: SimpleUploadedFile(name, content), "text_setting": "Words that stay with me.", "base_setting": "1"}
    answer = walker.ask("POST", address, data, may_write=True, headers=headers)
    assert not walker.wrong, walker.wrong
    if what == "a shell script":  # plain text is a document like any other; it is never served as anything but text
        assert answer.status_code in (200, 302, 422)
        return
    assert answer.status_code in (400, 413, 422), answer.status_code
    if script:
        assert json.loads(answer.walked)["problems"][0]["message"]
    else:
        assert b'id="problems"' in answer.walked
        assert b"Words that stay with me." in answer.walked


def test_a_file_of_another_part_or_none_is_refused(world: World) -> None:
    walker = Walker(world.cast.learner)
    headers = {"X-Person": str(world.cast.learner.pk), "Accept": "application/json"}
    data = {"key": str(new_id()), "end": "1"}
    url = address_of("learner:files", world)
    walker.expect("POST", "no file", walker.ask("POST", url, data, headers=headers), {400})
    other = address_of("learner:files", world, part="setting")
    given = {**data, "file": SimpleUploadedFile("a.jpg", photo().getvalue())}
    walker.expect("POST", "a question", walker.ask("POST", other, given, headers=headers), {404, 422})
    cut = {"key": str(new_id()), "file": SimpleUploadedFile("a.jpg", photo().getvalue())}
    walker.expect("POST", "cut off", walker.ask("POST", url, cut, headers=headers), {400})
    assert not walker.wrong, walker.wrong


# --- checking and signing in -------------------------------------------------------------------------------


PASTED = [
    "", " ", "{", "[]", "null", "7", '"x"', "{}", "[" * 5000, '{"a":' * 3000, "\x00", "a.b.c", "eyJ.eyJ.", "x" * 400_000,
    '{"@context": "https://evil.example/context"}', '{"@context": ["https://www.w3.org/ns/credentials/v2"], "type": 7, "proof": []}',
    '{"@context": ["https://www.w3.org/ns/credentials/v2"], "type": ["VerifiableCredential"], "issuer": "did:web:169.254.169.254", "proof": {}}',
    '{"a": 1e999, "b": -0, "a": 2}', "<svg/>", "did:key:z6Mk", "7K3M-Q9TD-2XWP", "http://127.0.0.1/", "file:///etc/passwd", '{"id": "\\ud800"}',
]  # fmt: skip


def test_whatever_is_pasted_to_be_checked_gets_an_answer(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.conf.settings.CHECKS_PER_MINUTE", 10_000, raising=False)
    walker = Walker(None)
    url = reverse("public:check")
    for text in PASTED:
        for data in ({"text": text}, {"file": SimpleUploadedFile("a.json", text.encode())}):
            answer = walker.ask("POST", url, data)
            walker.expect("POST", f"{text[:60]!r}", answer, {200, 302, 404, 413, 422})
            body = answer.walked.decode("utf-8", "replace")
            if answer.status_code == 200:
                assert 'class="verdict good' not in body, text[:80]
    for target in ("http://127.0.0.1:1/", "https://localhost/x", "https://169.254.169.254/latest", "ftp://x/", "https://", "x" * 5000, "https://[::1]/"):
        answer = walker.ask("POST", url, {"url": target})
        walker.expect("POST", target[:60], answer, {422})
        assert b'href="#url"' in answer.walked
    assert not walker.wrong, "\n".join(walker.wrong)


def test_a_credential_is_checked_whole_and_with_one_sign_changed(world: World) -> None:
    walker = Walker(None)
    body = walker.ask("GET", address_of("public:credential_file", world)).walked
    good = walker.ask("POST", reverse("public:check"), {"text": body.decode()})
    bad = walker.ask("POST", reverse("public:check"), {"text": body.decode().replace("Marisol", "Mirasol", 1)})
    assert good.status_code == bad.status_code == 200
    assert not walker.wrong, walker.wrong
    assert good.walked != bad.walked
    assert b'"verdict good' in good.walked
    assert b'"verdict good' not in bad.walked


@pytest.mark.parametrize("email", ["", "\x00@example.org", "a@b.c" * 200, "a@example.org\nBcc: b@example.org", "<script>@example.org", "a@exa mple.org", "@", "é" * 300])
def test_addresses_that_are_none_are_named(world: World, email: str) -> None:
    from django.core import mail

    walker = Walker(None)
    answer = walker.ask("POST", reverse("account_login"), {"email": email})
    assert answer.status_code in (400, 422)
    assert mail.outbox == []
    assert not walker.wrong, walker.wrong


def test_codes_that_are_none_are_told(world: World) -> None:
    walker = Walker(None)
    for code in ("", "\x00", "x" * 100_000, "' OR 1=1", "２３４５", "AAAA-AAAA"):
        answer = walker.ask("POST", reverse("shared:sign_in_paper"), {"code": code})
        walker.expect("POST", repr(code[:30]), answer, {400, 422})
    assert not walker.wrong, walker.wrong


# --- half a request ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A real web server with an empty database."""
    with own_database() as database:
        house = House(tmp_path_factory.mktemp("house") / "data", database)
        try:
            house.start("web")
            yield house
        finally:
            house.close()


def say(house: House, *pieces: bytes, wait: float = 1.5) -> bytes:
    """Raw bytes to the server, and what came back before it closed or fell silent."""
    heard = b""
    with socket.create_connection(("127.0.0.1", house.port), timeout=5) as line:
        try:
            for piece in pieces:
                line.sendall(piece)
            line.shutdown(socket.SHUT_WR)
            line.settimeout(wait)
            while chunk := line.recv(65536):
                heard += chunk
        except OSError:
            pass
    return heard


def test_half_sent_and_malformed_requests_do_no_harm(house: House) -> None:
    host = f"Host: 127.0.0.1:{house.port}\r\n".encode()
    form = b"Content-Type: application/x-www-form-urlencoded\r\n"
    requests = {
        "half a body": (b"POST /sign-in/ HTTP/1.1\r\n" + host + form + b"Content-Length: 500\r\n\r\nemail=half",),
        "half a file": (
            b"POST /check/ HTTP/1.1\r\n" + host + b"Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 90000\r\n\r\n"
            b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nabc',
        ),
        "half a head": (b"GET / HTTP/1.1\r\nHos",),
        "no head": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",),
        "a lie about length": (b"POST /check/ HTTP/1.1\r\n" + host + form + b"Content-Length: -5\r\n\r\n",),
        "two lengths": (b"POST /check/ HTTP/1.1\r\n" + host + form + b"Content-Length: 1\r\nContent-Length: 90\r\n\r\nx",),
        "broken chunks": (b"POST /check/ HTTP/1.1\r\n" + host + form + b"Transfer-Encoding: chunked\r\n\r\nZZ\r\nabc\r\n",),
        "a huge head": (b"GET / HTTP/1.1\r\n" + host + b"X-A: " + b"a" * 1_000_000 + b"\r\n\r\n",),
        "an odd target": (b"GET http://evil.example/ HTTP/1.1\r\nHost: evil.example\r\n\r\n",),
        "bytes in the address": (b"GET /\xff\xfe/%00/..%2f..%2fetc/passwd HTTP/1.1\r\n" + host + b"\r\n",),
        "a long address": (b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\n" + host + b"\r\n",),
    }  # fmt: skip
    before = json.loads(house.run("tests.journeys.stage", "look"))
    for what, pieces in requests.items():
        heard = say(house, *pieces)
        assert not re.match(rb"HTTP/1\.1 5", heard), (what, heard[:300])
    assert Visitor(house.url).get("/healthz").status == 200
    look = json.loads(house.run("tests.journeys.stage", "look"))
    assert look["submissions"] == []
    assert look["verbs"] == before["verbs"] == {"reference.starter": len(KINDS), "reference.current": len(KINDS)}
    assert "Internal Server Error" not in house.said("web")
