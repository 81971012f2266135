from django.contrib import admin
from django.contrib.auth import views as sign_in
from django.urls import include, path

from config import health
from dicomweb.urls import SERVICE, labeling, slashed

urlpatterns = [
    path("login/", sign_in.LoginView.as_view(), name="login"),
    path("logout/", sign_in.LogoutView.as_view(), name="logout"),
    path("dicom-web", include([SERVICE])),
    path("dicom-web/", include(slashed)),
    path("dicom-web/", include("dicomweb.urls")),
    path("api/", include("dicomweb.openapi.urls")),
    path("api/", include(labeling)),
    path("admin/", admin.site.urls),
    path("", include("archive.urls")),
    path("", include("workflow.urls")),
    path("healthz", health.alive),
    path("readyz", health.ready),
]

handler400 = "config.error_pages.bad_request"
handler403 = "config.error_pages.permission_denied"
handler404 = "config.error_pages.not_found"
handler500 = "config.error_pages.server_error"
