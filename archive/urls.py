"""The pages of the archive."""

from django.urls import path

from archive.pages import viewer

app_name = "archive"

urlpatterns = [
    path("viewer", viewer.shell),
    path("viewer/", viewer.shell, name="viewer"),
    path("viewer/<path:route>", viewer.shell),
]
