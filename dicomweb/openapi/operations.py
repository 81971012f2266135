"""What OpenAPI calls operations: one for each method of each resource, from the rows of `dicomweb/transactions.py`."""

import re
from collections.abc import Iterator, Mapping, Sequence
from http.client import responses
from typing import Any

from archive.models import LabelColor
from dicomweb import capabilities, transactions
from dicomweb.http.media_types import MULTIPART_RELATED
from dicomweb.responses import DICOM_JSON
from dicomweb.status_report import OFFERS as STATUS_REPORTS
from dicomweb.transactions import LABELING, TRANSACTIONS, Parameter, Transaction
from dicomweb.views import event_feed, event_ticket, labels

Object = dict[str, Any]

#: What WADL calls the types of parameters.
TYPES: Mapping[str, Object] = {
    "xs:string": {"type": "string"},
    "xs:boolean": {"type": "boolean"},
    "xs:nonNegativeInteger": {"type": "integer", "minimum": 0},
    "xs:positiveInteger": {"type": "integer", "minimum": 1},
}

#: By how routes begin.
TAGS = {"workitems": "Worklist Service", "subscribers": "Event channels", "ws": "Event channels"}
URI_SERVICE, STUDIES_SERVICE, LABELS = "URI Service", "Studies Service", "Labels"

#: What else an answer can be, where a request may have these header fields.
CONDITIONAL = {"Range": 206, "If-None-Match": 304}

DATA_SETS = {"$ref": "#/components/schemas/DataSets"}
BINARY = {"type": "string", "format": "binary"}

#: The JSON answers of what PS3.18 does not have, by view module.
ANSWERS: Mapping[str, Object] = {
    event_feed.__name__: {"type": "array", "items": {"$ref": "#/components/schemas/Event"}},
    event_ticket.__name__: {"$ref": "#/components/schemas/Ticket"},
    labels.__name__: {"type": "array", "items": {"$ref": "#/components/schemas/Label"}},
}

FAILURE = {"$ref": "#/components/responses/Failure"}
REPORT = {"$ref": "#/components/schemas/StatusReport"}

#: What operations refer to.
COMPONENTS: Mapping[str, Object] = {
    "schemas": {
        "DataSet": {
            "description": "A data set in the DICOM JSON Model (PS3.18 Annex F): elements by their tags.",
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "properties": {
                    "vr": {"type": "string"},
                    "Value": {"type": "array", "items": {}},
                    "BulkDataURI": {"type": "string"},
                    "InlineBinary": {"type": "string", "format": "byte"},
                },
                "required": ["vr"],
            },
        },
        "DataSets": {
            "oneOf": [
                {"$ref": "#/components/schemas/DataSet"},
                {"type": "array", "items": {"$ref": "#/components/schemas/DataSet"}},
            ]
        },
        "Event": {
            "description": "An event report, by its number among those of the AE.",
            "type": "object",
            "properties": {
                "sequence": {"type": "integer", "minimum": 1},
                "time": {"type": "string", "format": "date-time"},
                "report": {"$ref": "#/components/schemas/DataSet"},
            },
            "required": ["sequence", "time", "report"],
        },
        "Ticket": {
            "description": "A URL that opens an event channel, once, within so many seconds.",
            "type": "object",
            "properties": {"url": {"type": "string"}, "seconds": {"type": "integer"}},
            "required": ["url", "seconds"],
        },
        "Label": {
            "description": "A label: among all labels with how many studies have it, which are counted up to 10,000;"
            " on a study with who has put it there, and when.",
            "type": "object",
            "properties": {
                "name": {"type": "string"},
                "color": {"type": "string", "enum": LabelColor.values},
                "studies": {"type": "integer", "minimum": 0},
                "more": {"type": "boolean"},
                "by": {"type": "string", "nullable": True},
                "at": {"type": "string", "format": "date-time"},
            },
            "required": ["name", "color"],
        },
        "StatusReport": {
            "description": "What went wrong (PS3.18 Section 8.6.3).",
            "type": "object",
            "properties": {"status": {"type": "integer"}, "message": {"type": "string"}},
            "required": ["status", "message"],
        },
    },
    "responses": {
        "Failure": {
            "description": "A Status Report.",
            "content": {
                offer.media_type: {"schema": REPORT if "json" in offer.media_type else {"type": "string"}}
                for offer in STATUS_REPORTS
            },
        }
    },
    "securitySchemes": {
        "basic": {"type": "http", "scheme": "basic"},
        "token": {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "`Token` and the token, as `manage.py create_token` gives it.",
        },
        "session": {
            "type": "apiKey",
            "in": "cookie",
            "name": "sessionid",
            "description": "Of pages, which send `X-CSRFToken` with what changes something.",
        },
    },
}


def operation(method: str, route: str, module: str) -> Object:
    """What a method of a route takes and gives.

    Args:
        module: the name of the view module that answers it.
    """
    transaction = (TRANSACTIONS | LABELING)[module]
    described: Object = {
        "operationId": _identifier(method, route),
        "summary": transaction.name,
        "description": _description(transaction),
        "tags": [_tag(route, module)],
        "parameters": list(_parameters(route, transaction)),
        "responses": _responses(route, module, transaction),
    }
    if transaction.takes:
        described["requestBody"] = {"required": True, "content": _content(transaction.takes)}
    return described


def _identifier(method: str, route: str) -> str:
    return "_".join([method.lower(), *re.findall(r"\w+", capabilities.template(route))])


def _tag(route: str, module: str) -> str:
    if module in LABELING:
        return LABELS
    if route in {"", "wado"}:
        return URI_SERVICE
    return TAGS.get(route.partition("/")[0], STUDIES_SERVICE)


def _description(transaction: Transaction) -> str:
    section = f"PS3.18 Section {transaction.section}." if transaction.section else "Not in PS3.18."
    return f"{section} {transactions.OTHER_KEYS}" if transaction.searches else section


# -- what it takes ---------------------------------------------------------------


def _parameters(route: str, transaction: Transaction) -> Iterator[Object]:
    for name in re.findall(r"\{(\w+)\}", capabilities.template(route)):
        yield {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
    for parameter in transaction.query(route):
        # Each key is there by its tag too.
        if not (parameter.key and parameter.name[0].isdecimal()):
            yield _query_parameter(parameter)
    if given := transaction.gives(route):
        yield _query_parameter(Parameter("accept", values=given))
    # Accept, Content-Type and Authorization are said by other words of OpenAPI.
    for name in transaction.headers:
        yield {"name": name, "in": "header", "schema": {"type": "string"}}


def _query_parameter(parameter: Parameter) -> Object:
    schema = dict(TYPES[parameter.type])
    if parameter.values and schema["type"] == "string":
        schema["enum"] = list(parameter.values)
    described: Object = {"name": parameter.name, "in": "query", "required": parameter.required, "schema": schema}
    if parameter.several:
        described |= {"schema": {"type": "array", "items": schema}, "style": "form", "explode": False}
    return described


# -- what it gives ---------------------------------------------------------------


def _responses(route: str, module: str, transaction: Transaction) -> Object:
    found = {transaction.status: _content(transaction.gives(route), ANSWERS.get(module, DATA_SETS))}
    found |= {CONDITIONAL[name]: {} for name in transaction.headers if name in CONDITIONAL}
    described: Object = {
        str(status): {"description": responses[status], **({"content": content} if content else {})}
        for status, content in found.items()
    }
    return described | dict.fromkeys(capabilities.FAILURES.split(), FAILURE)


def _content(media_types: Sequence[str], json: Object = DATA_SETS) -> Object:
    return {media_type: {"schema": _schema(media_type, json)} for media_type in media_types}


def _schema(media_type: str, json: Object) -> Object:
    if media_type.startswith(MULTIPART_RELATED):
        return BINARY
    if media_type in {DICOM_JSON, "application/json"}:
        return json
    return {"type": "string"} if media_type.startswith("text/") or media_type.endswith("xml") else BINARY
