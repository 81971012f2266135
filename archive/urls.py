"""The pages of stored objects."""

from django.urls import path

from archive.pages import deletion, kept, study, study_list, tags

app_name = "archive"

urlpatterns = [
    path("", study_list.index, name="study_list"),
    path("arrivals", study_list.arrivals, name="arrivals"),
    path("worklists", kept.keep_worklist, name="keep_worklist"),
    path("worklists/<int:pk>/remove", kept.remove_worklist, name="remove_worklist"),
    path("columns", kept.columns, name="columns"),
    path("delete", deletion.studies, name="delete_studies"),
    path("studies/<str:study>", study.study, name="study"),
    path("studies/<str:study>/series", study_list.series, name="study_series"),
    path("studies/<str:study>/tags", tags.browser, name="tags"),
]
