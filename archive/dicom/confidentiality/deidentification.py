"""De-identify a DICOM file by the Basic Application Level Confidentiality Profile (PS3.15 Annex E).

The file is a stream of Explicit VR Little Endian, as the archive gives objects. What comes before its pixel data is
held and rewritten, raw value by raw value; the pixel data go through as they are, and nothing that follows them does.
"""

from collections.abc import Iterator
from itertools import chain
from typing import BinaryIO, cast

from archive.dicom.confidentiality.basic_profile import Action, action
from archive.dicom.confidentiality.held_stream import HeldStream
from archive.dicom.confidentiality.pseudonyms import Pseudonyms
from archive.dicom.dicom_json import VALUE_VRS
from archive.dicom.errors import MalformedDicom
from archive.dicom.fragments import ITEM, ITEM_DELIMITATION, ITEM_HEADER_LENGTH, ITEM_HEADERS, SEQUENCE_DELIMITATION
from archive.dicom.pixel_data import PIXEL_DATA_TAGS
from archive.dicom.reading.data_set import DEEPEST_NESTING, ENCAPSULATED_DOCUMENT, UNDEFINED_LENGTH, Encoding
from archive.dicom.reading.raw_elements import RawElement, RawReader, malformed
from archive.dicom.uids import is_tolerable_uid
from archive.dicom.value_representations import dictionary_vr
from archive.dicom.writing.explicit_elements import explicit_element, explicit_header, item_header
from archive.dicom.writing.file_meta import PREAMBLE, PREFIX, file_meta
from archive.errors import ArchiveError

EXPLICIT_LITTLE_ENDIAN = Encoding(implicit_vr=False, little_endian=True)
#: What tells how a value is to be read; UN does not.
STATED_VRS = VALUE_VRS - {"UN"}
#: So many bytes may come before the pixel data.
LONGEST_HEAD = 32 << 20
#: Of a stream whose length is not known.
NO_END = 1 << 62

TRANSFER_SYNTAX_UID = 0x00020010
SOP_CLASS_UID, SOP_INSTANCE_UID, PATIENT_ID = 0x00080016, 0x00080018, 0x00100020
PATIENT_IDENTITY_REMOVED, DEIDENTIFICATION_METHOD, DEIDENTIFICATION_METHOD_CODES = 0x00120062, 0x00120063, 0x00120064
BURNED_IN_ANNOTATION, RECOGNIZABLE_VISUAL_FEATURES = 0x00280301, 0x00280302
LONGITUDINAL_TEMPORAL_INFORMATION_MODIFIED = 0x00280303

METHOD = b"PS3.15 Basic Application Level Confidentiality Profile"

_STORAGE = "1.2.840.10008.5.1.4.1.1."
#: SOP classes whose images usually have text in them: Ultrasound, Secondary Capture, endoscopy and photographs.
OFTEN_BURNED_IN = frozenset(
    _STORAGE + ending
    for ending in ("3", "3.1", "6", "6.1", "7", "7.1", "7.2", "7.3", "7.4", "77.1.1", "77.1.1.1", "77.1.4", "77.1.4.1")
)

#: PS3.15 Table E.1-1a, action D; binary values become two zero bytes.
DUMMIES = {
    **dict.fromkeys(("AE", "CS", "LO", "LT", "PN", "SH", "ST", "UC", "UR", "UT"), b"ANONYMIZED"),
    **dict.fromkeys(("DS", "IS"), b"0"),
    "AS": b"000D",
    "DA": b"19000101",
    "DT": b"19000101000000",
    "TM": b"000000",
}


class CannotDeidentify(ArchiveError):
    """The profile cannot be carried out on this object."""


def deidentified(pieces: Iterator[bytes], length: int | None, pseudonyms: Pseudonyms) -> Iterator[bytes]:
    """The de-identified file. Everything before the pixel data is read now, while an error can choose the status.

    Args:
        pieces: a DICOM file in Explicit VR Little Endian; its pixel data may be encapsulated.
        length: of the file. None where it is not known: then it has pixel data.

    Raises:
        CannotDeidentify: what identifies the patient may be in the pixels, or in a document.
        HeadTooLarge: too much comes before the pixel data.
        MalformedDicom: it is no such file.
    """
    stream = HeldStream(pieces, LONGEST_HEAD)
    deidentifier = _Deidentifier(RawReader(cast(BinaryIO, stream)), pseudonyms)
    head, pixel_data = deidentifier.head(NO_END if length is None else length)
    return chain([head], _pixel_data(stream, pixel_data) if pixel_data else ())


class _Deidentifier:
    def __init__(self, raw: RawReader, pseudonyms: Pseudonyms) -> None:
        self._raw = raw
        self._pseudonyms = pseudonyms

    def head(self, end: int) -> tuple[bytes, RawElement | None]:
        """What comes before the pixel data, rewritten; and where those begin, if there are any."""
        stated: dict[int, str] = {}
        position = self._file_meta(end, stated)
        elements: dict[int, bytes] = {}
        while element := self._raw.element(position, end, EXPLICIT_LITTLE_ENDIAN):
            if element.tag in PIXEL_DATA_TAGS:
                break
            if element.tag in {SOP_CLASS_UID, SOP_INSTANCE_UID, BURNED_IN_ANNOTATION, RECOGNIZABLE_VISUAL_FEATURES}:
                stated[element.tag] = self._text(element)
            if element.tag == ENCAPSULATED_DOCUMENT:
                raise CannotDeidentify("A document within an object cannot be de-identified.")
            elements[element.tag], position = self._element(element, end, 0)
        if element:
            _refuse_burned_in(stated)
        meta = file_meta(
            sop_class_uid=_uid(stated, SOP_CLASS_UID),
            sop_instance_uid=self._pseudonyms.uids(_uid(stated, SOP_INSTANCE_UID).encode("ascii")).decode("ascii"),
            transfer_syntax_uid=_uid(stated, TRANSFER_SYNTAX_UID),
        )
        elements |= _statement()
        return meta + b"".join(elements[tag] for tag in sorted(elements)), element

    def _file_meta(self, end: int, stated: dict[int, str]) -> int:
        """Note the transfer syntax; the position behind the File Meta Information."""
        position = len(PREAMBLE) + len(PREFIX)
        while (element := self._raw.element(position, end, EXPLICIT_LITTLE_ENDIAN)) and element.tag >> 16 == 0x0002:
            if element.tag == TRANSFER_SYNTAX_UID:
                stated[element.tag] = self._text(element)
            position = self._raw.end_of(element, end, EXPLICIT_LITTLE_ENDIAN)
        return position

    def _text(self, element: RawElement) -> str:
        return self._raw.read(element.start, element.length).strip(b" \0").decode("ascii", "replace")

    def _element(self, element: RawElement, end: int, depth: int) -> tuple[bytes, int]:
        """The element as the profile leaves it, nothing when it is removed; and the position behind it."""
        stop = self._raw.end_of(element, end, EXPLICIT_LITTLE_ENDIAN)
        what = action(element.tag) if element.tag & 0xFFFF and element.tag >> 16 > 0x0002 else Action.REMOVE
        if what is Action.REMOVE:
            return b"", stop
        if element.vr == "SQ":
            return self._sequence(element, stop, what, depth), stop
        return self._value(element, stop, what), stop

    def _value(self, element: RawElement, stop: int, what: Action) -> bytes:
        if element.vr not in STATED_VRS or dictionary_vr(element.tag, {}) == "SQ":
            return self._of_doubtful_vr(element, stop, what)
        if what is Action.KEEP:
            return self._raw.read(element.at, stop - element.at)
        return explicit_element(element.tag, element.vr, self._replacement(element, element.vr, stop, what))

    def _of_doubtful_vr(self, element: RawElement, stop: int, what: Action) -> bytes:
        """An element that states no VR, UN, or a wrong one: by the dictionary; what could be a sequence is removed."""
        vr = dictionary_vr(element.tag, {})
        if element.length == UNDEFINED_LENGTH or vr in {"SQ", "UN"}:
            return b""
        if what is Action.KEEP:
            return explicit_element(element.tag, "UN", self._raw.read(element.start, stop - element.start))
        return explicit_element(element.tag, vr, self._replacement(element, vr, stop, what))

    def _replacement(self, element: RawElement, vr: str, stop: int, what: Action) -> bytes:
        if what is Action.EMPTY:
            return b""
        if element.tag == PATIENT_ID:
            return self._pseudonyms.identifier(self._raw.read(element.start, stop - element.start))
        if vr == "UI":
            return self._pseudonyms.uids(self._raw.read(element.start, stop - element.start))
        return DUMMIES.get(vr, b"\0\0")

    def _sequence(self, element: RawElement, stop: int, what: Action, depth: int) -> bytes:
        if what is Action.EMPTY:
            return explicit_header(element.tag, "SQ", 0)
        items = item_header(ITEM, 0) if what is Action.DUMMY else self._items(element, stop, depth + 1)
        return explicit_header(element.tag, "SQ", len(items)) + items

    def _items(self, element: RawElement, stop: int, depth: int) -> bytes:
        if depth > DEEPEST_NESTING:
            raise malformed(element.tag, element.at, f"is nested more than {DEEPEST_NESTING} deep")
        written, position = bytearray(), element.start
        while found := next(self._raw.items(position, stop, little_endian=True), None):
            tag, length, position = found
            if tag == SEQUENCE_DELIMITATION:
                break
            if tag != ITEM:
                raise malformed(element.tag, element.at, "has something else than items")
            item, position = self._item(position, stop if length == UNDEFINED_LENGTH else position + length, depth)
            written += item_header(ITEM, len(item)) + item
        return bytes(written)

    def _item(self, position: int, end: int, depth: int) -> tuple[bytes, int]:
        """The elements of an item; and the position behind it."""
        written = bytearray()
        while element := self._raw.element(position, end, EXPLICIT_LITTLE_ENDIAN):
            if element.tag == ITEM_DELIMITATION:
                return bytes(written), element.start
            value, position = self._element(element, end, depth)
            written += value
        return bytes(written), end


def _uid(stated: dict[int, str], tag: int) -> str:
    uid = stated.get(tag, "")
    if not is_tolerable_uid(uid):
        raise MalformedDicom(f"({tag >> 16:04X},{tag & 0xFFFF:04X}) is not a UID")
    return uid


def _refuse_burned_in(stated: dict[int, str]) -> None:
    """What is in the pixels stays there: the Clean Pixel Data Option is not carried out (PS3.15 Section E.3.1)."""
    if "YES" in {stated.get(BURNED_IN_ANNOTATION), stated.get(RECOGNIZABLE_VISUAL_FEATURES)}:
        raise CannotDeidentify("The pixel data identify the patient: (0028,0301) or (0028,0302) is YES.")
    if stated.get(SOP_CLASS_UID) in OFTEN_BURNED_IN and stated.get(BURNED_IN_ANNOTATION) != "NO":
        raise CannotDeidentify("Images of this SOP Class often have text in them: (0028,0301) does not say NO.")


def _statement() -> dict[int, bytes]:
    """That the object is de-identified, and how (PS3.15 Section E.1.1)."""
    code = b"".join(
        (
            explicit_element(0x00080100, "SH", b"113100"),
            explicit_element(0x00080102, "SH", b"DCM"),
            explicit_element(0x00080104, "LO", b"Basic Application Confidentiality Profile"),
        )
    )
    item = item_header(ITEM, len(code)) + code
    return {
        PATIENT_IDENTITY_REMOVED: explicit_element(PATIENT_IDENTITY_REMOVED, "CS", b"YES"),
        DEIDENTIFICATION_METHOD: explicit_element(DEIDENTIFICATION_METHOD, "LO", METHOD),
        DEIDENTIFICATION_METHOD_CODES: explicit_element(DEIDENTIFICATION_METHOD_CODES, "SQ", item),
        LONGITUDINAL_TEMPORAL_INFORMATION_MODIFIED: explicit_element(
            LONGITUDINAL_TEMPORAL_INFORMATION_MODIFIED, "CS", b"REMOVED"
        ),
    }


def _pixel_data(stream: HeldStream, element: RawElement) -> Iterator[bytes]:
    """The element of the pixel data as it is, and not a byte behind it."""
    stream.forget(element.at)
    yield from stream.passed_on(element.start - element.at)
    if element.length != UNDEFINED_LENGTH:
        yield from stream.passed_on(element.length)
        return
    tag = ITEM
    while tag == ITEM:
        header = b"".join(stream.passed_on(ITEM_HEADER_LENGTH))
        group, number, length = ITEM_HEADERS[True].unpack(header)
        tag = group << 16 | number
        yield header
        yield from stream.passed_on(length if tag == ITEM else 0)
