"""The one Django app."""

from django.apps import AppConfig


class ServerConfig(AppConfig):
    """One app label and one migration history, so that models can move between domain packages."""

    name = "fieldstone.server"
    label = "fieldstone"
    verbose_name = "Fieldstone"
    default_auto_field = "django.db.models.BigAutoField"
