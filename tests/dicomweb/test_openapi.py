"""The OpenAPI document: valid, whole, as the tables have it, and for who may read something."""

from typing import Any

import pytest
from django.test import Client
from openapi_spec_validator import validate

from dicomweb import capabilities
from dicomweb.openapi.schema import document
from dicomweb.resource import table
from dicomweb.transactions import LABELING, TRANSACTIONS
from dicomweb.urls import labeling
from tests.people import signed_in

pytestmark = pytest.mark.django_db

SCHEMA, DOCS = "/api/schema", "/api/docs"


def described(client: Client) -> dict[str, Any]:
    response = client.get(SCHEMA)
    assert response.status_code == 200
    return response.json()


def resources() -> dict[str, tuple[str, dict[str, str]]]:
    """By path, the route and methods of everything that is described."""
    rows = [("/dicom-web/", route, methods) for route, methods in table().items()]
    rows += [("/api/", row.callback.cls.route, row.callback.cls.modules) for row in labeling]
    return {
        f"{root}{capabilities.template(route)}".rstrip("/"): (route, dict(methods)) for root, route, methods in rows
    }


def operation(client: Client, path: str, method: str = "get") -> dict[str, Any]:
    return described(client)["paths"][f"/dicom-web{path}"][method]


def parameters(found: dict[str, Any], place: str = "query") -> dict[str, Any]:
    return {one["name"]: one for one in found["parameters"] if one["in"] == place}


def test_the_document_is_valid_openapi_3(archive):
    found = described(archive)

    validate(found)
    assert found["openapi"].startswith("3.")


def test_every_resource_is_there_with_its_methods_and_nothing_else(archive):
    expected = {path: {method.lower() for method in methods} for path, (_, methods) in resources().items()}

    assert {path: set(methods) for path, methods in described(archive)["paths"].items()} == expected


def test_each_operation_takes_and_gives_what_its_transaction_does(archive):
    paths = described(archive)["paths"]
    for path, (route, methods) in resources().items():
        for method, module in methods.items():
            transaction = (TRANSACTIONS | LABELING)[module]
            found = paths[path][method.lower()]

            answer = found["responses"][str(transaction.status)]
            assert list(answer.get("content", {})) == list(transaction.gives(route))
            assert list(found.get("requestBody", {}).get("content", {})) == list(transaction.takes)
            assert {"401", "403", "404"} <= set(found["responses"])


def test_operations_are_named_once(archive):
    names = [one["operationId"] for methods in described(archive)["paths"].values() for one in methods.values()]

    assert len(names) == len(set(names))


def test_a_search_has_its_parameters_with_their_types(archive):
    found = parameters(operation(archive, "/studies"))

    assert found["limit"]["schema"] == {"type": "integer", "minimum": 0}
    assert found["includefield"]["schema"] == {"type": "array", "items": {"type": "string"}}
    assert found["includefield"]["explode"] is False
    assert found["fuzzymatching"]["schema"] == {"type": "boolean"}
    assert "PatientName" in found
    assert "00100010" not in found


def test_a_picture_can_be_asked_for_with_annotations_in_any_number(archive):
    annotation = parameters(operation(archive, "/studies/{study}/rendered"))["annotation"]["schema"]

    assert annotation["type"] == "array"
    assert {"patient", "technique"} <= set(annotation["items"]["enum"])


def test_parts_of_paths_are_parameters(archive):
    found = operation(archive, "/studies/{study}/series/{series}/instances/{instance}/frames/{frames}")

    assert list(parameters(found, "path")) == ["study", "series", "instance", "frames"]
    assert {"206", "304"} <= set(found["responses"])


def test_a_ticket_and_the_event_feed_say_what_their_json_is(archive):
    ticket = operation(archive, "/subscribers/{ae_title}/tickets", "post")["responses"]["201"]
    feed = operation(archive, "/subscribers/{ae_title}/events")["responses"]["200"]

    assert ticket["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/Ticket"}
    assert feed["content"]["application/json"]["schema"]["items"] == {"$ref": "#/components/schemas/Event"}


def test_labels_are_described_apart_from_what_is_of_the_standard(archive):
    paths = described(archive)["paths"]
    put = paths["/api/studies/{study}/labels/{label}"]["put"]
    schema = paths["/api/labels"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]

    assert put["tags"] == ["Labels"]
    assert put["description"] == "Not in PS3.18."
    assert list(parameters(put, "path")) == ["study", "label"]
    assert schema["items"] == {"$ref": "#/components/schemas/Label"}
    assert not any("labels" in route for route in table())


def test_paths_are_below_where_a_proxy_has_put_the_archive():
    assert b'"servers":[{"url":"/pacs"}]' in document("/pacs/")
    assert b'"servers":[{"url":"/"}]' in document("/")


def test_who_has_the_document_is_told_that_it_is_still_right(archive):
    tag = archive.get(SCHEMA)["ETag"]

    assert archive.get(SCHEMA, headers={"If-None-Match": tag}).status_code == 304


def test_it_is_given_by_its_own_media_type_too(archive):
    wanted = "application/vnd.oai.openapi+json"

    assert archive.get(SCHEMA, headers={"Accept": wanted})["Content-Type"] == wanted
    assert archive.get(SCHEMA, headers={"Accept": "image/png"}).status_code == 406


@pytest.mark.parametrize(("access", "status"), [("none", 401), ("read", 200)])
def test_the_document_needs_the_sign_in_that_reading_needs(client, settings, access, status):
    settings.ARCHIVE_ANONYMOUS_ACCESS = access

    assert client.get(SCHEMA).status_code == status


@pytest.mark.parametrize(("groups", "status"), [(["viewers"], 200), (["performers"], 200), ([], 403)])
def test_document_and_page_are_for_who_may_read_something(groups, status):
    browser = signed_in("somebody", *groups)

    assert browser.get(SCHEMA).status_code == status
    assert browser.get(DOCS).status_code == status


def test_the_page_loads_swagger_ui_from_the_archive_alone():
    response = signed_in("somebody", "viewers").get(DOCS)
    page = response.content.decode()

    assert "/static/drf_spectacular_sidecar/swagger-ui-dist/swagger-ui-bundle.js" in page
    assert f'data-schema="{SCHEMA}"' in page
    assert "://" not in page.replace("http://www.w3.org", "")
    assert "unsafe" not in response["Content-Security-Policy"]


def test_the_page_asks_to_sign_in(client):
    assert client.get(DOCS)["Location"].startswith("/login/")
