"""Addresses of the author screens, inside one organization."""

from django.urls import path

from fieldstone.server.web.author import files, gains, library, programs, stacks, ties, views, working

app_name = "author"
urlpatterns = [
    path("", views.micro_credentials, name="micro_credentials"),
    path("new/", views.new, name="new"),
    path("import/", files.take_in, name="import"),
    path("shared/", views.shared, name="shared"),
    path("copy/<uuid:version>/", views.copy, name="copy"),
    path("programs/", programs.programs, name="programs"),
    path("programs/new/", programs.new, name="new_program"),
    path("programs/<uuid:program>/", programs.program, name="program"),
    path("programs/registry/", programs.registry, name="registry"),
    path("frameworks/", library.library, name="library"),
    path("frameworks/<int:framework>/", library.framework, name="library_framework"),
    path("frameworks/<int:framework>/compare/", library.compare, name="library_compare"),
    path("frameworks/<int:framework>/rubric/", library.rubric, name="library_rubric"),
    path("work/", working.forms, name="work_forms"),
    path("work/new/", working.new, name="new_work_form"),
    path("work/<uuid:form>/", working.form, name="work_form"),
    path("<uuid:micro_credential>/", views.micro_credential, name="micro_credential"),
    path("<uuid:micro_credential>/edit/", views.edit, name="edit"),
    path("<uuid:micro_credential>/ties/", ties.ties, name="ties"),
    path("<uuid:micro_credential>/adds/", gains.adds, name="adds"),
    path("<uuid:micro_credential>/publish/", views.publish, name="publish"),
    path("<uuid:micro_credential>/new-version/", views.new_version, name="new_version"),
    path("<uuid:micro_credential>/retire/", views.retire, name="retire"),
    path("<uuid:micro_credential>/v/<int:number>/", views.version, name="version"),
    path("<uuid:micro_credential>/v/<int:number>/preview/", views.preview, name="preview"),
    path("<uuid:micro_credential>/v/<int:number>/file/", files.definition, name="file"),
    path("stacks/", stacks.stacks, name="stacks"),
    path("stacks/new/", stacks.new, name="new_stack"),
    path("stacks/import/", files.take_in_stack, name="import_stack"),
    path("stacks/<uuid:stack>/", stacks.stack, name="stack"),
    path("stacks/<uuid:stack>/edit/", stacks.edit, name="edit_stack"),
    path("stacks/<uuid:stack>/jobs/", ties.jobs, name="stack_jobs"),
    path("stacks/<uuid:stack>/publish/", stacks.publish, name="publish_stack"),
    path("stacks/<uuid:stack>/new-version/", stacks.new_version, name="new_stack_version"),
    path("stacks/<uuid:stack>/retire/", stacks.retire, name="retire_stack"),
    path("stacks/<uuid:stack>/v/<int:number>/file/", files.tree, name="stack_file"),
]
