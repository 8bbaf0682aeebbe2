"""The Django project: one app, one migration history, domain packages stacked in layers."""
