"""The stack editor: the trees of the programs are built through the form, and nothing typed is lost."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from fieldstone import stacking
from fieldstone.server.awards.models import Award  # noqa: F401  (the table must exist)
from fieldstone.server.catalog.models import Version
from fieldstone.server.pathways import actions, rules
from fieldstone.server.pathways.models import Pursuit, StackVersion
from tests.cast import Cast, make_version, text
from tests.web.test_author import Form, press, send, url

pytestmark = pytest.mark.django_db

AREAS = [f"cda_{n}" for n in range(1, 9)]


@pytest.fixture
def author(client: Client, cast: Cast) -> Client:
    client.force_login(cast.home.author)
    return client


def several(cast: Cast, at: datetime, n: int, prefix: str, **changes: Any) -> list[str]:
    return [
        str(make_version(cast.home.program, at, slug=f"{prefix}-{i}", title=text(f"{prefix} {i}"), **changes).micro_credential_id)
        for i in range(n)
    ]  # fmt: skip


def begin(author: Client, cast: Cast, title: str) -> tuple[str, Any]:
    """A new stack through the form; the address of its editor."""
    form = Form(author.get(url("new_stack")).content.decode()).sent
    answer = send(author, url("new_stack"), form, **{"title.en": title, "title.es": f"{title} (es)", "summary.en": "S"})
    page = answer["Location"]
    press(author, page, **{"can_do.en": "Does it all"})
    return page, StackVersion.objects.latest("created_at")


def pick(author: Client, page: str, path: str, ids: list[str]) -> None:
    """Open a part's list of credentials and add the marked ones."""
    answer = press(author, page, f"choose:{path}")
    chooser = answer["Location"].split("#")[0]
    assert press(author, chooser, f"pick:{path}", pick=ids).status_code == 302


def tree_of(version: StackVersion) -> Any:
    version.refresh_from_db()
    return version.definition["tree"]


def publish(author: Client, page: str, version: StackVersion) -> Any:
    version.refresh_from_db()
    answer = press(author, page, "publish")
    version.refresh_from_db()
    assert answer.status_code == 302
    return author.post(answer["Location"], {"revision": str(version.revision)})


def test_a_stack_begins_once_however_often_it_is_sent(author: Client, cast: Cast, monkeypatch: Any) -> None:
    form = Form(author.get(url("new_stack")).content.decode()).sent
    assert send(author, url("new_stack"), form).status_code == 422
    first, again = (send(author, url("new_stack"), form, **{"title.es": "Una vez"}) for _ in range(2))
    assert first["Location"] == again["Location"]
    real, asked = actions._made_before, []
    monkeypatch.setattr(
        actions, "_made_before", lambda key: asked.append(key) or (real(key) if len(asked) > 1 else None)
    )
    late = send(author, url("new_stack"), form, **{"title.es": "Una vez"})
    assert late["Location"] == first["Location"] and StackVersion.objects.count() == 1


# --- the four programs -------------------------------------------------------------------------------


def test_kentucky_twelve_and_any_six_of_eight_and_a_capstone(author: Client, cast: Cast, at: datetime) -> None:
    foundation, electives = several(cast, at, 12, "Foundation"), several(cast, at, 8, "Elective")
    (capstone,) = several(cast, at, 1, "Capstone", level=3)
    page, version = begin(author, cast, "Rank change")
    press(author, page, "group:tree")
    press(author, page, "group:tree")
    press(author, page, "group:tree")
    pick(author, page, "tree.of[0]", foundation)
    press(author, page, **{"tree.of[1].rule": "some", "tree.of[1].at_least": "6"})
    pick(author, page, "tree.of[1]", electives)
    press(author, page, **{"tree.of[1].label.en": "Electives", "tree.of[1].label.es": "Optativas"})
    pick(author, page, "tree", [capstone])
    assert tree_of(version) == {
        "at_least": 3,
        "of": [
            {"at_least": 12, "of": [{"hold": {"credential": c}} for c in foundation]},
            {
                "at_least": 6, "of": [{"hold": {"credential": c}} for c in electives],
                "label": {"en": "Electives", "es": "Optativas"},
            },
            {"hold": {"credential": capstone}},
        ],
    }  # fmt: skip
    shown = author.get(page).content.decode()
    assert "0 of 3 done." in shown and "0 de 3 listas." in shown
    assert "Electives: 0 of 6 done. Choose 6 of the 8" in shown or "Electives: 0 of 6 done." in shown
    assert publish(author, page, version).status_code == 302
    assert StackVersion.objects.current().get() == version
    assert version.components.count() == 21


def test_the_cda_hours_over_eight_areas(author: Client, cast: Cast, at: datetime) -> None:
    program = cast.home.program
    program.areas = [{"code": code, "name": text(f"Area {code}")} for code in AREAS]
    program.save()
    for code in AREAS:
        make_version(program, at, slug=code, title=text(code), clock_hours={code: 15})
    page, version = begin(author, cast, "CDA")
    press(author, page, "hours:tree")
    minimums = {f"tree.hours.minimum_per_area.{code}": "10" for code in AREAS}
    press(author, page, **{"tree.hours.total": "120", **minimums})
    assert tree_of(version) == {"hours": {"total": 120, "minimum_per_area": dict.fromkeys(AREAS, 10)}}
    shown = author.get(page).content.decode()
    assert "0 of 120 hours counted. 120 hours missing." in shown and "Area cda_3: 0 of 10 hours counted." in shown
    assert publish(author, page, version).status_code == 302


def test_maine_level_one_two_three_in_order_to_the_macro_badge(author: Client, cast: Cast, at: datetime) -> None:
    (first,) = several(cast, at, 1, "Aqua-one", level=1)
    (second,) = several(cast, at, 1, "Aqua-two", level=2)
    (third,) = several(cast, at, 1, "Aqua-three", level=3)
    page, version = begin(author, cast, "Sustainable aquaculture")
    press(author, page, "group:tree")
    pick(author, page, "tree", [first, second, third])
    press(author, page, **{"tree.of[0].hold.level": "1", "tree.of[1].hold.level": "2", "tree.of[2].hold.level": "3"})
    assert tree_of(version) == {
        "at_least": 3,
        "of": [{"hold": {"credential": c, "level": n}} for n, c in enumerate((first, second, third), 1)],
    }
    assert publish(author, page, version).status_code == 302


def test_equivalents_from_other_issuers_and_expired_ones(author: Client, cast: Cast, at: datetime) -> None:
    one, other = several(cast, at, 2, "Welding")
    page, version = begin(author, cast, "Georgia")
    press(author, page, "group:tree")
    pick(author, page, "tree", [one])
    pick(author, page, "tree.of[0]", [other, "https://other.example.org/achievements/7"])
    press(author, page, **{"tree.of[0].hold.expired": "1"})
    assert tree_of(version)["of"][0] == {
        "hold": {
            "credential": one, "equivalents": [other, "https://other.example.org/achievements/7"], "valid": False
        }
    }  # fmt: skip
    press(author, page, **{"tree.of[0].hold.equivalents": [other], "tree.of[0].hold.expired": None})
    assert tree_of(version)["of"][0] == {"hold": {"credential": one, "equivalents": [other]}}
    press(author, page, "level:tree")
    pick(author, page, "tree.of[1]", [one, other])
    press(author, page, **{"tree.of[1].level.count": "2", "tree.of[1].level.at_least": "2", "tree.rule": "any"})
    assert tree_of(version)["of"][1] == {"level": {"at_least": 2, "count": 2, "among": [one, other]}}
    assert tree_of(version)["at_least"] == 1
    assert stacking.to_json(stacking.parse(tree_of(version))) == tree_of(version)


# --- moving about ------------------------------------------------------------------------------------


def test_parts_move_up_down_in_and_out_and_are_taken_out(author: Client, cast: Cast, at: datetime) -> None:
    a, b, c = several(cast, at, 3, "Part")
    page, version = begin(author, cast, "Moves")
    press(author, page, "group:tree")
    pick(author, page, "tree", [a, b])
    press(author, page, "group:tree")
    pick(author, page, "tree.of[2]", [c])

    def shape(node: Any) -> Any:
        return (
            [shape(n) for n in node["of"]]
            if "of" in node
            else {a: "a", b: "b", c: "c"}.get(node.get("hold", {}).get("credential"), "?")
        )

    assert shape(tree_of(version)) == ["a", "b", ["c"]]
    press(author, page, "down:tree.of[0]")
    assert shape(tree_of(version)) == ["b", "a", ["c"]]
    press(author, page, "up:tree.of[2]")
    assert shape(tree_of(version)) == ["b", ["c"], "a"]
    press(author, page, "in:tree.of[2]")
    assert shape(tree_of(version)) == ["b", ["c", "a"]] and tree_of(version)["at_least"] == 2
    press(author, page, "out:tree.of[1].of[0]")
    assert shape(tree_of(version)) == ["b", ["a"], "c"] and tree_of(version)["at_least"] == 3
    press(author, page, "remove:tree.of[1]")
    assert shape(tree_of(version)) == ["b", "c"] and tree_of(version)["at_least"] == 2
    press(author, page, "wrap:tree")
    assert shape(tree_of(version)) == [["b", "c"]]
    press(author, page, "remove:tree.of[0].of[0]")
    assert shape(tree_of(version)) == [["c"]]
    press(author, page, "back")
    assert shape(tree_of(version)) == [["b", "c"]] and tree_of(version)["of"][0]["at_least"] == 2
    press(author, page, "remove:tree")
    assert tree_of(version) is None
    press(author, page, "back")
    assert shape(tree_of(version)) == [["b", "c"]]


@pytest.mark.parametrize(
    "wish",
    ["up:tree.of[0]", "down:tree.of[1]", "in:tree.of[0]", "out:tree.of[0]", "remove:tree.of[9]", "up:tree", "wrap:tree.of[0]",
     "group:tree.of[0]", "fly:tree.of[0]", "choose:nowhere", "pick:tree.of[77]", "group:tree.of[-1]", "remove:tree.of[1].of[0]",
     "hours:tree" + ".of[0]" * 30, "\x00:tree", "in:tree.of[1]"],
)  # fmt: skip
def test_buttons_that_are_not_there_only_save(author: Client, cast: Cast, at: datetime, wish: str) -> None:
    ids = several(cast, at, 2, "Part")
    page, version = begin(author, cast, "Still")
    press(author, page, "group:tree")
    pick(author, page, "tree", ids)
    before = tree_of(version)
    form = Form(author.get(page).content.decode()).sent
    assert send(author, page, form, do=wish).status_code == 302
    assert tree_of(version) == before


# --- problems ----------------------------------------------------------------------------------------


def test_impossible_trees_are_named_at_their_part_and_cannot_be_published(
    author: Client, cast: Cast, at: datetime
) -> None:
    ids = several(cast, at, 2, "Part")
    page, version = begin(author, cast, "Too much")
    press(author, page, "group:tree")
    pick(author, page, "tree", ids)
    press(author, page, **{"tree.rule": "some", "tree.at_least": "5"})
    shown = author.get(page).content.decode()
    assert "5 parts are asked for; 2 of the 2 listed can be met." in shown and 'href="#tree"' in shown
    author.cookies["django_language"] = "es"
    assert "Se piden 5 partes; se pueden cumplir 2 de las 2 indicadas." in author.get(page).content.decode()
    author.cookies["django_language"] = "en"
    assert publish(author, page, version).status_code == 422
    press(author, page, "hours:tree", **{"tree.rule": "all"})
    press(author, page, **{"tree.of[2].hours.total": "a few", "tree.of[2].hours.maximum_each": "1.234"})
    shown = author.get(page).content.decode()
    assert "a few" in shown and "1.234" in shown and "Give hours from 0 to" in shown and "Not complete yet" in shown
    press(author, page, **{"tree.of[2].hours.total": "7.5", "tree.of[2].hours.maximum_each": ""})
    assert tree_of(version)["of"][2] == {"hours": {"total": 7.5}}
    press(author, page, "remove:tree.of[2]")
    double = press(author, page, "choose:tree")["Location"].split("#")[0]
    assert ids[0] not in author.get(double).content.decode().split('id="choose"')[1].split("</fieldset>")[0]


def test_a_stack_does_not_hold_itself_and_an_empty_one_is_no_stack(author: Client, cast: Cast) -> None:
    page, version = begin(author, cast, "Alone")
    shown = author.get(page).content.decode()
    assert "Begin with one of these." in shown
    assert publish(author, page, version).status_code == 422
    press(author, page, "group:tree")
    pick(author, page, "tree", [str(version.stack_id)])
    assert publish(author, page, version).status_code == 422


# --- versions, two authors, files --------------------------------------------------------------------


@pytest.fixture
def published(author: Client, cast: Cast, at: datetime) -> StackVersion:
    tree = {"at_least": 1, "of": [{"hold": {"credential": str(cast.home.micro_credential.pk)}}]}
    body = {**rules.EMPTY, "title": text("Ready"), "summary": text("S"), "can_do": text("Can"), "tree": tree}
    body["occupations"] = ["39-9011.00"]
    version = actions.create(program=cast.home.program, body=body, by=cast.home.author, at=at)
    return actions.publish(version=version, by=cast.home.author, at=at)


def test_a_new_version_shows_what_changes_and_followers_keep_theirs(
    author: Client, cast: Cast, at: datetime, published: StackVersion
) -> None:
    stack = published.stack
    Pursuit.objects.create(learner=cast.learner, stack=stack, stack_version=published, started_at=at)
    assert author.get(url("edit_stack", stack.pk)).status_code == 302
    assert author.get(url("publish_stack", stack.pk)).status_code == 302
    author.post(url("new_stack_version", stack.pk))
    page = url("edit_stack", stack.pk)
    press(author, page, "level:tree", **{"title.en": "Readier"})
    press(author, page, "save", **{"tree.of[1].level.at_least": "1"})
    shown = author.get(url("publish_stack", stack.pk)).content.decode()
    for words in ("Readier", "One learner who follows it keeps", "What it takes", "0 of 1 done"):
        assert words in shown
    assert author.post(url("publish_stack", stack.pk), {"revision": "1"}).status_code == 409
    assert author.post(url("publish_stack", stack.pk), {"revision": "3"}).status_code == 302
    assert Pursuit.objects.get().stack_version == published
    overview = author.get(url("stack", stack.pk)).content.decode()
    assert "Published, version 2" in overview and "1 learner" in overview


def test_two_authors_of_a_stack_lose_nothing(author: Client, cast: Cast, at: datetime, published: StackVersion) -> None:
    page = url("edit_stack", published.stack_id)
    author.post(url("new_stack_version", published.stack_id))
    mine = Form(author.get(page).content.decode()).sent
    press(author, page, "hours:tree", **{"summary.en": "Theirs"})
    answer = send(author, page, mine, do="level:tree", **{"summary.en": "Mine"})
    assert answer.status_code == 409
    shown = answer.content.decode()
    assert "Theirs" in shown and "Mine" in shown and "Two people wrote" in shown
    assert send(author, page, Form(shown).sent, do="save", take="tree").status_code == 302
    draft = published.stack.versions.get(number=2)
    assert draft.definition["summary"]["en"] == "Mine" and "hours" in draft.definition["tree"]["of"][1]
    mine = Form(author.get(page).content.decode()).sent
    actions.publish(version=fixed(draft, at), by=None, at=at)
    late = send(author, page, mine, do="save", **{"summary.en": "Late"})
    assert late.status_code == 302
    assert published.stack.versions.get(number=3).definition["summary"]["en"] == "Late"


def fixed(draft: StackVersion, at: datetime) -> StackVersion:
    body = {**draft.definition, "tree": {"level": {"at_least": 1}}}
    return actions.save_draft(version=draft, body=body, revision=draft.revision, by=None, at=at)


def test_stacks_go_out_and_come_in(author: Client, cast: Cast, published: StackVersion) -> None:
    sent = author.get(url("stack_file", published.stack_id, 1))
    assert json.loads(sent.content)["definition"] == published.definition
    assert author.get(url("stack_file", published.stack_id, 7)).status_code == 404

    def take_in(content: bytes) -> Any:
        file = SimpleUploadedFile("s.json", content)
        return author.post(url("import_stack"), {"program": str(cast.home.program.pk), "key": "k", "file": file})

    assert published.definition["occupations"] == ["39-9011.00"]
    back = take_in(sent.content)
    assert back.status_code == 302 and take_in(sent.content)["Location"] == back["Location"]
    assert StackVersion.objects.latest("created_at").definition == published.definition
    for content, words in (
        (b'{"tree": {"at_least": 0, "of": []}}', "tree.at_least: Give a whole number from 1"),
        (b'{"tree": [1]}', "tree: Here belongs an object"),
        (b'{"tree": {"hold": {"credential": 5}}}', "tree.hold.credential: Give an id"),
        (b'{"title": []}', "title: This entry is not readable."),
        (b'{"format": "fieldstone-definition-1"}', "fieldstone-stack-1"),
        (json.dumps({"tree": nested(13)}).encode(), "12 deep"),
    ):
        answer = take_in(content)
        assert answer.status_code == 422 and words in answer.content.decode(), content


def nested(depth: int) -> Any:
    return {"at_least": 1, "of": [nested(depth - 1)] if depth else []}


def test_retire_and_put_back(author: Client, published: StackVersion) -> None:
    stack = published.stack
    assert "Retire this stack?" in author.get(url("retire_stack", stack.pk)).content.decode()
    author.post(url("retire_stack", stack.pk), {"do": "retire"})
    stack.refresh_from_db()
    assert stack.retired_at and "Put it back" in author.get(url("retire_stack", stack.pk)).content.decode()
    author.post(url("retire_stack", stack.pk), {"do": "restore"})
    stack.refresh_from_db()
    assert stack.retired_at is None
    assert "Ready" in author.get(url("stacks")).content.decode()


# --- hostile -----------------------------------------------------------------------------------------


def test_another_organizations_stacks_are_not_there(client: Client, author: Client, cast: Cast, at: datetime) -> None:
    theirs = actions.create(program=cast.away.program, body=rules.EMPTY, by=None, at=at).stack
    names = ("stack", "edit_stack", "publish_stack", "retire_stack")
    every = [url(name, theirs.pk) for name in names] + [url("stack_file", theirs.pk, 1)]
    for address in every:
        assert author.get(address).status_code == 404
        assert author.post(address).status_code in {404, 405}
    assert author.post(url("new_stack_version", theirs.pk)).status_code == 404
    client.force_login(cast.home.coach)
    assert {client.get(url(n)).status_code for n in ("stacks", "new_stack", "import_stack")} == {403}


def test_hostile_trees_get_a_clear_answer(author: Client, cast: Cast) -> None:
    page, version = begin(author, cast, "Hostile")
    form = Form(author.get(page).content.decode()).sent
    deep: dict[str, Any] = {"tree" + ".of[0]" * n + ".kind": "group" for n in range(300)}
    odd = {
        "tree.kind": "group", "tree.of[0].kind": "hold", "tree.of[0].hold.credential": "x" * 600, "tree.of[1].kind": "exe",
        "tree.of[2].kind": "hours", "tree.rule": "most", "tree.label.en": "only one language", "level": "9", "glyph": "",
        "tree.of[0].hold.level": "\x00", "tree.of[0].hold.equivalents": ["a\x00", "", "b", "b"],
    }  # fmt: skip
    revision = 2
    for changes in (odd, deep, {"tree.kind": "hours", "tree.hours.total": "1e999999"}, {"tree.kind": "level", "tree.level.count": "-5"},
                    {"tree.kind": "hours", "tree.hours.total": "NaN", "tree.hours.minimum_per_area.zz": "٣"}):  # fmt: skip
        assert send(author, page, form, do="check", **{**changes, "revision": str(revision)}).status_code == 302
        revision += 1
        assert author.get(page + "?check=1").status_code == 200
        assert publish(author, page, version).status_code == 422
        revision += 1
    huge = send(author, page, form, revision=str(revision), **{"tree.kind": "group", "tree.label.en": "y" * 250_000})
    assert huge.status_code == 422 and "too large" in huge.content.decode()
    version.refresh_from_db()
    version.definition = {**version.definition, "tree": {"at_least": "x", "of": "y"}}
    version.save()
    assert author.get(page).status_code == 200
    for tree in (
        {"of": [3, {}, {"hold": []}]},
        {"hours": {"minimum_per_area": 3, "among": 4}},
        [1],
        "x",
        {"level": {}},
        {"hold": {}},
    ):
        version.definition = {**version.definition, "tree": tree}
        version.save()
        assert author.get(page).status_code == 200, tree


def test_the_editor_asks_the_database_the_same_however_large_the_tree(
    author: Client, cast: Cast, at: datetime, django_assert_max_num_queries: Any
) -> None:
    ids = several(cast, at, 30, "Part")
    page, _version = begin(author, cast, "Large")
    press(author, page, "group:tree")
    pick(author, page, "tree", ids)
    with django_assert_max_num_queries(22):
        author.get(page)
    with django_assert_max_num_queries(9):
        author.get(url("stacks"))
    assert Version.objects.count() > 30
