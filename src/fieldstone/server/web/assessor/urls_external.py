"""Addresses for an external assessor, who has a signed link and no account."""

from django.urls import URLPattern, URLResolver

app_name = "external"
urlpatterns: list[URLPattern | URLResolver] = []
