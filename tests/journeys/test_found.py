"""The first step of a new installation: an organization with its administrator."""

from __future__ import annotations

import io

import pytest
from django.core.management import CommandError, call_command

from fieldstone.server.ledger.models import Entry
from fieldstone.server.people.models import Membership, Organization, User


@pytest.mark.django_db
def test_an_organization_and_its_administrator() -> None:
    out = io.StringIO()
    call_command("organization", "Blue Ridge College", kind="college", admin="Ana@Example.org", stdout=out)
    organization = Organization.objects.get()
    assert (organization.slug, organization.kind) == ("blue-ridge-college", "college")
    role = Membership.objects.get()
    assert (role.organization, role.role, role.user.email) == (organization, "administrator", "ana@example.org")
    assert "/sign-in/" in out.getvalue()
    verbs = ["people.organization_created", "people.joined", "people.role_granted"]
    assert list(Entry.objects.values_list("verb", flat=True)) == verbs


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "slug", "admin"),
    [("Blue Ridge College", "taken", "a@example.org"), ("Other", "NO", "a@example.org"), ("Other", "", "nobody")],
)
def test_a_refusal_leaves_nothing(name: str, slug: str, admin: str) -> None:
    call_command("organization", "First", kind="college", admin="b@example.org", slug="taken", stdout=io.StringIO())
    with pytest.raises(CommandError, match=r"\w"):
        call_command("organization", name, kind="college", admin=admin, slug=slug)
    assert Organization.objects.count() == User.objects.count() == 1
