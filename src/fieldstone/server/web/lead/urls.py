"""Addresses of the lead screens."""

from django.urls import URLPattern, URLResolver

app_name = "lead"
urlpatterns: list[URLPattern | URLResolver] = []
