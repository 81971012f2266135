"""What every resource of the table has in common."""

import pytest
from django.test import Client

from dicomweb.capabilities import template
from dicomweb.resource import table
from tests.storing import StoredFile, stored
from tests.worklist import created

pytestmark = pytest.mark.django_db

#: Those of the Studies Service and of the Worklist Service that can be got; event channels are for WebSocket.
WORKLIST = sorted(route for route in table() if route.startswith(("workitems", "subscribers", "ws/")))
ROUTES = sorted(
    route for route, methods in table().items() if "event_channel" not in methods.get("GET", "event_channel")
)


def path_of(route: str, file: StoredFile) -> str:
    """A path of the resource that something is found at."""
    names = {"study": file.study, "series": file.series, "instance": file.instance}
    if "<uid:workitem>" in route:
        names["workitem"] = created()
    path = "/dicom-web/" + template(route).format(
        **names, frames="1", reference="7FE00010", ae_title="RIS", requester="RIS"
    )
    query = f"requestType=WADO&studyUID={file.study}&seriesUID={file.series}&objectUID={file.instance}"
    return f"{path}?{query}&contentType=application/dicom" if route in {"", "wado"} else path


@pytest.mark.parametrize("route", ROUTES)
def test_WADO_122_head_is_answered_as_get_without_its_body(worklist: Client, route: str) -> None:
    path = path_of(route, stored())
    created()
    got, head = worklist.get(path), worklist.head(path)

    assert (got.status_code, head.status_code) == (200, 200)
    assert head.getvalue() == b""
    assert head["Content-Type"].partition("boundary")[0] == got["Content-Type"].partition("boundary")[0]
    for name in ("ETag", "Vary", "Allow", "Accept-Ranges"):
        assert head.get(name) == got.get(name), name


@pytest.mark.parametrize("route", [route for route in ROUTES if route and route not in WORKLIST])
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "DELETE"])
def test_WADO_124_a_trailing_slash_is_no_redirect_and_no_other_resource(archive, route, method):
    path = path_of(route, stored()).partition("?")[0]

    assert archive.generic(method, f"{path}/").status_code in {400, 403, 404, 405}


@pytest.mark.parametrize("route", WORKLIST)
def test_a_trailing_slash_says_nothing_in_the_worklist(worklist, route):
    created()
    path = path_of(route, stored())
    for method in ("GET", "HEAD", "OPTIONS", "PATCH"):
        plain, slashed = worklist.generic(method, path), worklist.generic(method, f"{path}/")
        assert (slashed.status_code, slashed["Allow"]) == (plain.status_code, plain["Allow"])


@pytest.mark.parametrize("route", sorted(table()))
def test_OTH_10_a_method_that_no_resource_has_is_405_with_those_that_there_are(archive, route):
    response = archive.generic("PATCH", path_of(route, stored()).partition("?")[0])

    assert response.status_code == 405
    assert set(response["Allow"].split(", ")) - {"HEAD", "OPTIONS"} == set(table()[route])


@pytest.mark.parametrize("route", ROUTES)
def test_NEG_19_parameters_that_nobody_knows_are_ignored(worklist: Client, route: str) -> None:
    path = path_of(route, stored())
    created()

    response = worklist.get(f"{path}{'&' if '?' in path else '?'}unheard=of&_=1")

    assert response.status_code == 200
