"""The append-only record: audit, outbox and research log in one table, and the worker's tasks."""
