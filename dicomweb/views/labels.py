"""Labels, which PS3.18 does not have: all that there are, and those on a study."""

from django.http import HttpResponse, JsonResponse
from rest_framework.request import Request

from archive.selectors import labels as selector
from archive.selectors import studies
from dicomweb import negotiation, offers


def labels(request: Request) -> HttpResponse:
    """By their names, with how many studies have each."""
    negotiation.choose(request, offers.PLAIN_JSON)
    found = [
        {"name": label.name, "color": label.color, "studies": label.studies, "more": label.more}
        for label in selector.labels()
    ]
    return JsonResponse(found, safe=False, headers={"Cache-Control": "no-store"})


def study(request: Request, study: str) -> HttpResponse:
    """By their names, with who has put each on, and when."""
    negotiation.choose(request, offers.PLAIN_JSON)
    found = [
        {
            "name": one.label.name,
            "color": one.label.color,
            "by": one.added_by.get_username() if one.added_by else None,
            "at": one.added_at.isoformat(),
        }
        for one in selector.of_study(studies.study(study).pk)
    ]
    return JsonResponse(found, safe=False, headers={"Cache-Control": "no-store"})
