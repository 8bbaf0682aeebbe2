"""Ties on screen, what a draft adds, jobs near here, and the rule of what is in demand."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

import pytest
from django.test import Client

from fieldstone.server.catalog.models import Version
from fieldstone.server.ledger.models import Entry
from fieldstone.server.pathways import actions, queries
from fieldstone.server.pathways.models import Region
from fieldstone.server.reference import actions as reference
from fieldstone.server.reference.models import Release, SearchText, TaskStatement, TechnologySkill
from fieldstone.server.web.author import ties
from tests.awards.makers import make_enrollment
from tests.cast import Cast, make_person, make_version, text
from tests.pathways.makers import hold, make_stack
from tests.pathways.test_ties import WORKER, earn, tie


@pytest.fixture
def starter(db: None, at: datetime) -> None:
    """The starter facts."""
    reference.load_starter(by=None, at=at)


@pytest.fixture
def author(client: Client, cast: Cast) -> Client:
    client.force_login(cast.home.author)
    return client


@pytest.fixture
def lead(client: Client, cast: Cast) -> Client:
    client.force_login(cast.home.lead)
    return client


def draft(cast: Cast, at: datetime, **changes: Any) -> Version:
    return make_version(cast.home.program, at, slug="draft", published=False, **changes)


def page_of(version: Version, name: str = "ties") -> str:
    return f"/o/home/author/{version.micro_credential_id}/{name}/"


def press(client: Client, page: str, wish: str, **more: Any) -> Any:
    shown = client.get(page).content.decode()
    revision = re.search(r'name="revision" value="(\d+)"', shown)
    assert revision is not None
    return client.post(page, {"revision": revision[1], "do": wish, **more})


def test_an_author_searches_ties_levels_and_takes_out(
    author: Client, cast: Cast, at: datetime, starter: None
) -> None:
    version = draft(cast, at)
    page = page_of(version)
    shown = author.get(page, {"q": "escucha activa", "kind": "skill"}).content.decode()
    assert "Active Listening" in shown and 'value="tie:skill:2.A.1.b"' in shown and "Suggested from your text" in shown
    assert "Your text says:" in shown and "Nothing yet." in shown
    answer = press(author, page, "tie:skill:2.A.1.b", **{"for:tie:skill:2.A.1.b": "3", "q": "listen", "back": "find"})
    assert answer["Location"] == f"{page}?q=listen&kind=#find"
    press(author, page, f"tie:occupation:{WORKER}")
    version.refresh_from_db()
    assert version.definition["alignments"] == [
        {
            "framework": "O*NET", "code": "2.A.1.b", "name": "Active Listening", "level": 3,
            "url": "https://www.onetonline.org/find/descriptor/result/2.A.1.b",
        },
        {
            "framework": "O*NET-SOC", "code": WORKER, "name": "Childcare Workers",
            "url": f"https://www.onetonline.org/link/summary/{WORKER}",
        },
    ]  # fmt: skip
    shown = author.get(page, {"q": "childcare workers"}).content.decode()
    assert "shown at level 3 of 7: everyday work alone" in shown
    assert "Childcare Workers asks for level 3.12" in shown and "Tied already." in shown
    press(author, page, "level:0", **{"for:level:0": "3.5"})
    assert "3.5: everyday work alone" in author.get(page).content.decode()
    assert press(author, page, "out:0")["Location"] == f"{page}#ties"
    version.refresh_from_db()
    assert [row["code"] for row in version.definition["alignments"]] == [WORKER]
    author.cookies["django_language"] = "es"
    spanish = author.get(page, {"q": "escucha"}).content.decode()
    assert "Vínculos de ahora" in spanish and "Personal de cuidado infantil" in spanish and "Escucha activa" in spanish


def test_a_tie_again_is_the_same_tie_with_its_new_level(author: Client, cast: Cast, at: datetime, starter: None) -> None:
    version = draft(cast, at, alignments=[tie("2.A.1.b", 2, framework="O*NET skills"), tie(WORKER)])
    press(author, page_of(version), "tie:skill:2.A.1.b", **{"for:tie:skill:2.A.1.b": "4"})
    version.refresh_from_db()
    assert [(row["code"], row.get("level")) for row in version.definition["alignments"]] == [(WORKER, None), ("2.A.1.b", 4)]


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        ("tie:skill:9.Z.9.z", "not known here any more"), ("tie:occupation:99-9999.00", "not known here any more"),
        ("tie:dragon:1", "not known here any more"), ("tie:technology:No Such Tool", "not known here any more"),
        ("tie:task:39-9011.00#1", "not known here any more"), ("out:7", "not there any more"),
        ("level:x", "not there any more"), ("fly", "not there any more"), ("", "not there any more"),
    ],
)  # fmt: skip
def test_what_is_not_there_is_refused_with_words(
    author: Client, cast: Cast, at: datetime, starter: None, wish: str, words: str
) -> None:
    version = draft(cast, at, alignments=[tie("2.A.1.b", 2)])
    answer = press(author, page_of(version), wish)
    assert answer.status_code == 422 and words in answer.content.decode()
    version.refresh_from_db()
    assert version.revision == 1


def test_two_authors_do_not_overwrite_each_other(author: Client, cast: Cast, at: datetime, starter: None) -> None:
    version = draft(cast, at)
    page = page_of(version)
    press(author, page, f"tie:occupation:{WORKER}")
    late = author.post(page, {"revision": "1", "do": "tie:skill:2.A.1.b"})
    assert late.status_code == 409 and "changed this draft" in late.content.decode()
    version.refresh_from_db()
    assert len(version.definition["alignments"]) == 1


def test_forty_ties_are_enough(author: Client, cast: Cast, at: datetime, starter: None) -> None:
    version = draft(cast, at, alignments=[tie(f"1.A.{n}.a") for n in range(40)])
    answer = press(author, page_of(version), "tie:skill:2.A.1.b")
    assert answer.status_code == 422 and "40 ties already" in answer.content.decode()


def test_odd_ties_of_a_draft_do_not_break_the_page(author: Client, cast: Cast, at: datetime, starter: None) -> None:
    version = draft(cast, at, alignments=[7, {"framework": "O*NET", "code": "2.A.1.a", "level": "high"}])
    shown = author.get(page_of(version)).content.decode()
    assert "Without a name" in shown and "high" in shown
    assert press(author, page_of(version), "level:0").status_code == 302
    Version.objects.filter(pk=version.pk).update(definition={**version.definition, "alignments": 3})
    assert author.get(page_of(version)).status_code == 200


def test_without_a_draft_there_is_nothing_to_tie(author: Client, cast: Cast, starter: None) -> None:
    assert author.get(page_of(cast.home.version)).status_code == 302
    assert author.get(page_of(cast.home.version, "adds")).status_code == 200


def test_pages_work_before_anything_is_loaded(author: Client, cast: Cast, at: datetime) -> None:
    version = draft(cast, at, alignments=[tie("2.A.1.b", 2)])
    assert "No list of jobs and skills is loaded here." in author.get(page_of(version), {"q": "care"}).content.decode()
    assert "No job that is known here asks" in author.get(page_of(version, "adds")).content.decode()
    author.force_login(cast.home.lead)
    assert "No list of jobs is loaded here yet." in author.get("/o/home/lead/jobs/").content.decode()


@pytest.mark.parametrize(
    ("level", "words"),
    [(None, ""), (True, ""), ("3", ""), (8, ""), (0, "less than one"), (0.5, "less than one"), (3.9, "everyday work alone"),
     (7, "from far")],
)  # fmt: skip
def test_levels_have_words(level: Any, words: str) -> None:
    said = ties.anchor(level)
    assert words in said and bool(said) == bool(words)


def crowd(cast: Cast, at: datetime, many: int) -> list[Any]:
    people = [make_person(f"Learner {n} of {many}", at) for n in range(many)]
    for person in people:
        make_enrollment(person, cast.home.version, at)
    return people


def test_what_a_draft_adds_is_said_before_and_after(author: Client, cast: Cast, at: datetime, starter: None) -> None:
    version = draft(cast, at, alignments=[tie("2.A.1.b", 3), tie(WORKER, framework="O*NET-SOC")])
    page = page_of(version, "adds")
    few = crowd(cast, at, 10)
    assert "is hidden, since a small group would show" in author.get(page).content.decode()
    crowd(cast, at, 12)
    shown = author.get(page).content.decode()
    assert "of what Childcare Workers asks" in shown and "It brings more than 20 of your learners nearer." in shown
    assert "Childcare Workers, skill by skill" in shown and "Active Listening" in shown
    assert "May 2025" in shown and "Tennessee" in shown and "Jobs near Tennessee." in shown
    for person in few:  # ten who have it already: who lacks it could be worked out, and ten are a small group
        earn(person, make_version(cast.home.program, at, slug=str(person.pk), alignments=[tie("2.A.1.b", 5)]), at)
    assert "is hidden, since a small group would show" in author.get(page).content.decode()
    other = author.get(page, {"job": "25-2011.00"}).content.decode()
    assert "Preschool Teachers, Except Special Education, skill by skill" in other


def test_a_draft_without_levels_says_so(author: Client, cast: Cast, at: datetime, starter: None) -> None:
    assert "not tied to a skill with a level yet" in author.get(page_of(draft(cast, at), "adds")).content.decode()


def test_nobody_lacks_what_everybody_has_shown(author: Client, cast: Cast, at: datetime, starter: None) -> None:
    held = make_version(cast.home.program, at, slug="held", alignments=[tie("2.A.1.b", 7)])
    for person in crowd(cast, at, 11):
        earn(person, held, at)
    shown = author.get(page_of(draft(cast, at, alignments=[tie("2.A.1.b", 2)]), "adds")).content.decode()
    assert "None of your learners lacks what it shows." in shown


def test_a_stack_says_to_which_jobs_it_leads(author: Client, cast: Cast, at: datetime, starter: None) -> None:
    tied = make_version(cast.home.program, at, slug="tied", alignments=[tie(WORKER, framework="O*NET-SOC")])
    published = make_stack(cast.home.program, hold(tied), at, by=cast.home.author)
    page = f"/o/home/author/stacks/{published.stack_id}/jobs/"
    assert author.get(page).status_code == 302
    version = actions.new_version(stack=published.stack, by=cast.home.author, at=at)
    shown = author.get(page, {"q": "nursing"}).content.decode()
    assert "1 micro-credential is tied to it" in shown and "Nursing Assistants" in shown
    assert press(author, page, f"tie:{WORKER}", q="nursing")["Location"] == f"{page}?q=nursing#ties"
    press(author, page, "tie:31-1131.00")
    press(author, page, f"out:{WORKER}")
    version.refresh_from_db()
    assert version.definition["occupations"] == ["31-1131.00"]
    assert "Chosen already." in author.get(page, {"q": "nursing"}).content.decode()
    assert press(author, page, "tie:nothing").status_code == 422
    assert author.post(page, {"revision": "1", "do": f"tie:{WORKER}"}).status_code == 409
    edit = f"/o/home/author/stacks/{published.stack_id}/edit/"
    author.post(edit, {"revision": str(version.revision), "do": "jobs", "title.en": "Kept"})
    version.refresh_from_db()
    assert version.definition["occupations"] == ["31-1131.00"] and version.definition["title"] == {"en": "Kept"}


def test_twenty_jobs_are_enough(author: Client, cast: Cast, at: datetime, starter: None) -> None:
    codes = [f"11-{n}.00" for n in range(1000, 1020)]
    version = actions.create(
        program=cast.home.program, body={"title": text("Many"), "occupations": codes}, by=cast.home.author, at=at
    )
    page = f"/o/home/author/stacks/{version.stack_id}/jobs/"
    answer = press(author, page, f"tie:{WORKER}")
    assert answer.status_code == 422 and "20 jobs already" in answer.content.decode()


def test_a_lead_sees_what_opens_and_what_is_missing(lead: Client, cast: Cast, at: datetime, starter: None) -> None:
    page = "/o/home/lead/jobs/"
    assert "is tied to a job yet" in lead.get(page).content.decode()
    tied = make_version(
        cast.home.program, at, slug="tied",
        alignments=[tie("2.A.1.b", 4), tie("2.B.1.a", 4), tie(WORKER, framework="O*NET-SOC")],
    )  # fmt: skip
    make_stack(cast.home.program, hold(tied), at, occupations=["25-2011.00"])
    make_stack(cast.away.program, hold(tied), at, occupations=["31-1131.00"])
    crowd(cast, at, 10)
    shown = lead.get(page).content.decode()
    assert "Something that you publish leads to 2 jobs known here." in shown and "hidden, a small group" in shown
    assert "no skill is lacking for 11 learners or more" in shown
    crowd(cast, at, 25)
    shown = lead.get(page).content.decode()
    assert "would bring more than 30 of your learners nearer" in shown
    counts = re.findall(r'/jobs/([\d.-]+)/.*?"Micro-credentials:" class="num">(\d+)<.*?"Stacks:" class="num">(\d+)<', shown)
    assert sorted(counts[:2]) == [("25-2011.00", "0", "1"), (WORKER, "1", "0")]
    assert "Reckoned toward:" in shown and "At least 5,000 openings a year" in shown
    lead.cookies["django_language"] = "es"
    assert "acercaría a más de 30" in lead.get(page).content.decode()


def test_a_lead_chooses_places_and_the_rule_of_demand(lead: Client, cast: Cast, at: datetime, starter: None) -> None:
    page = "/o/home/lead/jobs/near/"
    shown = lead.get(page, {"q": "Wilson TN"}).content.decode()
    assert "From the address of your organization" in shown and "Wilson County, TN" in shown and "All of Tennessee" in shown
    assert "No county of that name" in lead.get(page, {"q": "Atlantis"}).content.decode()
    for code in ("47189", "13051", "47000"):
        assert lead.post(page, {"do": f"add:{code}"}).status_code == 302
    assert queries.nearby(cast.home.organization).counties == ("47189", "13051", "47000")
    both = lead.get("/o/home/lead/jobs/", {"county": "13051"}).content.decode()
    assert "Jobs near Chatham County, GA." in both and "?county=47189" in both
    lead.post(page, {"do": "out:47000"})
    assert lead.post(page, {"do": "add:99999", "q": "x"}).status_code == 422
    assert lead.post(page, {"do": "add:99000"}).status_code == 422
    assert lead.post(page, {"do": "dance"}).status_code == 302

    bad = lead.post(page, {"do": "rule", "min_openings": "lots", "min_growth": "1,5", "min_wage_share": ""})
    assert bad.status_code == 422 and "lots" in bad.content.decode() and "Write a number from 0" in bad.content.decode()
    assert lead.post(page, {"do": "rule", "min_openings": "0", "min_growth": "", "min_wage_share": ""}).status_code == 302
    lead.post(page, {"do": "rule", "min_openings": "5,000", "min_growth": "1,5", "min_wage_share": "60"})
    kept = queries.nearby(cast.home.organization).rule
    assert (kept.min_openings, kept.min_growth, kept.min_wage_share) == (5000, 1.5, 60)
    lead.cookies["django_language"] = "es"
    assert 'value="1.5"' in lead.get(page).content.decode()
    lead.cookies["django_language"] = "en"
    lead.post(page, {"do": "rule", "min_openings": "0", "min_growth": "", "min_wage_share": ""})
    near = queries.nearby(cast.home.organization)
    assert (near.own_rule, near.rule.min_openings, near.rule.min_growth) == (True, 0, None)
    assert "Your rule now:" in lead.get(page).content.decode()
    lead.post(page, {"do": "default"})
    assert not queries.nearby(cast.home.organization).own_rule
    verbs = list(Entry.objects.filter(subject_id=Region.objects.get().pk).order_by("at", "id").values_list("verb", flat=True))
    assert verbs.count("pathways.places_chosen") == 4 and verbs.count("pathways.demand_rule_set") == 4


def test_twelve_places_are_enough(cast: Cast, at: datetime, starter: None, lead: Client) -> None:
    Region.objects.create(
        organization=cast.home.organization, counties=[f"{n:05}" for n in range(12)], changed_at=at
    )
    answer = lead.post("/o/home/lead/jobs/near/", {"do": "add:47189"})
    assert answer.status_code == 422 and "12 places already" in answer.content.decode()


def test_an_organization_without_a_known_state_looks_at_the_nation(cast: Cast, at: datetime, starter: None) -> None:
    organization = cast.home.organization
    organization.place = "Somewhere"
    near = queries.nearby(organization)
    assert (near.counties, near.chosen, near.own_rule) == ((), False, False)
    assert queries.jobs_near("")[WORKER].place.kind == "nation"
    assert queries.jobs_near("13000")[WORKER].place.kind == "state"
    assert queries.jobs_near("13051")[WORKER].place.title


def test_tools_and_tasks_can_be_tied_too(author: Client, cast: Cast, at: datetime, starter: None) -> None:
    release = Release.objects.current("onet")
    assert release is not None
    TechnologySkill.objects.create(
        release=release, occupation=WORKER, example="Roster Pro", commodity="43231500", hot=False, in_demand=False
    )
    TaskStatement.objects.create(release=release, occupation=WORKER, task=12345, text="Zebra crossing walks", core=True)
    for kind, code, words in (("technology", "43231500", "Roster Pro"), ("task", WORKER, "Zebra crossing walks")):
        SearchText.objects.create(
            release=release, kind=kind, code=code, language="en", text=words, folded=words.lower()
        )
    version = draft(cast, at)
    page = page_of(version)
    assert f'value="tie:task:{WORKER}#12345"' in author.get(page, {"q": "zebra"}).content.decode()
    assert 'value="tie:technology:Roster Pro"' in author.get(page, {"q": "roster"}).content.decode()
    press(author, page, f"tie:task:{WORKER}#12345")
    press(author, page, "tie:technology:Roster Pro")
    version.refresh_from_db()
    task, tool = version.definition["alignments"]
    assert (task["framework"], task["name"]) == ("O*NET tasks", "Zebra crossing walks")
    assert (tool["framework"], tool["code"], tool["name"]) == ("O*NET technology skills", "43231500", "Roster Pro")
    assert version.parsed.jobs == () and version.parsed.shows == {}
    assert "Tied already." in author.get(page, {"q": "zebra"}).content.decode()


def test_everybody_reads_the_level_that_is_shown(client: Client, cast: Cast, at: datetime) -> None:
    make_version(cast.home.program, at, slug="open", alignments=[tie("2.A.1.b", 3.5)])
    shown = client.get("/m/home/open/").content.decode()
    assert "shown at level 3.5 of 7, by the program’s own judgment" in shown
