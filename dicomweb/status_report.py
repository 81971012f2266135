"""Status Reports (PS3.18 Section 8.6.3): bodies that say what went wrong, in a form that the client can show."""

from http.client import responses

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.html import format_html, format_html_join

from dicomweb.http import accept
from dicomweb.http.accept import Offer

JSON, HTML, TEXT = "application/json", "text/html", "text/plain"
OFFERS = (Offer(JSON), Offer(HTML), Offer(TEXT))

PAGE = '<!DOCTYPE html>\n<html lang="en"><title>{title}</title><h1>{title}</h1>{paragraphs}</html>\n'


def status_report(request: HttpRequest | None, status: int, message: str, **details: str) -> HttpResponse:
    """The message as JSON; as a page or as text for who would rather have those. It names no patient (OTH-17).

    Who accepts neither is a program that asked for images or data sets: it gets JSON too.

    Args:
        details: what a program may look for besides the status, such as the status code of DIMSE.
    """
    # Of the request only its headers: what is wrong with it may be its query.
    accepted = accept.parse(request.headers.get("Accept") if request else None)
    offer = accept.choose(accepted, OFFERS)
    lines = [message, *(f"{name}: {value}" for name, value in details.items())]
    if offer and offer.media_type == HTML:
        title = f"{status} {responses.get(status, '')}"
        paragraphs = format_html_join("", "<p>{}</p>", ([line] for line in lines))
        return HttpResponse(format_html(PAGE, title=title, paragraphs=paragraphs), status=status)
    if offer and offer.media_type == TEXT:
        text = "".join(f"{line}\n" for line in lines)
        return HttpResponse(text, status=status, content_type=f"{TEXT}; charset=utf-8")
    return JsonResponse({"status": status, "message": message, **details}, status=status)
