"""Addresses of the issuer screens."""

from django.urls import URLPattern, URLResolver

app_name = "issuer"
urlpatterns: list[URLPattern | URLResolver] = []
