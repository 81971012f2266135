"""Under which AE title somebody acts: PS3.18 leaves it to the origin server who may act under which."""

from rest_framework import exceptions as framework
from rest_framework.request import Request

from archive.dicom.ae_titles import ae_title
from dicomweb import workitem_request
from dicomweb.errors import BadRequest
from dicomweb.http import workitem_parameters
from workflow.selectors.application_entities import acting_ae, ae_titles_of, belongs_to_others, may_act_as

NOT_THEIRS = "This AE title is not yours to act under."


def requesting_ae(request: Request, in_path: str | None) -> str:
    """Who asks for a change of a workitem: as the path or the query says, else as the sign-in does, else the archive.

    Raises:
        BadRequest, MalformedParameters: what is named is no AE title.
        PermissionDenied: it is somebody else's.
    """
    named = _legal(in_path) if in_path is not None else workitem_parameters.requester(workitem_request.query(request))
    if named is None:
        return acting_ae(request.user)
    if belongs_to_others(request.user, named):
        raise framework.PermissionDenied(NOT_THEIRS)
    return named


def subscriber(request: Request, in_path: str) -> str:
    """The AE title of a path, whose subscriptions they are.

    Raises:
        BadRequest: it is none.
        NotAuthenticated, PermissionDenied: it is not for them to act under it.
    """
    return _allowed(request, _legal(in_path))


def suspending(request: Request) -> str:
    """The AE title whose subscription is suspended, where the path does not say it.

    Raises:
        BadRequest, MalformedParameters: nor does the query, and they have none or several.
        NotAuthenticated, PermissionDenied: it is not for them to act under it.
    """
    title = workitem_parameters.subscriber(workitem_request.query(request)) or _only_one_of(request)
    if title is None:
        raise BadRequest("The request has to say whose subscription it is: ?aetitle=.")
    return _allowed(request, title)


def _legal(text: str) -> str:
    title = ae_title(text)
    if title is None:
        raise BadRequest("The AE title in the URL is none: it has 1 to 16 ASCII characters and no backslash.")
    return title


def _allowed(request: Request, title: str) -> str:
    if may_act_as(request.user, title):
        return title
    raise framework.PermissionDenied(NOT_THEIRS) if request.user.is_authenticated else framework.NotAuthenticated


def _only_one_of(request: Request) -> str | None:
    theirs = ae_titles_of(request.user)
    return theirs[0] if len(theirs) == 1 else None
