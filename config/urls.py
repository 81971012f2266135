from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from config import health
from dicomweb.urls import SERVICE, slashed

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index")),
    path("dicom-web", include([SERVICE])),
    path("dicom-web/", include(slashed)),
    path("dicom-web/", include("dicomweb.urls")),
    path("admin/", admin.site.urls),
    path("", include("archive.urls")),
    path("healthz", health.alive),
    path("readyz", health.ready),
]

handler400 = "dicomweb.exceptions.bad_request"
handler404 = "dicomweb.exceptions.not_found"
handler500 = "dicomweb.exceptions.server_error"
