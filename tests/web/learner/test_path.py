"""The learner's way from start to status, as a browser without script walks it."""

from __future__ import annotations

from django.test import Client

from fieldstone.server.evidence.models import Answer, Artifact, Submission
from tests.cast import Cast
from tests.web.learner.helpers import REFLECTION, SETTING, begin, complete


def test_from_start_to_received(client: Client, cast: Cast) -> None:
    enrollment = begin(client, cast)
    answer = client.post(f"/path/{enrollment.pk}/send/", complete(client, enrollment))
    assert (answer.status_code, answer["Location"]) == (302, f"/path/{enrollment.pk}/status/"), answer.content.decode()
    sent = Submission.objects.get()
    assert sent.content["answers"] == {"setting": SETTING, "reflection": REFLECTION}
    assert sent.content["artifacts"] == {"notes": [str(Artifact.objects.get().pk)]}
    assert sent.content["permission"] is True
    assert sent.review.state == "checking"
    page = client.get(answer["Location"]).content.decode()
    assert sent.code in page
    assert "December 14, 2026" in page or "Answer by" in page or "Respuesta" in page
    assert client.get("/path/").status_code == 200
    assert Answer.objects.count() == 2
