"""Addresses about jobs near home."""

from django.urls import path

from fieldstone.server.web.public import views_jobs

urlpatterns = [
    path("jobs/", views_jobs.jobs, name="jobs"),
    path("jobs/near/", views_jobs.keep, name="keep_near"),
    path("jobs/<str:code>/", views_jobs.job, name="job"),
    path("jobs/<str:code>/plan/", views_jobs.plan, name="plan"),
    path("jobs/<str:code>/plan.ics", views_jobs.plan_calendar, name="plan_calendar"),
    path("jobs/<str:code>/choose/", views_jobs.choose, name="choose_job"),
]
