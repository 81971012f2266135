"""The OpenAPI document at `/api/schema`, and Swagger UI with it at `/api/docs`."""

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import get_script_prefix
from django.views.decorators.http import require_safe
from rest_framework.request import Request
from rest_framework.views import APIView

from archive.page_access import page
from dicomweb import conditional, negotiation
from dicomweb.http.accept import Offer
from dicomweb.openapi.schema import document
from dicomweb.permissions import READING, ReadingPermission

OPENAPI_JSON = "application/vnd.oai.openapi+json"
OFFERS = (Offer("application/json"), Offer(OPENAPI_JSON))


class Schema(APIView):
    """For programs too, by every kind of sign-in; for who may read something."""

    permission_classes = (ReadingPermission,)
    schema = None

    def get(self, request: Request) -> HttpResponseBase:
        offer = negotiation.choose(request, OFFERS)
        body = document(get_script_prefix())
        tag = conditional.strong_tag([body.decode()])
        return conditional.unless_known(request, tag, lambda: HttpResponse(body, content_type=offer.media_type))


@require_safe
@page(*READING)
def docs(request: HttpRequest) -> HttpResponse:
    return render(request, "dicomweb/api_docs.html")
