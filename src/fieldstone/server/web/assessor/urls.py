"""Addresses of the assessor screens."""

from django.urls import URLPattern, URLResolver, path

from fieldstone.server.web.assessor import calibrating, exemplars, queue, scoring

app_name = "assessor"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", queue.queue, name="queue"),
    path("take/", queue.take, name="take"),
    path("give-back/", queue.give_back, name="give_back"),
    path("keys/", queue.keys, name="keys"),
    path("check/<uuid:review>/", queue.check, name="check"),
    path("hand-on/<uuid:review>/", queue.hand_on, name="hand_on"),
    path("file/<uuid:submission>/<uuid:artifact>/", queue.file, name="file"),
    path("score/<uuid:seat>/", scoring.score, name="score"),
    path("approve/<uuid:seat>/", scoring.approve, name="approve"),
    path("moderate/<uuid:seat>/", scoring.moderate, name="moderate"),
    path("appeal/<uuid:appeal>/take/", scoring.take_appeal, name="take_appeal"),
    path("appeal/<uuid:appeal>/", scoring.appeal, name="appeal"),
    path("outside/<uuid:review>/", scoring.outside, name="outside"),
    path("calibrate/", calibrating.calibrate, name="calibrate"),
    path("calibrate/<uuid:exemplar>/", calibrating.example, name="example"),
    path("agreement/", calibrating.agreement, name="agreement"),
    path("phrases/", calibrating.phrases, name="phrases"),
    path("exemplars/", exemplars.exemplars, name="exemplars"),
    path("exemplars/new/<uuid:version>/", exemplars.new, name="exemplar_new"),
    path("exemplars/<uuid:exemplar>/put-away/", exemplars.put_away, name="exemplar_put_away"),
]
