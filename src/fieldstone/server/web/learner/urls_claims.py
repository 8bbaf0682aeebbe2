"""Addresses of a learner's claims on promises, part of the learner's addresses."""

from django.urls import path

from fieldstone.server.web.learner import claims

urlpatterns = [
    path("path/promises/", claims.claims, name="claims"),
    path("credentials/<uuid:award>/claim/<uuid:promise>/", claims.claim, name="claim"),
]
