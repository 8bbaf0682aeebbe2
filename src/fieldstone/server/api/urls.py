"""Standards-shaped HTTP: status lists, DID documents, achievements, health."""

from django.urls import URLPattern, URLResolver

app_name = "api"
urlpatterns: list[URLPattern | URLResolver] = []
