"""`kill -9` of the web server and the worker at random moments, while people send, judge and are awarded.

Sizes: FIELDSTONE_KILLS (default 6) and FIELDSTONE_SUBMISSIONS (default 24); the full run is 50 and 200.
"""

from __future__ import annotations

import io
import json
import os
import random
import re
import threading
import time
from collections import Counter
from collections.abc import Iterator
from http.client import HTTPException
from pathlib import Path
from uuid import uuid4

import pytest
from PIL import Image

from tests.journeys.house import Answer, House, Visitor, own_database

KILLS = int(os.environ.get("FIELDSTONE_KILLS", "6"))
SUBMISSIONS = int(os.environ.get("FIELDSTONE_SUBMISSIONS", "24"))
SEED = 20261123
HANDS = 4
"""Learners at work at the same moment."""
pytestmark = pytest.mark.slow


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A house of its own, on the kind of database that the suite runs on."""
    with own_database() as database:
        house = House(tmp_path / "data", database)
        try:
            yield house
        finally:
            house.close()


class Stubborn(Visitor):
    """Somebody with a bad line: asks again, the very same, until there is an answer."""

    lost = 0
    until = float("inf")

    def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> Answer:
        """The answer, however many times it takes."""
        while True:
            try:
                answer = super().ask(method, path, body, **headers)
            except (OSError, HTTPException) as error:
                self.lost += not isinstance(error, ConnectionRefusedError)
                assert time.monotonic() < self.until, f"no answer to {method} {path}"
                time.sleep(0.1)
                continue
            assert answer.status < 500, f"{method} {path}: {answer.status}\n{answer.text[:2000]}"
            return answer


def photo(n: int) -> bytes:
    """A small JPEG, another for each learner."""
    out = io.BytesIO()
    Image.new("RGB", (48, 48), (n % 256, n // 256, 120)).save(out, "JPEG")
    return out.getvalue()


def send_evidence(visitor: Stubborn, n: int) -> str:
    """Start, write, attach, send; the receipt's code once the answer has come."""
    visitor.get("/m/home/observing/")
    visitor.get("/sign-in/paper/")
    key = str(uuid4())
    begun = visitor.post("/m/home/observing/start/", {"key": key})
    assert begun.status == 302, begun.text
    page = begun.location
    form = visitor.get(page)
    hidden = visitor.hidden(form.text)
    words = f"I watched two children build with blocks for ten minutes, visit {n}."
    whole = {
        **{k: v for k, v in hidden.items() if k != "csrfmiddlewaretoken"},
        "text_setting": words, "text_reflection": words, "permission": "on", "end": "1",
    }  # fmt: skip
    files = {"file_notes": ("notes.jpg", photo(n))}
    sent = visitor.post(f"{page}send/", whole, files)
    assert sent.status == 302, sent.text
    status = visitor.get(sent.location)
    found = re.search(r"[Rr]eceipt (?:is )?([0-9A-Z]{4}-[0-9A-Z]{4})\b", status.text)
    assert found, status.text
    return found[1]


def judge(visitor: Stubborn, *, checks: bool, done: threading.Event) -> None:
    """Take whatever is free, score it all as demonstrated, hand it in; until told that all is done."""
    queue = "/o/home/assess/"
    while not done.is_set():
        page = visitor.get(queue).text
        worked = False
        if checks:
            for path in re.findall(r'href="(/o/home/assess/check/[^"]+)"', page):
                worked = visitor.post(path, {"do": "complete"}).status == 302 or worked
        if 'name="count"' in page:
            visitor.post(f"{queue}take/", {"count": "50"})
            page = visitor.get(queue).text
        for path in re.findall(r'href="(/o/home/assess/score/[^"]+)"', page):
            sheet = {"level-describes": "demonstrated", "level-links": "demonstrated", "do": "hand_in"}
            visitor.post(path, sheet)
            worked = True
        if not worked:
            time.sleep(0.2)


def test_nothing_is_lost_and_nothing_is_doubled(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    stage = json.loads(house.run("tests.journeys.stage", "set", str(SUBMISSIONS)))
    began = time.monotonic()
    house.worker = ["tests.journeys.stage", "work"]
    house.start("web")
    house.start("worker")
    receipts: dict[int, str] = {}
    wrong: list[BaseException] = []
    done = threading.Event()
    lock = threading.Lock()
    waiting = list(range(SUBMISSIONS))
    visitors: list[Stubborn] = []

    def visitor(cookie: str) -> Stubborn:
        one = Stubborn(house.url, sessionid=cookie)
        one.until = began + 900
        visitors.append(one)
        return one

    def learners() -> None:
        try:
            while not wrong:
                with lock:
                    if not waiting:
                        return
                    n = waiting.pop(0)
                receipts[n] = send_evidence(visitor(stage["learners"][n]), n)
        except BaseException as error:  # told at the end, in the test's own thread
            wrong.append(error)

    def assessors(cookie: str, checks: bool) -> None:
        try:
            judge(visitor(cookie), checks=checks, done=done)
        except BaseException as error:
            wrong.append(error)

    threads = [threading.Thread(target=learners) for _ in range(HANDS)]
    threads += [threading.Thread(target=assessors, args=(c, n == 0)) for n, c in enumerate(stage["assessors"])]
    for thread in threads:
        thread.start()
    chance = random.Random(SEED)
    killed: Counter[str] = Counter()
    try:
        while sum(killed.values()) < KILLS and not wrong:
            time.sleep(chance.uniform(0.05, 1.2))
            victims = chance.choice((["web"], ["worker"], ["web", "worker"]))
            for victim in victims:
                house.kill(victim)
                killed[victim] += 1
            for victim in reversed(victims):
                house.start(victim)
        while not wrong and time.monotonic() < began + 900:
            now = json.loads(house.run("tests.journeys.stage", "look"))
            if len(receipts) == SUBMISSIONS == len(now["awarded_reviews"]) and not now["tasks_open"]:
                break
            time.sleep(0.5)
    finally:
        done.set()
        for thread in threads:
            thread.join(60)
    seconds = time.monotonic() - began
    assert not wrong, wrong[0]
    found = json.loads(house.run("tests.journeys.stage", "look"))

    # every acknowledged submission is there, once
    assert len(receipts) == SUBMISSIONS
    assert sorted(found["submissions"]) == sorted([code, f"Learner Number {n}"] for n, code in receipts.items())
    assert (found["answers"], found["artifacts"]) == (2 * SUBMISSIONS, SUBMISSIONS)
    assert found["artifacts_without_file"] == []
    assert found["verbs"]["evidence.submitted"] == SUBMISSIONS
    # every confirmed decision has exactly one credential
    assert found["reviews_open"] == 0
    assert sorted(found["awarded_reviews"]) == sorted(found["decided"])
    assert len(found["decided"]) == len(set(found["awarded_reviews"])) == found["documents"] == SUBMISSIONS
    assert found["verbs"]["awards.issued"] == SUBMISSIONS
    # no status slot is used twice
    slots = [tuple(slot) for slot in found["slots"]]
    assert len(slots) == len(set(slots)) == SUBMISSIONS
    assert found["slots_per_award"] == [1]
    assert all(used == held for used, held in found["lists"]), found["lists"]
    # every task of the ledger is done, and what it wrote is there: each mail, under its own id
    assert (found["tasks_open"], found["task_errors"]) == (0, [])
    mailed = {mark.split(".")[0] for mark in found["mails"]}
    assert {str(entry) for entry, _handler in found["mail_entries"]} <= mailed
    twice = sum(times - 1 for times in found["mails"].values())
    assert twice <= killed["worker"], "a mail is sent again only where the worker died between sending and noting it"
    assert json.loads(house.run("tests.journeys.stage", "verify")) == {"nothing failed": SUBMISSIONS}
    with capsys.disabled():
        print(
            f"\nkill -9: {dict(killed)}, {SUBMISSIONS} submissions in {seconds:.0f} s;"
            f" {sum(v.lost for v in visitors)} requests broke off on the way and were sent again;"
            f" {found['tasks']} tasks, {found['tasks_tried_again']} of them taken up again; {len(found['mails'])} mails,"
            f" {twice} delivered a second time under the same id"
        )
