"""The Capabilities Description (PS3.18 Section 8.9, Annex H), made from the table of resources.

The resources below the one that was asked are described with it (OTH-03).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from dicomweb.http.wadl import Element, doc
from dicomweb.status_report import OFFERS as STATUS_REPORTS
from dicomweb.transactions import TRANSACTIONS, Parameter, Transaction

#: A method of a resource and the name of the view module that answers it.
Methods = Mapping[str, str]

#: PS3.18 Section 8.10.4: WADL has no word for it.
EVENT_CHANNEL = "WebSocket is supported: the event reports of the worklist come at {root}/subscribers/{{aetitle}}"

#: Statuses that any resource can be answered with, and that have a Status Report.
FAILURES = "400 401 403 404 405 406 409 410 413 415 503"


@dataclass(slots=True)
class Node:
    """A segment of the paths: what can be done there, and what is below."""

    route: str = ""
    methods: Methods = field(default_factory=dict)
    below: dict[str, "Node"] = field(default_factory=dict)

    def at(self, route: str) -> "Node":
        """The node of a route, made where it is missing."""
        node = self
        for segment in filter(None, route.split("/")):
            node = node.below.setdefault(segment, Node(f"{node.route}/{segment}".strip("/")))
        return node


def describe(table: Mapping[str, Methods], base: str, route: str) -> Element:
    """The description of the resource at `route` and those below it.

    Args:
        table: the methods of every route.
        base: the URL of the service's root.
    """
    root = Node()
    for row, methods in table.items():
        root.at(row).methods = methods
    target = root.at(route)
    children = [_resource(template(route), target)] if route else list(_root(target))
    if route in {"", "workitems"}:
        children.insert(0, doc(EVENT_CHANNEL.format(root=f"ws{base.removeprefix('http')}")))
    return Element("application", children=[Element("resources", {"base": f"{base}/"}, children)])


def template(route: str) -> str:
    """The route as a URI Template (PS3.18 Section 5.1.2): `studies/{study}`."""
    return re.sub(r"<\w+:(\w+)>", r"{\1}", route)


def _root(root: Node) -> Iterator[Element]:
    if root.methods:
        yield Element("resource", {"path": "/"}, _methods(root))
    for segment, node in root.below.items():
        yield _resource(template(segment), node)


def _resource(path: str, node: Node) -> Element:
    names = [_parameter(Parameter(name, required=True), "template") for name in re.findall(r"\{(\w+)\}", path)]
    below = [_resource(template(segment), child) for segment, child in node.below.items()]
    return Element("resource", {"path": path}, [*names, *_methods(node), *below])


def _methods(node: Node) -> list[Element]:
    return [_method(name, node.route, TRANSACTIONS[module]) for name, module in node.methods.items()]


def _method(name: str, route: str, transaction: Transaction) -> Element:
    given = transaction.gives(route)
    status = str(transaction.status)
    section = f"PS3.18 Section {transaction.section}" if transaction.section else "not in PS3.18"
    success = _response(status, given)
    failure = _response(FAILURES, [offer.media_type for offer in STATUS_REPORTS])
    children = [doc(f"{transaction.name} ({section})"), _request(route, transaction, given), success, failure]
    return Element("method", {"name": name}, children)


def _request(route: str, transaction: Transaction, given: Sequence[str]) -> Element:
    queries = [*transaction.query(route), *([Parameter("accept", values=given)] if given else [])]
    headers = [
        *([Parameter("Accept", values=given)] if given else []),
        *([Parameter("Content-Type", values=transaction.takes, required=True)] if transaction.takes else []),
        *(Parameter(name) for name in transaction.headers),
    ]
    return Element(
        "request",
        children=[
            *(_parameter(parameter, "query") for parameter in queries),
            *(_parameter(parameter, "header") for parameter in headers),
            *_representations(transaction.takes),
        ],
    )


def _parameter(parameter: Parameter, style: str) -> Element:
    attributes = {"name": parameter.name, "style": style, "type": parameter.type}
    if parameter.required:
        attributes["required"] = "true"
    return Element("param", attributes, [Element("option", {"value": value}) for value in parameter.values])


def _response(status: str, media_types: Sequence[str]) -> Element:
    return Element("response", {"status": status}, _representations(media_types))


def _representations(media_types: Sequence[str]) -> list[Element]:
    return [Element("representation", {"mediaType": media_type}) for media_type in media_types]
