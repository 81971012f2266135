"""Stored instances without what identifies the patient."""

from collections.abc import Iterator

from django.utils.crypto import salted_hmac

from archive.dicom.confidentiality.deidentification import CannotDeidentify, deidentified
from archive.dicom.confidentiality.pseudonyms import Pseudonyms
from archive.dicom.errors import MalformedDicom
from archive.dicom.pieces import Streamed
from archive.dicom.transfer_syntaxes import EXPLICIT_VR_LITTLE_ENDIAN, transfer_syntax
from archive.selectors import content, transcoded
from archive.selectors.locate import StoredInstance


def instance(stored: StoredInstance, target: str) -> Iterator[bytes]:
    """The instance as a de-identified file of transfer syntax `target`, with another SOP Instance UID.

    UIDs are replaced by the same ones as long as the archive has the same secret key.

    Raises:
        CannotDeidentify, HeadTooLarge: it is not given so.
        NotTranscodable, MalformedPixelData, NoCodec: there is no such form of it.
        StorageError: the blob is gone.
    """
    source = _as_stored(stored) if target == stored.transfer_syntax_uid else transcoded.instance(stored, target)
    try:
        return deidentified(source.read(), source.length, pseudonyms())
    except MalformedDicom as error:
        raise CannotDeidentify(
            "The object breaks rules of DICOM: what identifies the patient cannot be told."
        ) from error


def pseudonyms() -> Pseudonyms:
    """What this archive puts in the place of UIDs and identifiers."""
    return Pseudonyms(salted_hmac("archive.deidentification", "pseudonyms", algorithm="sha256").digest())


def replacement(uid: str) -> str:
    """The UID that takes the place of this one."""
    return pseudonyms().uids(uid.encode("ascii")).decode("ascii")


def given_syntax(stored_as: str) -> str:
    """The transfer syntax to give an instance in: its own, where the profile can be carried out on that.

    Raises:
        CannotDeidentify: nobody knows how its data set is encoded.
    """
    syntax = transfer_syntax(stored_as)
    if not syntax.known:
        raise CannotDeidentify("The transfer syntax is not known: what identifies the patient cannot be told.")
    as_it_is = syntax.little_endian and not syntax.implicit_vr and not syntax.deflated
    return stored_as if as_it_is else EXPLICIT_VR_LITTLE_ENDIAN


def _as_stored(stored: StoredInstance) -> Streamed:
    return Streamed(stored.size, lambda: content.whole(stored))
