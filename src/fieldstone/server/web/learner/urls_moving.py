"""Addresses of what leaves her page and what comes to it, included by `urls`."""

from django.urls import path

from fieldstone.server.web.learner import bringing, moving

urlpatterns = [
    path("credentials/<uuid:award>/", moving.share_or_move, name="share_or_move"),
    path("credentials/bring/", bringing.bring, name="bring"),
    path("credentials/brought/<uuid:brought>/", bringing.brought, name="brought"),
    path("credentials/brought/<uuid:brought>/check/", bringing.check, name="brought_check"),
    path("credentials/brought/<uuid:brought>/audience/", bringing.audience, name="brought_audience"),
    path("credentials/brought/<uuid:brought>/remove/", bringing.remove, name="brought_remove"),
    path("credentials/brought/<uuid:brought>/file", bringing.file, name="brought_file"),
    path("credentials/<uuid:award>/older/", moving.older, name="older"),
    path("credentials/<uuid:award>/record/", moving.record, name="record"),
]
