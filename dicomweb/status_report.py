"""Status Reports (PS3.18 Section 8.6.3): bodies that say what went wrong, in a form that the client can show."""

from http.client import responses

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.html import format_html

from dicomweb.http import accept
from dicomweb.http.accept import Offer

JSON, HTML, TEXT = "application/json", "text/html", "text/plain"
OFFERS = (Offer(JSON), Offer(HTML), Offer(TEXT))

PAGE = '<!DOCTYPE html>\n<html lang="en"><title>{title}</title><h1>{title}</h1><p>{message}</p></html>\n'


def status_report(request: HttpRequest | None, status: int, message: str) -> HttpResponse:
    """The message as JSON; as a page or as text for who would rather have those. It names no patient (OTH-17).

    Who accepts neither is a program that asked for images or data sets: it gets JSON too.
    """
    # Of the request only its headers: what is wrong with it may be its query.
    accepted = accept.parse(request.headers.get("Accept") if request else None)
    offer = accept.choose(accepted, OFFERS)
    if offer and offer.media_type == HTML:
        title = f"{status} {responses.get(status, '')}"
        return HttpResponse(format_html(PAGE, title=title, message=message), status=status)
    if offer and offer.media_type == TEXT:
        return HttpResponse(f"{message}\n", status=status, content_type=f"{TEXT}; charset=utf-8")
    return JsonResponse({"status": status, "message": message}, status=status)
