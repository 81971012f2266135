"""One row of a resource table: a URL path and the function that answers each method."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import orjson
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, get_resolver, path
from rest_framework.request import Request
from rest_framework.views import APIView

from archive.dicom.uids import is_tolerable_uid, is_uid
from dicomweb import capabilities, conditional, negotiation, offers, responses
from dicomweb.errors import BadRequest
from dicomweb.http import wadl
from dicomweb.links import Links

View = Callable[..., HttpResponseBase]


class Resource(APIView):
    """Authentication, permission and errors for all of them; the table's functions do the rest."""

    metadata_class = None
    route: ClassVar[str] = ""
    #: The name of the view module that answers each method.
    modules: ClassVar[Mapping[str, str]] = {}

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        for level in ("study", "series", "instance"):
            if level in kwargs and not is_tolerable_uid(kwargs[level]):
                raise BadRequest(f"The {level} in the URL is not a UID.")
        if "workitem" in kwargs and not is_uid(kwargs["workitem"]):
            raise BadRequest("The workitem in the URL is not a UID.")

    def options(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """Retrieve Capabilities (PS3.18 Section 8.9): of this resource and those below it, if it is the standard's."""
        if self.route not in table():
            return super().options(request, *args, **kwargs)
        offer = negotiation.choose(request, offers.CAPABILITIES)
        description = capabilities.describe(table(), Links.of(request).root, self.route)
        as_xml = offer.media_type == wadl.WADL_XML
        body = wadl.to_xml(description) if as_xml else orjson.dumps(wadl.to_json(description))
        tag = conditional.strong_tag([body.decode()])
        return conditional.unless_known(request, tag, lambda: HttpResponse(body, content_type=offer.media_type))

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        responses.compress(request, response)
        if request.method == "HEAD" and isinstance(response, StreamingHttpResponse):
            # What it would have streamed is closed with the response; to close that here would end the request.
            response.streaming_content = []
        return response


def resource(route: str, **methods: View) -> URLPattern:
    """`resource("studies", GET=search.studies, POST=store.studies)`: other methods are answered 405 with Allow."""
    members: dict[str, Any] = {method.lower(): staticmethod(view) for method, view in methods.items()}
    members |= {"route": route, "modules": {method: view.__module__ for method, view in methods.items()}}
    kind: Any = type("Resource", (Resource,), members)
    row: URLPattern = path(route, kind.as_view(), name=capabilities.template(route))
    return row


def table() -> dict[str, Mapping[str, str]]:
    """The methods of every route, as the URL table has them."""
    views: list[Any] = [row.callback for row in get_resolver("dicomweb.urls").url_patterns]
    return {view.cls.route: view.cls.modules for view in views}
