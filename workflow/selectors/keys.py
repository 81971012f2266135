"""The keys of a search for workitems: which attributes can be keys, and what their values ask for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from archive.dicom.dicom_json import DataSet
from archive.dicom.matching import query_keys
from archive.dicom.matching.attribute_paths import AttributePath, vr_of
from archive.dicom.matching.data_sets import data_set_matches
from archive.dicom.matching.moments import TIMEZONE_OFFSET_FROM_UTC
from archive.dicom.matching.query_keys import LITERAL, MalformedMatch, Reading
from archive.dicom.matching.rules import Keys
from workflow.attribute_table import is_key
from workflow.tags import TRANSACTION_UID

#: The VRs whose values cannot be compared: items, and bytes.
_UNMATCHED_VRS = frozenset({"SQ", "OB", "OD", "OF", "OL", "OV", "OW", "UN"})


@dataclass(frozen=True, slots=True)
class SearchKeys:
    """What a search is for.

    Args:
        timezone: the zone of its dates and times, in minutes from UTC; None when the query names none.
    """

    keys: Keys
    timezone: int | None = None

    def met_by(self, data_set: DataSet) -> bool:
        return data_set_matches(self.keys, data_set, self.timezone)


def read_keys(
    values: Mapping[AttributePath, Sequence[str]], reading: Reading = LITERAL
) -> tuple[SearchKeys, list[AttributePath]]:
    """What the values of each key ask for, and the keys that are ignored because they cannot be matched.

    Raises:
        MalformedMatch: a value is none that its attribute can have, or the Transaction UID is a key.
    """
    if any(TRANSACTION_UID in path for path in values):
        raise MalformedMatch("The Transaction UID (0008,1195) is no key.")
    reading = replace(reading, timezone=query_keys.timezone(values))
    named = {path: texts for path, texts in values.items() if path != (TIMEZONE_OFFSET_FROM_UTC,)}
    matched = {path: texts for path, texts in named.items() if not texts or is_matched(path)}
    ignored = [path for path in named if path not in matched]
    return SearchKeys(query_keys.parse_keys(matched, reading), reading.timezone), ignored


def is_matched(path: AttributePath) -> bool:
    """Whether values of the attribute are compared: it is a key of PS3.4 Table CC.2.5-3, without items and bytes."""
    return vr_of(path[-1]) not in _UNMATCHED_VRS and is_key(path)
