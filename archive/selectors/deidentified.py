"""Stored instances without what identifies the patient."""

from collections.abc import Iterator

from django.utils.crypto import salted_hmac

from archive.dicom.confidentiality.deidentification import CannotDeidentify, deidentified
from archive.dicom.confidentiality.pseudonyms import Pseudonyms
from archive.dicom.errors import MalformedDicom
from archive.dicom.pieces import Streamed
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
    pseudonyms = Pseudonyms(salted_hmac("archive.deidentification", "pseudonyms", algorithm="sha256").digest())
    try:
        return deidentified(source.read(), source.length, pseudonyms)
    except MalformedDicom as error:
        raise CannotDeidentify(
            "The object breaks rules of DICOM: what identifies the patient cannot be told."
        ) from error


def _as_stored(stored: StoredInstance) -> Streamed:
    return Streamed(stored.size, lambda: content.whole(stored))
