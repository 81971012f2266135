"""The pages of stored objects."""

from django.urls import path

from archive.pages import study_list

app_name = "archive"

urlpatterns = [
    path("", study_list.study_list, name="study_list"),
]
