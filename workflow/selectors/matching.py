"""The keys of a filtered subscription (PS3.4 Section CC.2.3.1), matched as a search matches them."""

from collections.abc import Mapping, Sequence

from archive.dicom.dicom_json import DataSet
from archive.dicom.matching.attribute_paths import AttributePath, name_of
from archive.dicom.matching.data_sets import data_set_matches
from archive.dicom.matching.query_keys import MalformedMatch
from archive.dicom.matching.rules import Keys, Universal
from workflow.selectors.keys import read_keys


def read_filter(values: Mapping[AttributePath, Sequence[str]]) -> Keys:
    """The keys of these values; whose zone is that of `query_keys.timezone`.

    A search does without a key that it cannot match; a subscription without it would be another one.

    Raises:
        MalformedMatch: a value is none that its attribute can have, or an attribute cannot be a key, or there is none
            that asks for anything.
    """
    found, ignored = read_keys(values)
    if ignored:
        raise MalformedMatch(f"{name_of(ignored[0])} is no key of a filter.")
    keys = {path: match for path, match in found.keys.items() if match != Universal()}
    if not keys:
        raise MalformedMatch("The filter has no key with a value.")
    return keys


def matches(keys: Keys, data_set: DataSet, timezone: int | None = None) -> bool:
    """Whether the workitem meets the filter.

    Args:
        timezone: the zone of the filter's dates and times, in minutes from UTC.
    """
    return data_set_matches(keys, data_set, timezone)
