"""The database itself refuses to rewrite what was recorded, sent, signed or published."""

from __future__ import annotations

from datetime import datetime
from importlib import import_module

import pytest
from django.db import DatabaseError, connection, transaction

from fieldstone.server.catalog.models import Version
from fieldstone.server.ledger import actions
from fieldstone.server.ledger.models import Entry
from tests.cast import Cast

guards = import_module("fieldstone.server.migrations.0002_guards")


def test_an_entry_cannot_be_changed_or_deleted(cast: Cast, at: datetime) -> None:
    if connection.vendor == "sqlite":
        connection.cursor().execute(
            "CREATE TRIGGER fieldstone_entry_no_delete BEFORE DELETE ON fieldstone_entry"
            " BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END"
        )
    entry = actions.record(verb="tested", subject=cast.learner, by=cast.learner.pk, at=at)
    for change in (lambda: Entry.objects.filter(pk=entry.pk).update(verb="x"), entry.delete):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            change()


def test_a_published_version_keeps_its_words(cast: Cast) -> None:
    version = Version.objects.filter(pk=cast.home.version.pk)
    with pytest.raises(DatabaseError, match="never rewritten"), transaction.atomic():
        version.update(definition={"title": {"en": "Other"}})
    version.update(superseded_at=cast.home.version.published_at)
