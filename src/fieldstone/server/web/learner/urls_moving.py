"""Addresses of what leaves her page and what comes to it, included by `urls`."""

from django.urls import path

from fieldstone.server.web.learner import moving

urlpatterns = [
    path("credentials/<uuid:award>/", moving.share_or_move, name="share_or_move"),
]
