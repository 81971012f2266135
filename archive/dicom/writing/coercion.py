"""Change attributes of a DICOM file and keep in it what they were: PS3.3 Section C.12.1, Original Attributes Sequence.

Everything else stays the bytes that it was, in Explicit VR Little Endian.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from archive.dicom.charsets import encode_text
from archive.dicom.errors import NotCoercible
from archive.dicom.fragments import ITEM, ITEM_DELIMITATION, SEQUENCE_DELIMITATION
from archive.dicom.pieces import assembled
from archive.dicom.reading.data_set import UNDEFINED_LENGTH
from archive.dicom.reading.opened_file import OpenedFile
from archive.dicom.reading.raw_elements import RawElement, RawReader
from archive.dicom.transfer_syntaxes import EXPLICIT_VR_LITTLE_ENDIAN
from archive.dicom.writing.explicit_elements import explicit_element, explicit_header, item_header
from archive.dicom.writing.reencoding import reencode

SPECIFIC_CHARACTER_SET, UTF_8 = 0x00080005, b"ISO_IR 192"
ORIGINAL_ATTRIBUTES, MODIFIED_ATTRIBUTES = 0x04000561, 0x04000550
MODIFICATION_DATE_TIME, MODIFYING_SYSTEM = 0x04000562, 0x04000563
SOURCE_OF_PREVIOUS_VALUES, REASON = 0x04000564, 0x04000565

#: What JPIP syntaxes that are deflated are without that.
_INFLATED = {
    "1.2.840.10008.1.2.4.95": "1.2.840.10008.1.2.4.94",
    "1.2.840.10008.1.2.4.205": "1.2.840.10008.1.2.4.204",
}
_SEQUENCE_HEADER, _DELIMITATION = 12, 8


@dataclass(frozen=True, slots=True)
class Modification:
    """Who changes attributes, when (a value of VR DT), and why (PS3.3 Section C.12.1.1.9)."""

    at: str
    system: str
    reason: str = "COERCE"


def target_syntax(found: OpenedFile) -> str:
    """The transfer syntax that the data set of `coerced` is in."""
    syntax = found.syntax
    if syntax.encapsulated or not (syntax.implicit_vr or syntax.deflated or not syntax.little_endian):
        return syntax.uid
    return _INFLATED.get(syntax.uid, EXPLICIT_VR_LITTLE_ENDIAN)


def coerced(
    found: OpenedFile, values: Mapping[int, tuple[str, str]], modification: Modification, *, is_ascii: bool
) -> Iterator[bytes]:
    """The data set of an opened file, with other values of some elements.

    Args:
        values: VR and value by tag; each of them is in the data set already, with another value.
        is_ascii: whether the data set has no text that needs its character set.

    Raises:
        NotCoercible: the file cannot hold the values.
    """
    rewriter = _Rewriter(found)
    replaced = rewriter.replaced(values, is_ascii) | {
        ORIGINAL_ATTRIBUTES: [rewriter.original_attributes(values, modification)]
    }
    return assembled(reencode(found, replaced)).read()


class _Rewriter:
    def __init__(self, found: OpenedFile) -> None:
        self._found = found
        self._raw = RawReader(found.source.file)
        self._elements = {element.tag: element for element in self._up_to(ORIGINAL_ATTRIBUTES)}

    def _up_to(self, last: int) -> Iterator[RawElement]:
        """The elements of the data set itself up to a tag."""
        position, end, encoding = self._found.start, self._found.source.end, self._found.encoding
        while (element := self._raw.element(position, end, encoding)) and element.tag <= last:
            yield element
            position = self._raw.end_of(element, end, encoding)

    def _alone(self, tag: int) -> bytes:
        """One element as it is, in Explicit VR Little Endian; nothing when it is not there."""
        element = self._elements.get(tag)
        if element is None:
            return b""
        end = self._raw.end_of(element, self._found.source.end, self._found.encoding)
        only = replace(self._found, start=element.at, source=replace(self._found.source, end=end))
        return b"".join(assembled(reencode(only, {})).read())

    def replaced(self, values: Mapping[int, tuple[str, str]], is_ascii: bool) -> dict[int, list[bytes]]:
        """The new elements, in the character set of the file or, where that makes no difference, in UTF-8."""
        character_set = self._character_set()
        new = {tag: (vr, encode_text(text, character_set)) for tag, (vr, text) in values.items()}
        further: dict[int, list[bytes]] = {}
        if any(value is None for _, value in new.values()):
            if not is_ascii:
                raise NotCoercible("The character set of the instance has not the characters of the stored study.")
            new = {tag: (vr, text.encode()) for tag, (vr, text) in values.items()}
            further = {SPECIFIC_CHARACTER_SET: [explicit_element(SPECIFIC_CHARACTER_SET, "CS", UTF_8)]}
        return further | {tag: [explicit_element(tag, vr, value or b"")] for tag, (vr, value) in new.items()}

    def _character_set(self) -> bytes:
        element = self._elements.get(SPECIFIC_CHARACTER_SET)
        return self._raw.read(element.start, element.length).rstrip(b" \0") if element else b""

    def original_attributes(self, values: Mapping[int, tuple[str, str]], modification: Modification) -> bytes:
        """The sequence with the items that it has had before, and one more for this modification."""
        previous = b"".join(self._alone(tag) for tag in sorted(values))
        item = (
            _sequence(MODIFIED_ATTRIBUTES, _item(previous))
            + explicit_element(MODIFICATION_DATE_TIME, "DT", modification.at.encode("ascii"))
            + explicit_element(MODIFYING_SYSTEM, "LO", modification.system.encode("ascii"))
            + explicit_element(SOURCE_OF_PREVIOUS_VALUES, "LO", b"")
            + explicit_element(REASON, "CS", modification.reason.encode("ascii"))
        )
        return _sequence(ORIGINAL_ATTRIBUTES, self._items_before() + _item(item))

    def _items_before(self) -> bytes:
        sequence = self._alone(ORIGINAL_ATTRIBUTES)
        if not sequence:
            return b""
        if sequence[4:6] != b"SQ":
            raise NotCoercible("The Original Attributes Sequence of the instance is not encoded as a sequence.")
        is_delimited = sequence[8:12] == UNDEFINED_LENGTH.to_bytes(4, "little")
        return sequence[_SEQUENCE_HEADER : -_DELIMITATION if is_delimited else None]


def _sequence(tag: int, items: bytes) -> bytes:
    return explicit_header(tag, "SQ", UNDEFINED_LENGTH) + items + item_header(SEQUENCE_DELIMITATION, 0)


def _item(content: bytes) -> bytes:
    return item_header(ITEM, UNDEFINED_LENGTH) + content + item_header(ITEM_DELIMITATION, 0)
