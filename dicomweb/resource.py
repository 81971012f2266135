"""One row of a resource table: a URL path and the function that answers each method."""

import re
from collections.abc import Callable
from typing import Any

from django.http import StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path
from rest_framework.request import Request
from rest_framework.views import APIView

from archive.dicom.uids import is_tolerable_uid
from dicomweb import responses
from dicomweb.errors import BadRequest

View = Callable[..., HttpResponseBase]


class Resource(APIView):
    """Authentication, permission and errors for all of them; the table's functions do the rest."""

    metadata_class = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        for level in ("study", "series", "instance"):
            if level in kwargs and not is_tolerable_uid(kwargs[level]):
                raise BadRequest(f"The {level} in the URL is not a UID.")

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        responses.compress(request, response)
        if request.method == "HEAD" and isinstance(response, StreamingHttpResponse):
            # What it would have streamed is closed with the response; to close that here would end the request.
            response.streaming_content = []
        return response


def resource(route: str, **methods: View) -> URLPattern:
    """`resource("studies", GET=search.studies, POST=store.studies)`: other methods are answered 405 with Allow."""
    handlers = {method.lower(): staticmethod(view) for method, view in methods.items()}
    kind: Any = type("Resource", (Resource,), handlers)
    row: URLPattern = path(route, kind.as_view(), name=re.sub(r"<\w+:(\w+)>", r"{\1}", route))
    return row
