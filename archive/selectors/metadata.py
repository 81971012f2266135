"""The stored DICOM JSON of instances, as bytes."""

from collections.abc import Iterator, Sequence

from isal import isal_zlib

from archive.errors import Deleted
from archive.models import InstanceMetadata
from archive.selectors.locate import StoredInstance

#: Metadata of so many instances is read at once: it bounds the memory of an answer.
BATCH = 200


def stored_json(instance_ids: Sequence[int]) -> dict[int, bytes]:
    """DICOM JSON by primary key, with the placeholder for the instance's URL still in it."""
    rows = InstanceMetadata.objects.filter(pk__in=instance_ids).values_list("pk", "dicom_json")
    return {pk: isal_zlib.decompress(compressed) for pk, compressed in rows}


def in_order(instances: Sequence[StoredInstance]) -> Iterator[tuple[StoredInstance, bytes]]:
    """Each instance with its stored DICOM JSON, read in batches.

    Raises:
        Deleted: while reading, when an instance has been deleted since it was found.
    """
    for start in range(0, len(instances), BATCH):
        batch = instances[start : start + BATCH]
        documents = stored_json([stored.pk for stored in batch])
        for stored in batch:
            if stored.pk not in documents:
                raise Deleted(stored.study, stored.series, stored.instance)
            yield stored, documents[stored.pk]
