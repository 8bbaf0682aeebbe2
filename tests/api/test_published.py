"""CTDL and CASE at their addresses: for anybody, with ETag and CORS, and nothing that is not published."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from uuid import UUID

import jsonschema_rs
import pytest
from django.test import Client

from fieldstone.server.catalog.models import Program, Version
from tests.api.test_openapi import fits
from tests.cast import Cast, make_version, text
from tests.catalog.test_exports import complete
from tests.pathways.makers import all_of, hold, make_stack

pytestmark = pytest.mark.django_db


@pytest.fixture
def paths(cast: Cast, at: datetime) -> dict[str, str]:
    """Every address of what the home program publishes, as described and as asked."""
    home = cast.home
    stack = make_stack(home.program, all_of(hold(home.version)), at, by=home.author).stack_id
    return {
        "/ctdl/micro-credentials/{micro_credential}": f"/ctdl/micro-credentials/{home.micro_credential.pk}",
        "/ctdl/stacks/{stack}": f"/ctdl/stacks/{stack}",
        "/ctdl/organizations/{organization}": f"/ctdl/organizations/{home.organization.pk}",
        "/ctdl/frameworks/{program}": f"/ctdl/frameworks/{home.program.pk}",
        "/ctdl/programs/{program}": f"/ctdl/programs/{home.program.pk}",
        "/ims/case/v1p1/CFDocuments": "/ims/case/v1p1/CFDocuments",
        "/ims/case/v1p1/CFDocuments/{program}": f"/ims/case/v1p1/CFDocuments/{home.program.pk}",
        "/ims/case/v1p1/CFPackages/{program}": f"/ims/case/v1p1/CFPackages/{home.program.pk}",
    }


def test_each_answers_anybody_as_described(paths: dict[str, str]) -> None:
    client = Client()
    for described, path in paths.items():
        answer = client.get(path)
        fits(described, "get", answer)
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert client.get(path, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
        assert client.post(path).status_code == 405
        if described.startswith("/ctdl/"):
            linked = client.get(path, headers={"Accept": "application/ld+json"})
            fits(described, "get", linked)
            assert linked.headers["Content-Type"] == "application/ld+json"
            graph = answer.json()
            assert graph["@id"] == f"http://127.0.0.1:8000{path}"
            complete(graph)
            first = graph["@graph"][0]["@id"]
            assert first.startswith("http://127.0.0.1:8000/ctdl/")
            assert client.get(first.removeprefix("http://127.0.0.1:8000").partition("#")[0]).status_code == 200


def test_a_whole_program_is_a_file_to_keep(paths: dict[str, str]) -> None:
    answer = Client().get(paths["/ctdl/programs/{program}"])
    assert answer.headers["Content-Disposition"] == 'attachment; filename="early-childhood.ctdl.jsonld"'
    kinds = [node["@type"].partition(":")[2] for node in answer.json()["@graph"]]
    assert {"CompetencyFramework", "Competency", "CredentialOrganization", "MicroCredential", "Rubric", "Certificate",
            "Pathway", "CredentialComponent"} <= set(kinds)  # fmt: skip


def test_the_package_at_its_address_is_valid(paths: dict[str, str], shared: Any) -> None:
    schema = json.loads((shared / "schemas/case/v1_1/case_v1p1_cfpackage-jsonschema1.json").read_text())
    package = Client().get(paths["/ims/case/v1p1/CFPackages/{program}"]).json()
    assert [error.message for error in jsonschema_rs.validator_for(schema).iter_errors(package)] == []


def test_the_list_of_frameworks_says_what_each_says_and_asks_once(
    cast: Cast, at: datetime, paths: dict[str, str], django_assert_num_queries: Any
) -> None:
    """Anybody may ask for it: its cost must not grow with every program and all that each has published."""
    client = Client()
    for number in range(3):
        program = Program.objects.create(
            organization=cast.home.organization, slug=f"more-{number}", title=text(f"More {number}"), areas=[]
        )
        make_version(program, at, slug=f"more-{number}")
    with django_assert_num_queries(1):
        listed = client.get("/ims/case/v1p1/CFDocuments").json()["CFDocuments"]
    alone = client.get(paths["/ims/case/v1p1/CFDocuments/{program}"]).json()
    assert alone in listed and len(listed) >= 4


def test_what_is_not_published_is_not_there(cast: Cast, at: datetime) -> None:
    client = Client()
    draft = make_version(cast.home.program, at, slug="draft", published=False)
    empty = Program.objects.create(organization=cast.home.organization, slug="empty", title=text("Empty"))
    unknown = UUID(int=5)
    for path in (
        f"/ctdl/micro-credentials/{draft.micro_credential_id}", f"/ctdl/micro-credentials/{unknown}",
        f"/ctdl/stacks/{unknown}", f"/ctdl/organizations/{unknown}", f"/ctdl/frameworks/{empty.pk}",
        f"/ctdl/programs/{empty.pk}", f"/ims/case/v1p1/CFPackages/{empty.pk}", f"/ims/case/v1p1/CFDocuments/{empty.pk}",
    ):  # fmt: skip
        assert client.get(path).status_code == 404, path
    identifiers = [d["identifier"] for d in client.get("/ims/case/v1p1/CFDocuments").json()["CFDocuments"]]
    assert str(empty.pk) not in identifiers and len(identifiers) == len(set(identifiers))
    assert Version.objects.filter(published_at=None).exists()
