"""The filters of subscriptions (PS3.4 Section CC.2.3.1): matched as a search matches."""

from collections.abc import Mapping, Sequence

from archive.dicom.dicom_json import DataSet
from archive.dicom.matching.attribute_paths import AttributePath
from archive.dicom.matching.data_sets import data_set_matches
from archive.dicom.matching.query_keys import parse_keys
from archive.dicom.matching.rules import Keys


def read_filter(values: Mapping[AttributePath, Sequence[str]]) -> Keys:
    return parse_keys(values)


def matches(keys: Keys, data_set: DataSet, timezone: int | None) -> bool:
    return data_set_matches(keys, data_set, timezone)
