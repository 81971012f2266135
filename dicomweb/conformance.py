"""The tables of the conformance statement (`docs/conformance.md`), made from those that the archive works by.

In the document each table stands between `<!-- table: name -->` and `<!-- end -->`; all else there is written by hand.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from enum import IntEnum
from pathlib import Path

from django.conf import settings

from archive import queryable
from archive.dicom.transfer_syntaxes import TRANSFER_SYNTAXES
from archive.queryable import Level, Returned
from archive.services import outcomes
from dicomweb import capabilities, exceptions, offers, transactions, workitem_answer
from dicomweb.http import charsets
from dicomweb.http.media_types import MediaType
from dicomweb.resource import table as resources
from workflow.errors import CONFLICTS, StateConflict, WorkflowError

DOCUMENT = Path("docs/conformance.md")
OPERATING = Path("docs/operating.md")

_SECTION = re.compile(r"(<!-- table: (?P<name>[a-z-]+) -->\n)(.*?)(<!-- end -->)", re.DOTALL)
#: A row of the operating guide about what there is a limit to.
_LIMIT = re.compile(r"^\| `ARCHIVE_MAX_.*$", re.MULTILINE)

#: PS3.18 Tables I.2-1 and I.2-2: the codes that the standard has; A7xx, A9xx and Cxxx by their first one.
STANDARD_CODES = frozenset({0xB000, 0xB006, 0xB007, 0xA700, 0xA900, 0xC000, 0xC122, 0x0110, 0x0122})


def refreshed(document: str) -> str:
    """The document with its tables as they are now."""
    return _SECTION.sub(lambda found: f"{found[1]}\n{TABLES[found['name']]()}\n{found[4]}", document)


def _markdown(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def _code(texts: Iterable[str]) -> str:
    return ", ".join(f"`{text}`" for text in texts)


def _resources() -> str:
    def row(route: str, method: str, module: str) -> Sequence[str]:
        transaction = transactions.TRANSACTIONS[module]
        section = f"PS3.18 Section {transaction.section}" if transaction.section else "not in PS3.18"
        return [f"`{method}`", f"`/{capabilities.template(route)}`", transaction.name, section]

    rows = [row(route, *pair) for route, methods in resources().items() for pair in methods.items()]
    return _markdown(["method", "resource", "transaction", "section"], rows)


def _media_types() -> str:
    """One row for all resources of a transaction that are given in the same forms."""
    rows: dict[tuple[str, str, str], list[str]] = {}
    for route, methods in resources().items():
        for transaction in (transactions.TRANSACTIONS[module] for module in methods.values()):
            given = transaction.gives(route)
            if given or transaction.takes:
                row = (transaction.name, _code(transaction.takes), _forms(given))
                rows.setdefault(row, []).append(f"/{capabilities.template(route).rpartition('/')[2]}")
    return _markdown(
        ["transaction", "of", "takes", "gives, the default first"],
        ([name, _code(dict.fromkeys(ends)), takes, gives] for (name, takes, gives), ends in rows.items()),
    )


def _forms(given: Sequence[str]) -> str:
    """The media types that are given alone, and those that are given in parts."""
    forms: dict[str, list[str]] = {}
    for form in given:
        media_type = MediaType.parse(form)
        forms.setdefault("in parts" if media_type.root else "alone", []).append((media_type.root or media_type).essence)
    return "; ".join(f"{way}: {_code(media_types)}" for way, media_types in forms.items())


def _parameters() -> str:
    rows = [
        [transaction.name, _code(dict.fromkeys(_query_parameters(transaction))), _code(transaction.headers)]
        for transaction in transactions.TRANSACTIONS.values()
    ]
    return _markdown(["transaction", "query parameters", "optional header fields"], rows)


def _query_parameters(transaction: transactions.Transaction) -> Iterable[str]:
    """Without the keys of searches, which have tables of their own."""
    return [parameter.name for parameter in transaction.query("studies") if not parameter.key]


def _transfer_syntaxes() -> str:
    rows = []
    for syntax in TRANSFER_SYNTAXES.values():
        given = offers.instances(syntax.uid, one=True)
        default = next(offer.transfer_syntax or "" for offer in given if offer.default)
        syntaxes = {offer.transfer_syntax for offer in given}
        rows.append([syntax.uid, syntax.name, default, _yes(syntax.uid in syntaxes), _yes(len(syntaxes) > 2)])
    return _markdown(["stored as", "name", "given by default as", "as stored", "compressed"], rows)


def _yes(is_so: bool) -> str:
    return "yes" if is_so else ""


def _compressed() -> str:
    return _markdown(["transfer syntax", "name"], ([uid, TRANSFER_SYNTAXES[uid].name] for uid in offers.ENCODED))


def _pixel_types() -> str:
    rows = [[f"`{media_type}`", ", ".join(uids)] for media_type, uids in offers.DEFAULT_SYNTAXES.items()]
    return _markdown(["media type", "its transfer syntax without a parameter"], rows)


def _search_keys() -> str:
    rows = []
    for level in (Level.STUDY, Level.SERIES, Level.INSTANCE):
        above = set(transactions.match_keys(Level(level - 1)))
        own = [key for key in transactions.match_keys(level) if key not in above]
        rows += [[level.name.lower(), f"`{tag}`", f"`{keyword}`"] for keyword, tag in own]
    return _markdown(["from the level of", "tag", "keyword"], rows)


def _workitem_keys() -> str:
    return _markdown(
        ["tag", "keyword"], ([f"`{tag}`", f"`{keyword}`"] for keyword, tag in transactions.workitem_keys())
    )


def _returned() -> str:
    words = {Returned.ALWAYS: "always", Returned.IF_KNOWN: "if known", Returned.ON_REQUEST: "as key, or included"}
    rows = [
        [row.level.name.lower(), f"`{row.tag}`", f"`{row.keyword}`", row.vr, words[row.returned]]
        for row in queryable.QUERYABLE
    ]
    return _markdown(["level", "tag", "keyword", "VR", "returned"], rows)


def _codes() -> str:
    kinds = [kind for kind in vars(outcomes).values() if isinstance(kind, type) and issubclass(kind, IntEnum)]
    rows = [
        [
            f"`{code.value:04X}`",
            str(code.value),
            kind.__name__.removesuffix("Reason").lower(),
            code.name.replace("_", " ").capitalize().replace("sop", "SOP"),
            "" if code.value in STANDARD_CODES else "this archive's own",
        ]
        for kind in kinds
        if kind is not IntEnum
        for code in kind
    ]
    return _markdown(["code", "decimal", "kind", "meaning", ""], rows)


def _worklist_codes() -> str:
    rows = [
        [f"`{code:04X}`", str(status), _words(kind.__name__), workitem_answer.FAILURES.get(kind, "")]
        for kind, status in exceptions.STATUS.items()
        if issubclass(kind, WorkflowError)
        for code in (CONFLICTS if kind is StateConflict else [kind.code])
    ]
    return _markdown(["code", "status", "meaning", "Warning"], sorted(rows))


def _words(name: str) -> str:
    """The name of a class as one would say it."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).capitalize()


def _character_sets() -> str:
    rows = [[f"`{found.name}`", f"`{found.defined_term}`"] for found in charsets.SUPPORTED]
    return _markdown(["character set", "or as a defined term"], rows)


def _limits() -> str:
    """As the operating guide lists them, which names the defaults."""
    found = _LIMIT.findall((settings.BASE_DIR / OPERATING).read_text())
    return "| variable | default | |\n| --- | --- | --- |\n" + "".join(f"{row}\n" for row in found)


TABLES: dict[str, Callable[[], str]] = {
    "resources": _resources,
    "media-types": _media_types,
    "parameters": _parameters,
    "transfer-syntaxes": _transfer_syntaxes,
    "compressed": _compressed,
    "pixel-types": _pixel_types,
    "search-keys": _search_keys,
    "workitem-keys": _workitem_keys,
    "returned": _returned,
    "codes": _codes,
    "worklist-codes": _worklist_codes,
    "character-sets": _character_sets,
    "limits": _limits,
}
