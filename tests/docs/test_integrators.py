"""The examples for integrators run as they stand on the page, in a shell, against a running server."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.cache import cache

from fieldstone.server.awards import actions as awards
from fieldstone.server.connections.models import Connection
from tests.api.kit import nobody_answers
from tests.api.test_oauth import Browser
from tests.awards.makers import make_review
from tests.backpack.makers import signed
from tests.cast import make_cast
from tests.conftest import NOW
from tests.docs.reading import text_of

KEPT = "BASE SCOPE CLIENT_ID CLIENT_SECRET VERIFIER ASK"


def shell(script: str, folder: Path) -> str:
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script], cwd=folder, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.skipif(not shutil.which("curl") or not shutil.which("bash"), reason="needs curl and bash")
@pytest.mark.django_db(transaction=True)
def test_the_examples_run_as_they_stand(
    live_server: Any, settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    nobody_answers(monkeypatch)
    settings.BASE_URL = live_server.url
    settings.CSRF_TRUSTED_ORIGINS = [live_server.url]
    cache.clear()
    cast = make_cast(NOW)
    award = awards.issue(review=make_review(cast.learner, cast.home.version, NOW), by=None, at=NOW)
    (tmp_path / "badge.json").write_bytes(signed())
    blocks = re.findall(r"^```sh\n(.*?)^```", text_of("docs/integrators.md"), flags=re.M | re.S)
    turn = next(number for number, block in enumerate(blocks) if block.startswith("CODE="))
    assert turn >= 4 and len(blocks) >= turn + 5

    before = "\n".join([f"BASE={live_server.url}", *blocks[:turn], f"declare -p {KEPT} > kept"])
    said = shell(before, tmp_path).splitlines()
    assert said[:2] == ["Fieldstone", f"{live_server.url}/oauth/token"]
    back = parse_qs(urlsplit(Browser(cast.learner).answer(said[-1], "allow")).query)
    assert back["state"] == ["7f3a"] and back["iss"] == [live_server.url]

    after = "\n".join(["source ./kept", f"CODE={back['code'][0]}", blocks[0], *blocks[turn:]])
    named = award.document.body.split('"name":"', 1)
    assert len(named) == 2
    lines = shell(after, tmp_path).splitlines()
    assert lines[1:] == ["201", "401"], lines
    assert lines[0] in award.document.body
    assert Connection.objects.get().ended_why == "app"
