"""How long the session of who has signed in lasts, for the script that warns of its end (`static/js/session.js`)."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def session(request: HttpRequest) -> HttpResponse:
    """GET asks, which changes nothing; POST says that somebody is there. 401 when it has ended."""
    if not request.user.is_authenticated:
        return HttpResponse(status=401)
    theirs: Any = request.session
    if request.method == "POST":
        theirs.renew()
    return JsonResponse({"left": theirs.seconds_left})
