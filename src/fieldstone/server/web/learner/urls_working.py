"""Addresses of a learner's work at a workplace, part of the learner's addresses."""

from django.urls import path

from fieldstone.server.web.learner import working

urlpatterns = [
    path("path/work/new/<uuid:form>/", working.start, name="work_start"),
    path("path/work/<uuid:placement>/", working.work, name="work"),
    path("path/work/<uuid:placement>/change/", working.change, name="work_change"),
    path("path/work/<uuid:placement>/hours/", working.log, name="work_log"),
    path("path/work/<uuid:placement>/hours/<uuid:entry>/", working.hours, name="work_hours"),
    path("path/work/<uuid:placement>/mail/", working.mail, name="work_mail"),
    path("path/work/<uuid:placement>/hand/", working.hand, name="work_hand"),
    path("path/work/<uuid:placement>/close/", working.close, name="work_close"),
]
