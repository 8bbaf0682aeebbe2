"""`fieldstone export`: the same as at the web addresses, one file for each, back in without loss, clear where it cannot."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import UUID

import icalendar
import pytest
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client
from django.utils import timezone

from fieldstone.server.catalog.case import rubric_rows
from fieldstone.server.catalog.models import Program
from fieldstone.server.pathways import ctdl as stack_ctdl
from fieldstone.server.pathways import rules
from fieldstone.server.pathways.models import StackVersion
from fieldstone.server.people import actions as people
from fieldstone.server.reference import frameworks
from fieldstone.server.reference.models import Release
from tests.cast import Cast, definition, make_version, text
from tests.catalog.test_exports import TIES
from tests.pathways.makers import all_of, hold, make_stack, some_of
from tests.reference.test_frameworks import CTDL, PACKAGE, put
from tests.workplace.makers import make_form, place
from tests.workplace.test_stacks import hours_part, review_part

pytestmark = pytest.mark.django_db


@pytest.fixture
def stack(cast: Cast, at: datetime) -> StackVersion:
    """A stack with every kind of part (CTDL keeps single credentials first), and a second micro-credential with ties."""
    home = cast.home
    second = make_version(home.program, at, slug="second", alignments=TIES, prerequisites=[str(home.micro_credential.pk)])
    form = make_form(home.program, at)
    hours = {"hours": {"total": 20, "minimum_per_area": {"cda_7": 5}}}
    tree = all_of(hold(home.version), review_part(form), some_of(1, hold(second), hours), hours_part(form, 16))
    return make_stack(home.program, tree, at, by=home.author, occupations=["39-9011.00"])


def export(*arguments: str) -> tuple[str, str]:
    """What the command prints, and what it remarks."""
    out, err = StringIO(), StringIO()
    call_command("export", *arguments, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def refused(*arguments: str) -> str:
    with pytest.raises(CommandError) as found:
        export(*arguments)
    return str(found.value)


def at_address(path: str) -> Any:
    answer = Client().get(path)
    assert answer.status_code == 200, path
    return answer.json()


# --- the same as at the addresses -----------------------------------------------------------------------------


def test_each_is_what_its_address_answers(cast: Cast, stack: StackVersion) -> None:
    program, micro = cast.home.program.pk, cast.home.micro_credential.pk
    for kind, word, path in (
        ("ctdl", str(program), f"/ctdl/programs/{program}"),
        ("ctdl", str(micro), f"/ctdl/micro-credentials/{micro}"),
        ("ctdl", str(stack.stack_id), f"/ctdl/stacks/{stack.stack_id}"),
        ("case", str(program), f"/ims/case/v1p1/CFPackages/{program}"),
    ):
        document = at_address(path)
        printed, remark = export(kind, word)
        assert json.loads(printed) == document
        assert "FIELDSTONE_BASE_URL" in remark
        assert json.loads(export(kind, f"{settings.BASE_URL}{path}")[0]) == document
        assert json.loads(export(kind, word, "--out", "-")[0]) == document


def test_names_of_pages_do_too(cast: Cast, stack: StackVersion, settings: Any) -> None:
    home = cast.home
    settings.BASE_URL = "https://site.example"
    printed, remark = export("ctdl", f"{home.organization.slug}/{home.program.slug}")
    assert json.loads(printed)["@id"] == f"https://site.example/ctdl/programs/{home.program.pk}"
    assert remark == ""
    printed, _remark = export("ctdl", f"{home.organization.slug}/second")
    assert json.loads(printed)["@graph"][0]["@type"] == "ceterms:MicroCredential"
    printed, _remark = export("ctdl", f"{home.organization.slug}/{stack.stack.slug}")
    assert json.loads(printed)["@id"] == f"https://site.example/ctdl/stacks/{stack.stack_id}"


def test_all_is_one_file_for_each_program(cast: Cast, stack: StackVersion, tmp_path: Path, at: datetime) -> None:
    Program.objects.create(organization=cast.home.organization, slug="empty", title=text("Empty"))
    for kind, ending in (("ctdl", "ctdl.jsonld"), ("case", "case.json")):
        folder = tmp_path / "deep" / kind
        for _twice in range(2):
            said, _remark = export(kind, "--all", "--out", str(folder))
        names = sorted(path.name for path in folder.iterdir())
        houses = (cast.away, cast.home)
        assert names == sorted(f"{h.organization.slug}.{h.program.slug}.{ending}" for h in houses)
        assert all(name in said for name in names)


def test_one_goes_into_a_file_or_a_folder(cast: Cast, tmp_path: Path) -> None:
    program = str(cast.home.program.pk)
    file = tmp_path / "mine.json"
    file.write_text("what stood there before")
    said, _remark = export("case", program, "--out", str(file))
    assert json.loads(file.read_text())["CFDocument"]["identifier"] == program
    assert said == f"{file}  {file.stat().st_size:,} bytes\n"
    export("case", program, "--out", str(tmp_path))
    named = f"{cast.home.organization.slug}.{cast.home.program.slug}.case.json"
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(["mine.json", named])


# --- and back -------------------------------------------------------------------------------------------------


def test_out_and_in_again_is_the_same(cast: Cast, stack: StackVersion, tmp_path: Path) -> None:
    """By way of `fieldstone import`: the very document, the rubrics, and the stack's tree."""
    for kind in ("ctdl", "case"):
        file = tmp_path / f"program.{kind}.json"
        export(kind, str(cast.home.program.pk), "--out", str(file))
        call_command("import", kind, str(file), stdout=StringIO(), stderr=StringIO())
        release = Release.objects.get(kind=kind, is_current=True)
        document = json.loads(file.read_text())
        assert frameworks.document(release.pk) == document
        (line,) = [row for row in export(kind, "--list")[0].splitlines() if "  imported  " in row]
        assert line.startswith(release.series)
        if kind == "case":
            rubrics = [rubric_rows(rubric) for rubric in document["CFRubrics"]]
            assert rubrics == [definition()["rubric"], definition()["rubric"]]
        else:
            nodes = {node["@id"]: node for node in document["@graph"]}
            pathway = f"{stack_ctdl.stack_address(settings.BASE_URL, stack.stack_id)}#pathway"
            assert stack_ctdl.tree(nodes, pathway) == rules.parse(stack.definition)[0].tree


@pytest.mark.parametrize(("kind", "document"), [("case", PACKAGE), ("ctdl", CTDL)])
def test_a_framework_of_others_comes_out_as_it_came_in(kind: str, document: Any, tmp_path: Path) -> None:
    call_command("import", kind, str(put(tmp_path / "in.json", document)), stdout=StringIO())
    series = Release.objects.get(kind=kind).series
    printed, _remark = export(kind, series)
    assert json.loads(printed) == document
    folder = tmp_path / "out"
    folder.mkdir()
    export(kind, series, "--out", str(folder))
    (file,) = folder.iterdir()
    assert json.loads(file.read_text()) == document


# --- dates ----------------------------------------------------------------------------------------------------


def test_dates_are_what_her_calendar_reads(
    cast: Cast, at: datetime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timezone, "now", lambda: at)
    place(make_form(cast.home.program, at), cast.learner, at, ends_on=date(2026, 12, 18))
    feed = people.open_calendar(user=cast.learner, at=at)
    read = Client().get(f"/calendar/{people.calendar_token(feed)}/dates.ics").content
    assert cast.learner.email
    for word in (cast.learner.email.upper(), str(cast.learner.pk)):
        printed, remark = export("ics", word)
        assert printed.encode() == read and remark == ""
    file = tmp_path / "hers.ics"
    export("ics", str(cast.learner.pk), "--out", str(file))
    assert file.read_bytes() == read
    (event,) = icalendar.Calendar.from_ical(file.read_bytes()).walk("VEVENT")
    assert str(event["SUMMARY"]) == "Último día en su lugar de trabajo"
    assert event.decoded("DTEND") - event.decoded("DTSTART") == timedelta(days=1)


# --- what cannot be -------------------------------------------------------------------------------------------


def test_what_is_wrong_is_said_and_nothing_is_written(cast: Cast, stack: StackVersion, tmp_path: Path, at: datetime) -> None:
    program = str(cast.home.program.pk)
    draft = make_version(cast.home.program, at, slug="draft", published=False)
    assert "one of the two" in refused("ctdl")
    assert "one of the two" in refused("ctdl", program, "--all")
    for word in (str(UUID(int=5)), str(draft.micro_credential_id), "home/draft", "x/y/z", "?"):
        assert "--list" in refused("ctdl", word)
    assert "--list" in refused("case", str(stack.stack_id))
    assert "name a folder" in refused("case", "--all")
    assert "name a folder" in refused("case", "--all", "--out", "-")
    assert "Nobody here" in refused("ics", "nobody@example.org")
    assert "one person" in refused("ics", "--all")
    assert "not listed" in refused("ics", "--list")
    missing = tmp_path / "none" / "file.json"
    assert refused("case", program, "--out", str(missing)) == f"{missing}: No such file or directory"
    file = tmp_path / "file"
    file.write_text("x")
    assert "File exists" in refused("case", "--all", "--out", str(file))
    assert [path.name for path in tmp_path.iterdir()] == ["file"] and file.read_text() == "x"
    with pytest.raises(CommandError, match="invalid choice"):
        export("onet", "x")


def test_a_name_of_two_things_is_asked_back(cast: Cast, stack: StackVersion, at: datetime) -> None:
    slug = cast.home.program.slug
    twin = make_version(cast.home.program, at, slug=slug)
    said = refused("ctdl", f"{cast.home.organization.slug}/{slug}")
    assert str(cast.home.program.pk) in said and str(twin.micro_credential_id) in said
    assert "program" in said and "micro-credential" in said


def test_nothing_published_is_said(tmp_path: Path) -> None:
    assert "anything yet" in refused("ctdl", "--all", "--out", str(tmp_path / "x"))
    assert export("case", "--list") == ("", "")
    assert not (tmp_path / "x").exists()


def test_the_list_names_everything(cast: Cast, stack: StackVersion) -> None:
    lines = export("ctdl", "--list")[0].splitlines()
    assert [line.split("  ")[1].strip() for line in lines] == ["program"] * 2 + ["micro-credential"] * 3 + ["stack"]
    for line in lines:
        json.loads(export("ctdl", line.split("  ")[0])[0])
    assert [line.split("  ")[1].strip() for line in export("case", "--list")[0].splitlines()] == ["program"] * 2
