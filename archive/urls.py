"""The pages of stored objects."""

from django.urls import path

from archive.pages import (
    deidentified,
    deletion,
    download,
    kept,
    live,
    quick_look,
    receipts,
    sending,
    study,
    study_list,
    tags,
    upload,
    viewer,
)

app_name = "archive"

urlpatterns = [
    path("", study_list.index, name="study_list"),
    path("live", live.upgrade_required, name="live"),
    path("arrivals", study_list.arrivals, name="arrivals"),
    path("worklists", kept.keep_worklist, name="keep_worklist"),
    path("worklists/<int:pk>/remove", kept.remove_worklist, name="remove_worklist"),
    path("columns", kept.columns, name="columns"),
    path("delete", deletion.studies, name="delete_studies"),
    path("studies/<str:study>", study.study, name="study"),
    path("studies/<str:study>/series", study_list.series, name="study_series"),
    path("studies/<str:study>/tags", tags.browser, name="tags"),
    path("studies/<str:study>/zip", download.study, name="study_zip"),
    path("studies/<str:study>/series/<str:series>/zip", download.series, name="series_zip"),
    path("studies/<str:study>/zip/deidentified", deidentified.study, name="study_deidentified"),
    path("studies/<str:study>/series/<str:series>/zip/deidentified", deidentified.series, name="series_deidentified"),
    path("studies/<str:study>/series/<str:series>/look", quick_look.series, name="look"),
    path("studies/<str:study>/series/<str:series>/look/windows", quick_look.windows, name="look_windows"),
    path("zip", download.studies, name="studies_zip"),
    path("zip/deidentified", deidentified.studies, name="studies_deidentified"),
    path("send", sending.send, name="send"),
    path("sending/", sending.orders, name="send_orders"),
    path("sending/<int:pk>", sending.order, name="send_order"),
    path("sending/<int:pk>/retry", sending.retry, name="retry_send_order"),
    path("sending/<int:pk>/cancel", sending.cancel, name="cancel_send_order"),
    path("upload/", upload.index, name="upload"),
    path("upload/known", upload.known, name="known"),
    path("upload/receipts", receipts.begin, name="receipts"),
    path("upload/receipts/<uuid:receipt>", receipts.receipt, name="receipt"),
    path("upload/receipts/<uuid:receipt>.csv", receipts.table, name="receipt_table"),
    path("viewer", viewer.shell),
    path("viewer/", viewer.shell, name="viewer"),
    path("viewer/<path:route>", viewer.shell),
]
