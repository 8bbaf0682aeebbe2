"""What programs publish, for registries and other software: CTDL (JSON-LD) and CASE packages, at lasting addresses."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.views.decorators.http import require_safe

from fieldstone.server.api.answers import public
from fieldstone.server.catalog import case, ctdl
from fieldstone.server.catalog import queries as catalog
from fieldstone.server.catalog.models import MicroCredential, Program
from fieldstone.server.catalog.published import Shelf
from fieldstone.server.pathways import ctdl as stack_ctdl
from fieldstone.server.pathways import queries as pathways
from fieldstone.server.pathways.models import StackVersion
from fieldstone.server.people.models import Organization

SECONDS = 600


def _program(pk: UUID) -> Program:
    found: Program | None = catalog.publishing().filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def _shelf(program: Program) -> Shelf:
    return catalog.shelf(program, base_url=settings.BASE_URL)


def _linked(request: HttpRequest, document: dict[str, Any]) -> HttpResponseBase:
    linked = "application/ld+json" in request.headers.get("Accept", "")
    kind = "application/ld+json" if linked else "application/json"
    return public(request, JsonResponse(document, content_type=kind), seconds=SECONDS, vary="Accept")


def micro_credential_graph(pk: UUID, *, base_url: str) -> dict[str, Any] | None:
    """A micro-credential in its current version as a CTDL graph; None where none is published."""
    one = MicroCredential.objects.filter(pk=pk).select_related("program__organization").first()
    shelf = catalog.shelf(one.program, base_url=base_url) if one is not None else None
    entry = next((entry for entry in shelf.entries if entry.id == pk), None) if shelf else None
    if one is None or shelf is None or entry is None:
        return None
    return ctdl.document(entry, shelf, one.program.organization.kind)


def stack_graph(pk: UUID, *, base_url: str) -> dict[str, Any] | None:
    """A stack in its current version as a CTDL graph; None where none is published."""
    found = pathways.ladders(StackVersion.objects.current().filter(stack=pk))
    if not found:
        return None
    owner = ctdl.organization(found[0].owner, base_url)
    return ctdl.graph(stack_ctdl.stack_address(base_url, pk), [*stack_ctdl.nodes(found[0], base_url), owner])


def whole(program: Program, *, base_url: str) -> dict[str, Any]:
    """Everything that a program has published, as one CTDL graph."""
    shelf = catalog.shelf(program, base_url=base_url)
    nodes = [*ctdl.framework(shelf), ctdl.organization(shelf.owner, base_url, program.organization.kind)]
    for entry in shelf.entries:
        nodes += [ctdl.micro_credential(entry, shelf), *ctdl.rubric(entry, shelf)]
    for ladder in pathways.ladders(StackVersion.objects.current().filter(stack__program=program)):
        nodes += stack_ctdl.nodes(ladder, base_url)
    return ctdl.graph(f"{base_url}/ctdl/programs/{program.pk}", nodes)


def package(program: Program, *, base_url: str) -> dict[str, Any]:
    """A program's competencies and rubrics as a CFPackage of CASE 1.1."""
    return case.package(catalog.shelf(program, base_url=base_url))


def _found(document: dict[str, Any] | None) -> dict[str, Any]:
    if document is None:
        raise Http404
    return document


@require_safe
def ctdl_micro_credential(request: HttpRequest, micro_credential: UUID) -> HttpResponseBase:
    """A micro-credential in its current version: ceterms:MicroCredential, its competency, rubric, organization."""
    return _linked(request, _found(micro_credential_graph(micro_credential, base_url=settings.BASE_URL)))


@require_safe
def ctdl_stack(request: HttpRequest, stack: UUID) -> HttpResponseBase:
    """A stack in its current version: the credential it leads to, and the ceterms:Pathway there."""
    return _linked(request, _found(stack_graph(stack, base_url=settings.BASE_URL)))


@require_safe
def ctdl_organization(request: HttpRequest, organization: UUID) -> HttpResponseBase:
    """An organization: ceterms:CredentialOrganization."""
    found = Organization.objects.filter(pk=organization).first()
    if found is None:
        raise Http404
    node = ctdl.organization(catalog.owner(found), settings.BASE_URL, found.kind)
    return _linked(request, ctdl.graph(str(node["@id"]), [node]))


@require_safe
def ctdl_framework(request: HttpRequest, program: UUID) -> HttpResponseBase:
    """A program's competencies: ceasn:CompetencyFramework."""
    one = _program(program)
    shelf = _shelf(one)
    owner = ctdl.organization(shelf.owner, settings.BASE_URL, one.organization.kind)
    address = ctdl.framework_address(settings.BASE_URL, program)
    return _linked(request, ctdl.graph(address, [*ctdl.framework(shelf), owner]))


@require_safe
def ctdl_program(request: HttpRequest, program: UUID) -> HttpResponseBase:
    """All of a program in one graph: competencies, micro-credentials, rubrics, stacks, pathways. A file to keep."""
    one = _program(program)
    answer = _linked(request, whole(one, base_url=settings.BASE_URL))
    if isinstance(answer, HttpResponse) and answer.status_code == 200:
        answer["Content-Disposition"] = f'attachment; filename="{one.slug}.ctdl.jsonld"'
    return answer


# --- CASE ---------------------------------------------------------------------------------------------------


@require_safe
def case_package(request: HttpRequest, program: UUID) -> HttpResponseBase:
    """A program's competencies and rubrics as a CFPackage (CASE 1.1, getCFPackage)."""
    return public(request, JsonResponse(package(_program(program), base_url=settings.BASE_URL)), seconds=SECONDS)


@require_safe
def case_document(request: HttpRequest, program: UUID) -> HttpResponseBase:
    """What a program's framework is called and when it changed (CASE 1.1, getCFDocument)."""
    return public(request, JsonResponse(case.document(_shelf(_program(program)))), seconds=SECONDS)


@require_safe
def case_documents(request: HttpRequest) -> HttpResponseBase:
    """The frameworks of every program that has published something (CASE 1.1, getAllCFDocuments)."""
    documents = [case.document(shelf) for shelf in catalog.shelves(base_url=settings.BASE_URL)]
    return public(request, JsonResponse({"CFDocuments": documents}), seconds=SECONDS)
