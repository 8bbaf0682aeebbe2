"""Addresses of the learner screens."""

from django.urls import include, path

from fieldstone.server.web.learner import (
    apps,
    calendars,
    views_credentials,
    views_draft,
    views_evidence,
    views_files,
    views_path,
    views_status,
    wallets,
)

app_name = "learner"
urlpatterns = [
    path("", include("fieldstone.server.web.learner.urls_claims")),
    path("", include("fieldstone.server.web.learner.urls_moving")),
    path("", include("fieldstone.server.web.learner.urls_showing")),
    path("", include("fieldstone.server.web.learner.urls_working")),
    path("m/<slug:org>/<slug:slug>/start/", views_path.start, name="start"),
    path("path/", views_path.my_path, name="path"),
    path("path/calendar/", calendars.page, name="calendar"),
    path("calendar/<slug:token>/dates.ics", calendars.feed, name="dates"),
    path("path/note/<uuid:nudge>/close/", views_path.close_note, name="close_note"),
    path("path/<uuid:enrollment>/", views_evidence.evidence, name="evidence"),
    path("path/<uuid:enrollment>/send/", views_evidence.submit, name="submit"),
    path("path/<uuid:enrollment>/draft/", views_draft.draft, name="draft"),
    path("path/<uuid:enrollment>/files/<slug:part>/", views_draft.files, name="files"),
    path("path/<uuid:enrollment>/remove/<uuid:artifact>/", views_evidence.remove, name="remove"),
    path("path/<uuid:enrollment>/put-back/<uuid:artifact>/", views_evidence.put_back, name="put_back"),
    path("path/<uuid:enrollment>/show/<uuid:artifact>/", views_files.show, name="show"),
    path("path/<uuid:enrollment>/both/<uuid:copy>/", views_evidence.both, name="both"),
    path("path/<uuid:enrollment>/status/", views_status.status, name="status"),
    path("path/<uuid:enrollment>/appeal/<uuid:review>/", views_status.appeal, name="appeal"),
    path("path/<uuid:enrollment>/leave/", views_path.leave, name="leave"),
    path("path/<uuid:enrollment>/return/", views_path.come_back, name="come_back"),
    path("evidence/<uuid:artifact>/", views_files.artifact, name="artifact"),
    path("s/<slug:org>/<slug:slug>/follow/", views_path.follow, name="follow"),
    path("s/<slug:org>/<slug:slug>/unfollow/", views_path.unfollow, name="unfollow"),
    path("credentials/", views_credentials.credentials, name="credentials"),
    path("credentials/<uuid:award>/audience/", views_credentials.audience, name="audience"),
    path("credentials/<uuid:award>/wallet/", wallets.award_wallets, name="wallet"),
    path("path/<uuid:enrollment>/wallet/", wallets.work_wallets, name="wallet_soon"),
    path("wallet/<uuid:offer>/", wallets.wallet_offer, name="wallet_offer"),
    path("wallet/<uuid:grant>/stop/", wallets.wallet_end, name="wallet_end"),
    path("o/<slug:org>/wallet/", wallets.wallet_consent, name="wallet_consent"),
    path("oauth/authorize", apps.authorize, name="authorize"),
    path("account/apps/", apps.connected, name="apps"),
    path("account/apps/<uuid:connection>/disconnect/", apps.disconnect, name="disconnect"),
]
