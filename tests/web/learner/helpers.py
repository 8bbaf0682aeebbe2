"""What the learner's pages are fed in tests: pictures, words, whole posted forms."""

from __future__ import annotations

import io
import re
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from fieldstone.server.catalog.models import Version
from fieldstone.server.evidence.models import Enrollment
from fieldstone.server.ledger.ids import new_id
from fieldstone.server.people.models import User
from tests.cast import Cast

SETTING = "I work with six children two to four years old"
REFLECTION = "Before I would have written that he is shy"


def photo(color: tuple[int, int, int] = (200, 190, 170), size: tuple[int, int] = (64, 48), name: str = "notes.jpg", **save: Any) -> SimpleUploadedFile:
    """A small JPEG."""
    out = io.BytesIO()
    Image.new("RGB", size, color).save(out, "JPEG", **save)
    return SimpleUploadedFile(name, out.getvalue(), "image/jpeg")


def begin(client: Client, cast: Cast, user: User | None = None) -> Enrollment:
    """Sign in and start the home institution's micro-credential."""
    user = user or cast.learner
    client.force_login(user)
    answer = client.post("/m/home/observing/start/", {"key": str(new_id())})
    assert answer.status_code == 302, answer
    return Enrollment.objects.get(learner=user, micro_credential=cast.home.micro_credential)


def fields_of(html: str) -> dict[str, str]:
    """The hidden inputs, textareas and checked boxes of the evidence form, as a browser would post them."""
    from html import unescape

    found: dict[str, str] = {}
    for tag in re.findall(r"<input[^>]*>", html):
        name = re.search(r'name="([^"]*)"', tag)
        kind = re.search(r'type="([^"]*)"', tag)
        value = re.search(r'value="([^"]*)"', tag)
        if not name or name[1] == "csrfmiddlewaretoken":
            continue
        if kind and kind[1] in ("checkbox",) and " checked" not in tag:
            continue
        if kind and kind[1] == "file":
            continue
        found[name[1]] = unescape(value[1]) if value else ("on" if kind and kind[1] == "checkbox" else "")
    for name_, text in re.findall(r'<textarea[^>]*name="([^"]*)"[^>]*>(.*?)</textarea>', html, re.DOTALL):
        found[name_] = unescape(text)
    return found


def form(client: Client, enrollment: Enrollment, **changes: Any) -> dict[str, Any]:
    """The evidence form as it stands on the page, with changes."""
    page = client.get(f"/path/{enrollment.pk}/")
    assert page.status_code == 200, page
    return {**fields_of(page.content.decode()), **changes}


def complete(client: Client, enrollment: Enrollment, **changes: Any) -> dict[str, Any]:
    """A form with everything in it."""
    whole = {
        "text_setting": SETTING,
        "text_reflection": REFLECTION,
        "file_notes": photo(),
        "permission": "on",
    }
    return form(client, enrollment, **{**whole, **changes})


def version_of(enrollment: Enrollment) -> Version:
    """The version that the work is pinned to."""
    return enrollment.version
