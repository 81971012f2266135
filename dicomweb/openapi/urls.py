"""What describes the resources to programs and to those who write them."""

from django.urls import path

from dicomweb.openapi import pages

app_name = "api"

urlpatterns = [
    path("schema", pages.Schema.as_view(), name="schema"),
    path("docs", pages.docs, name="docs"),
]
