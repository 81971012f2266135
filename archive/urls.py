"""The pages of stored objects."""

from django.urls import path

from archive.pages import download, viewer

app_name = "archive"

urlpatterns = [
    path("studies/<str:study>/zip", download.study, name="study_zip"),
    path("studies/<str:study>/series/<str:series>/zip", download.series, name="series_zip"),
    path("zip", download.studies, name="studies_zip"),
    path("viewer", viewer.shell),
    path("viewer/", viewer.shell, name="viewer"),
    path("viewer/<path:route>", viewer.shell),
]
