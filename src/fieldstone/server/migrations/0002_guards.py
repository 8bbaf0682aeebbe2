"""Triggers that keep what was signed, sent, published or recorded as it was, whoever holds the database."""

from typing import Any

from django.db import migrations

# table, event, condition on OLD/NEW (SQL both databases read), what the database answers
GUARDS = [
    ("entry", "UPDATE", "1=1", "the record is append-only"),
    ("entry", "DELETE", "1=1", "the record is append-only"),
    ("signeddocument", "UPDATE", "1=1", "a signed document is never rewritten"),
    ("submission", "UPDATE", "1=1", "what was sent is never rewritten"),
    (
        "version",
        "UPDATE",
        "OLD.published_at IS NOT NULL AND (NEW.published_at IS NULL OR NEW.published_at <> OLD.published_at"
        " OR CAST(NEW.definition AS TEXT) <> CAST(OLD.definition AS TEXT))",
        "a published version is never rewritten",
    ),
    (
        "stackversion",
        "UPDATE",
        "OLD.published_at IS NOT NULL AND (NEW.published_at IS NULL OR NEW.published_at <> OLD.published_at"
        " OR CAST(NEW.definition AS TEXT) <> CAST(OLD.definition AS TEXT))",
        "a published version is never rewritten",
    ),
]


def _name(table: str, event: str) -> str:
    return f"fieldstone_{table}_no_{event.lower()}"


def guard(guards: list[tuple[str, str, str, str]]) -> migrations.RunPython:
    """The operation that installs these triggers; undone, it removes them."""

    def install(apps: Any, schema_editor: Any) -> None:
        vendor = schema_editor.connection.vendor
        for table, event, condition, answer in guards:
            name = _name(table, event)
            if vendor == "sqlite":
                schema_editor.execute(
                    f"CREATE TRIGGER {name} BEFORE {event} ON fieldstone_{table} WHEN {condition}"
                    f" BEGIN SELECT RAISE(ABORT, '{answer}'); END"
                )
            else:
                schema_editor.execute(
                    f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS"
                    f" $$ BEGIN RAISE EXCEPTION '{answer}' USING ERRCODE = 'integrity_constraint_violation'; END $$"
                )
                schema_editor.execute(
                    f"CREATE TRIGGER {name} BEFORE {event} ON fieldstone_{table} FOR EACH ROW"
                    f" WHEN ({condition}) EXECUTE FUNCTION {name}()"
                )

    def remove(apps: Any, schema_editor: Any) -> None:
        vendor = schema_editor.connection.vendor
        for table, event, _condition, _answer in guards:
            name = _name(table, event)
            if vendor == "sqlite":
                schema_editor.execute(f"DROP TRIGGER {name}")
            else:
                schema_editor.execute(f"DROP TRIGGER {name} ON fieldstone_{table}")
                schema_editor.execute(f"DROP FUNCTION {name}()")

    return migrations.RunPython(install, remove)


class Migration(migrations.Migration):
    dependencies = [("fieldstone", "0001_initial")]
    operations = [guard(GUARDS)]
