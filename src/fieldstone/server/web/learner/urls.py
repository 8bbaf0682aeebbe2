"""Addresses of the learner screens."""

from django.urls import include, path

from fieldstone.server.web.learner import apps, views, wallets

app_name = "learner"
urlpatterns = [
    path("", include("fieldstone.server.web.learner.urls_claims")),
    path("", include("fieldstone.server.web.learner.urls_moving")),
    path("", include("fieldstone.server.web.learner.urls_showing")),
    path("m/<slug:org>/<slug:slug>/start/", views.start, name="start"),
    path("path/", views.my_path, name="path"),
    path("path/<uuid:enrollment>/", views.evidence, name="evidence"),
    path("path/<uuid:enrollment>/send/", views.submit, name="submit"),
    path("path/<uuid:enrollment>/draft/", views.draft, name="draft"),
    path("path/<uuid:enrollment>/files/<slug:part>/", views.files, name="files"),
    path("path/<uuid:enrollment>/remove/<uuid:artifact>/", views.remove, name="remove"),
    path("path/<uuid:enrollment>/put-back/<uuid:artifact>/", views.put_back, name="put_back"),
    path("path/<uuid:enrollment>/show/<uuid:artifact>/", views.show, name="show"),
    path("path/<uuid:enrollment>/both/<uuid:copy>/", views.both, name="both"),
    path("path/<uuid:enrollment>/status/", views.status, name="status"),
    path("path/<uuid:enrollment>/appeal/<uuid:review>/", views.appeal, name="appeal"),
    path("path/<uuid:enrollment>/leave/", views.leave, name="leave"),
    path("path/<uuid:enrollment>/return/", views.come_back, name="come_back"),
    path("evidence/<uuid:artifact>/", views.artifact, name="artifact"),
    path("s/<slug:org>/<slug:slug>/follow/", views.follow, name="follow"),
    path("s/<slug:org>/<slug:slug>/unfollow/", views.unfollow, name="unfollow"),
    path("credentials/", views.credentials, name="credentials"),
    path("credentials/<uuid:award>/audience/", views.audience, name="audience"),
    path("credentials/<uuid:award>/wallet/", wallets.award_wallets, name="wallet"),
    path("path/<uuid:enrollment>/wallet/", wallets.work_wallets, name="wallet_soon"),
    path("wallet/<uuid:offer>/", wallets.wallet_offer, name="wallet_offer"),
    path("wallet/<uuid:grant>/stop/", wallets.wallet_end, name="wallet_end"),
    path("o/<slug:org>/wallet/", wallets.wallet_consent, name="wallet_consent"),
    path("oauth/authorize", apps.authorize, name="authorize"),
    path("account/apps/", apps.connected, name="apps"),
    path("account/apps/<uuid:connection>/disconnect/", apps.disconnect, name="disconnect"),
]
