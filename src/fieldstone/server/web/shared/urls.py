"""Addresses of the shared screens."""

from django.urls import URLPattern, URLResolver

app_name = "shared"
urlpatterns: list[URLPattern | URLResolver] = []
