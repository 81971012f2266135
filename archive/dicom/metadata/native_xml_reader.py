"""The Native DICOM Model (PS3.19 Annex A.1) as it comes from outside, made what `json_reader` makes of JSON.

It is read as it streams by, without a tree. A document type declaration is refused, and with it every entity.
"""

import codecs
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NoReturn
from xml.parsers import expat

from archive.dicom.errors import MalformedMetadata
from archive.dicom.metadata.received_values import tag_number
from archive.dicom.native_xml import NAME_COMPONENTS, NAME_GROUPS
from archive.dicom.reading.data_set import DEEPEST_NESTING

#: The first schema called the alphabetic group so (XML-07).
_ALIASES = {"SingleByte": "Alphabetic"}
_DEEPEST = 4 * DEEPEST_NESTING
_DECLARED_ENCODING = re.compile(rb"""\s*<\?xml[^>]*\sencoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
#: Byte order marks, which say more than anybody else.
_MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
#: What the parser decodes itself. It knows a few 8-bit encodings more, but none of several bytes.
_DECODED_BY_PARSER = re.compile(r"utf-?(8|16)|us-ascii|iso-8859-1", re.IGNORECASE)
#: What Python also knows as encodings: no document is in them, and some take time with the square of the length.
_NO_CHARSETS = frozenset({"idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape"})


def instance(document: bytes, charset: str | None = None) -> dict[str, Any]:
    """The data set of a document, for `received_model.read`.

    Args:
        charset: what the media type says, which goes before what the document does (RFC 7303 Section 3.2).

    Raises:
        MalformedMetadata: it is not well-formed (STOW-44), or no Native DICOM Model.
    """
    reader = _Reader()
    reader.parse(_decoded(document, charset))
    return reader.data_set


def _decoded(document: bytes, charset: str | None) -> bytes | str:
    """The document, as text where it is in an encoding that is not for the parser to find out (XML-11)."""
    name = _named(document, charset)
    if name is None:
        return document
    try:
        if codecs.lookup(name).name not in _NO_CHARSETS:
            return document.decode(name)
    except (LookupError, UnicodeError):
        pass
    raise MalformedMetadata("The metadata are not in the encoding that they declare, or it is unknown.")


def _named(document: bytes, charset: str | None) -> str | None:
    """The encoding, unless the parser knows better."""
    by_mark = next((name for mark, name in _MARKS.items() if document.startswith(mark)), None)
    if by_mark or charset:
        return by_mark or charset
    declared = _DECLARED_ENCODING.match(document)
    name = declared[1].decode("ascii") if declared else ""
    return name if name and not _DECODED_BY_PARSER.fullmatch(name) else None


@dataclass(slots=True)
class _Attribute:
    """An attribute that is being read. `children` are what it holds, with the numbers they came with."""

    tag: str
    creator: str | None
    vr: str | None
    kind: str = ""
    children: list[tuple[str | None, Any]] = field(default_factory=list)


class _Reader:
    """Turns the events of the parser into a data set."""

    def __init__(self) -> None:
        self.data_set: dict[str, Any] = {}
        self._path: list[str] = []
        #: The attributes of the data set that is being read, and of those around it; the attributes around those.
        self._attributes: list[list[_Attribute]] = [[]]
        self._open: list[_Attribute] = []
        self._name: dict[str, list[str]] = {}
        self._number: str | None = None
        self._text: list[str] | None = None
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.StartDoctypeDeclHandler = self._refuse_doctype
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._characters
        self._parser.buffer_text = True

    def parse(self, document: bytes | str) -> None:
        try:
            self._parser.Parse(document, True)
        except expat.ExpatError as error:
            raise MalformedMetadata(f"The metadata are not well-formed XML at line {error.lineno}.") from None
        except (LookupError, ValueError):
            raise MalformedMetadata("The metadata are in an encoding that is unknown.") from None
        self.data_set = _data_set(self._attributes.pop())

    def _refuse_doctype(self, *declaration: object) -> NoReturn:
        raise MalformedMetadata("The metadata have a document type declaration, which is not read.")

    def _malformed(self, problem: str) -> MalformedMetadata:
        return MalformedMetadata(f"The metadata have {problem} at line {self._parser.CurrentLineNumber}.")

    def _start(self, qualified_name: str, attributes: dict[str, str]) -> None:
        name = qualified_name.rpartition(" ")[2]
        name = _ALIASES.get(name, name)
        parent = self._path[-1] if self._path else ""
        if name not in _CHILDREN.get(parent, ()):
            raise self._malformed("an element that is out of place")
        if len(self._path) >= _DEEPEST:
            raise self._malformed("elements nested too deeply")
        self._path.append(name)
        # PS3.18 Section B.23 has `Tag` and `VR` (XML-14).
        given = {key.rpartition(" ")[2].lower(): value for key, value in attributes.items()}
        self._started(name, given)

    def _started(self, name: str, given: dict[str, str]) -> None:
        match name:
            case "DicomAttribute":
                self._start_attribute(given)
            case "Value" | "InlineBinary":
                self._start_child(name, given)
                self._text = []
            case "PersonName":
                self._start_child(name, given)
                self._name = {}
            case "BulkData":
                self._start_child(name, given)
                self._open[-1].children.append((None, given.get("uri")))
            case "Item":
                self._start_child(name, given)
                self._open[-1].children.append((given.get("number"), None))
                self._attributes.append([])
            case _ if name in NAME_GROUPS:
                self._name[name] = [""] * len(NAME_COMPONENTS)
            case _ if name in NAME_COMPONENTS:
                self._text = []

    def _start_attribute(self, given: dict[str, str]) -> None:
        tag = tag_number(given.get("tag", ""))
        if tag is None:
            raise self._malformed("a DicomAttribute without a tag of 8 hexadecimal digits")
        self._open.append(_Attribute(f"{tag:08X}", given.get("privatecreator"), given.get("vr")))

    def _start_child(self, kind: str, given: dict[str, str]) -> None:
        """There is one kind of content in an attribute (XML-04), and of some kinds just one."""
        attribute = self._open[-1]
        if attribute.kind and (attribute.kind != kind or kind in {"BulkData", "InlineBinary"}):
            raise self._malformed("an attribute with two contents")
        attribute.kind = kind
        self._number = given.get("number")

    def _characters(self, text: str) -> None:
        if self._text is not None:
            self._text.append(text)

    def _end(self, qualified_name: str) -> None:
        name = self._path.pop()
        text = "".join(self._text or ())
        self._text = None
        match name:
            case "DicomAttribute":
                self._attributes[-1].append(self._open.pop())
            case "Value" | "InlineBinary":
                self._open[-1].children.append((self._number, text))
            case "PersonName":
                groups = {group: "^".join(components).rstrip("^") for group, components in self._name.items()}
                self._open[-1].children.append((self._number, groups))
            case "Item":
                number, _ = self._open[-1].children.pop()
                self._open[-1].children.append((number, _data_set(self._attributes.pop())))
            case _ if name in NAME_COMPONENTS:
                self._name[self._path[-1]][NAME_COMPONENTS.index(name)] = text


#: PS3.19 Section A.1.6: which elements are in which; a document has one root.
_CHILDREN = {
    "": {"NativeDicomModel"},
    "NativeDicomModel": {"DicomAttribute"},
    "DicomAttribute": {"Value", "PersonName", "Item", "BulkData", "InlineBinary"},
    "Item": {"DicomAttribute"},
    "PersonName": set(NAME_GROUPS),
} | {group: set(NAME_COMPONENTS) for group in NAME_GROUPS}


def _data_set(attributes: list[_Attribute]) -> dict[str, Any]:
    """The data set of these attributes, private ones in the blocks of their creators."""
    taken = _Blocks(attributes)
    data_set: dict[str, Any] = {}
    for attribute in attributes:
        tag = attribute.tag if attribute.creator is None else taken.tag(attribute)
        if tag in data_set:
            raise MalformedMetadata(f"The metadata have attribute {tag} twice in one data set.")
        data_set[tag] = _element(attribute)
    return data_set | taken.new_creators


class _Blocks:
    """The private blocks of one data set (PS3.5 Section 7.8.1), which have no numbers in XML (JSON-28)."""

    def __init__(self, attributes: list[_Attribute]) -> None:
        self.new_creators: dict[str, Any] = {}
        self._blocks: dict[tuple[str, str], int] = {}
        self._taken: set[tuple[str, int]] = set()
        for attribute in attributes:
            if attribute.creator is None and int(attribute.tag[3], 16) & 1:
                self._take(attribute)

    def _take(self, attribute: _Attribute) -> None:
        """What has no creator beside it keeps its number: creators themselves, and what has none at all."""
        group, block, element = attribute.tag[:4], int(attribute.tag[4:6], 16), int(attribute.tag[6:], 16)
        self._taken.add((group, block or element))
        if block == 0 and attribute.children:
            self._blocks.setdefault((group, str(attribute.children[0][1])), element)

    def tag(self, attribute: _Attribute) -> str:
        group, creator = attribute.tag[:4], attribute.creator or ""
        if (group, creator) not in self._blocks:
            self._blocks[group, creator] = self._new_block(group, creator)
        return f"{group}{self._blocks[group, creator]:02X}{attribute.tag[6:]}"

    def _new_block(self, group: str, creator: str) -> int:
        free = next((block for block in range(0x10, 0x100) if (group, block) not in self._taken), None)
        if free is None:
            raise MalformedMetadata(f"The metadata have more private creators in group {group} than it has blocks for.")
        self._taken.add((group, free))
        self.new_creators[f"{group}00{free:02X}"] = {"vr": "LO", "Value": [creator]}
        return free


def _element(attribute: _Attribute) -> dict[str, Any]:
    content: Callable[[_Attribute], Any] = _sole if attribute.kind in {"BulkData", "InlineBinary"} else _numbered
    name = {"BulkData": "BulkDataURI", "InlineBinary": "InlineBinary"}.get(attribute.kind, "Value")
    return {"vr": attribute.vr} | ({name: content(attribute)} if attribute.kind else {})


def _sole(attribute: _Attribute) -> Any:
    return attribute.children[0][1]


def _numbered(attribute: _Attribute) -> list[Any]:
    """The values in the order of their numbers, which count from 1 (XML-05)."""
    if all(number is None for number, _ in attribute.children):
        return [value for _, value in attribute.children]
    numbers = [
        int(number) if number and number.isdecimal() and len(number) < 10 else 0 for number, _ in attribute.children
    ]
    if sorted(numbers) != list(range(1, len(numbers) + 1)):
        raise MalformedMetadata(
            f"The metadata have attribute {attribute.tag} with values that are not numbered from 1."
        )
    return [value for _, (_, value) in sorted(zip(numbers, attribute.children, strict=True), key=lambda pair: pair[0])]
