"""Somebody who asks for addresses and undoes whatever a request wrote."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http.cookies import SimpleCookie
from typing import Any, ClassVar

from django.apps import apps
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.test.client import ClientHandler

from fieldstone.server.people.models import User
from tests.web.addresses import ADDRESSES
from tests.web.world import World

UNWATCHED = {"django_session", "fieldstone_cache", "fieldstone_tally"}
ERROR = 599
"""The status of an answer that would be a 500 for a visitor."""


class Walker:
    """Asks as one person (None: nobody), undoes what a request wrote, and notes what went wrong."""

    handlers: ClassVar[dict[bool, ClientHandler]] = {}
    """The site with its middleware, built once: with the check of form tokens (True) and without (False)."""

    def __init__(self, user: User | None, *, csrf: bool = False, before: dict[str, list[str]] | None = None) -> None:
        """`before`: the rows of all tables, where another walker of the same moment has read them."""
        self.user = user
        self.csrf = csrf
        self.wrong: list[str] = []
        client = Client()
        if user is not None:
            client.force_login(user)
        self.cookies = client.cookies.output(header="", sep=";")
        self.tables = sorted(m._meta.db_table for m in apps.get_models() if m._meta.db_table not in UNWATCHED)
        self.before = self.rows() if before is None else before

    def rows(self) -> dict[str, list[str]]:
        """Every row of every table."""
        rows = {}
        with connection.cursor() as cursor:
            for table in self.tables:
                cursor.execute(f'SELECT * FROM "{table}"')
                rows[table] = sorted(map(repr, cursor.fetchall()))
        return rows

    @contextmanager
    def _noticing(self) -> Iterator[set[str]]:
        written: set[str] = set()

        def notice(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
            if sql.startswith(("INSERT", "UPDATE", "DELETE")) and not any(name in sql for name in UNWATCHED):
                written.add(sql[:90])
            return execute(sql, params, many, context)

        with connection.execute_wrapper(notice):
            yield written

    def client(self) -> Client:
        """A fresh client with this person's session."""
        client = Client(enforce_csrf_checks=self.csrf)
        client.handler = self.handlers.setdefault(self.csrf, client.handler)
        client.cookies = SimpleCookie(self.cookies)
        return client

    def request(self, method: str, url: str, data: Any = None, **more: Any) -> Any:
        """One request, not undone. `walked` is the whole body; an exception becomes status 599 and is noted."""
        client = self.client()
        try:
            answer: Any = client.generic(method, url, **more) if data is None else client.post(url, data, **more)
            answer.walked = b"".join(answer.streaming_content) if answer.streaming else answer.content
        except Exception as error:  # what a visitor would see as a 500
            self.wrong.append(f"{method} {url}: {error!r}"[:600])
            answer = HttpResponse(status=ERROR)
            answer.walked = b""  # type: ignore[attr-defined]
        return answer

    def ask(self, method: str, url: str, data: Any = None, *, may_write: bool = False, **more: Any) -> Any:
        """One request, undone. Notes a write unless it is allowed."""
        with transaction.atomic(), self._noticing() as written:
            with transaction.atomic():
                answer = self.request(method, url, data, **more)
                if answer.status_code == ERROR:
                    transaction.set_rollback(True)
            if written and not may_write:
                now = self.rows()
                if now != self.before:
                    changed = [table for table in self.tables if now[table] != self.before[table]]
                    self.wrong.append(f"{method} {url}: wrote to {changed}")
            transaction.set_rollback(True)
        return answer

    def expect(self, method: str, url: str, answer: Any, allowed: set[int]) -> None:
        """Note a status that is not among the allowed ones."""
        if answer.status_code not in allowed and answer.status_code != ERROR:
            self.wrong.append(f"{method} {url}: {answer.status_code}, not {sorted(allowed)}")

    def reads_nothing_of(self, url: str, answer: Any, words: set[str]) -> None:
        """Note private words in the body that were not in the address that was asked."""
        body = answer.walked.decode("utf-8", "replace")
        found = [word for word in words if word in body and word not in url]
        if found:
            self.wrong.append(f"{url}: shows {found}")


def walker_of(world: World, name: str, *, csrf: bool = False) -> Walker:
    """The right person for an address; the same walker each time."""
    who = ADDRESSES[name].who
    walkers: dict[tuple[str, bool], Walker] = world.__dict__.setdefault("walkers", {})
    if (who, csrf) not in walkers:
        before = next((walker.before for walker in walkers.values()), None)
        walkers[who, csrf] = Walker(None if who == "nobody" else world.person(who), csrf=csrf, before=before)
    return walkers[who, csrf]
