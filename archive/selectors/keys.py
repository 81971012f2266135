"""The keys of a search: which are matched in columns, which in the stored metadata, and which are ignored."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from archive import queryable
from archive.dicom.matching import query_keys
from archive.dicom.matching.attribute_paths import AttributePath, PrivateTag, Tag, vr_of
from archive.dicom.matching.moments import TIMEZONE_OFFSET_FROM_UTC
from archive.dicom.matching.numbers import NUMBERS
from archive.dicom.matching.query_keys import EMPTY_VALUE_VRS, LITERAL, Reading
from archive.dicom.matching.rules import Keys, Universal
from archive.queryable import Level

#: The dates and times of columns that are matched together.
MOMENTS: Sequence[tuple[AttributePath, AttributePath]] = (
    (("00080020",), ("00080030",)),
    (("00400244",), ("00400245",)),
)

#: The VRs whose values can be matched: neither items nor bytes.
MATCHED_VRS = EMPTY_VALUE_VRS | NUMBERS.keys() | {"AS", "AT", "UI"}

#: What no stored metadata has, or is no match key: archives work it out (PS3.4 Table C.3-1), or it is about the text.
NEVER_IN_METADATA = frozenset(
    {
        "00080005",  # Specific Character Set (QIDO-49)
        "00080056",  # Instance Availability
        "00080062",  # SOP Classes in Study
        "00081190",  # Retrieve URL
        "00083001",  # Alternate Representation Sequence
        "00083002",  # Available Transfer Syntax UID
        *("00201200", "00201202", "00201204"),  # Number of Patient Related Studies, Series, Instances
        *("00201206", "00201208", "00201209"),  # Number of Study Related Series, Instances, of Series Related Instances
    }
)
#: Commands, File Meta Information and directories are no part of a data set.
OTHER_GROUPS = ("0000", "0002", "0004", "FFFE")


@dataclass(frozen=True, slots=True)
class SearchKeys:
    """What a search is for.

    Args:
        columns: the keys that the database matches.
        metadata: those that are matched in the stored metadata, and all that are universal.
        timezone: the zone of their dates and times, in minutes from UTC; None when the query names none.
    """

    columns: Keys
    metadata: Keys
    timezone: int | None = None

    @property
    def asked(self) -> list[AttributePath]:
        return [*self.columns, *self.metadata]

    @property
    def left_to_metadata(self) -> Keys:
        """What the columns cannot say; all keys of a sequence together, for one item has to meet them all."""
        left = {path[0] for path, match in self.metadata.items() if match != Universal()}
        return {
            path: match for keys in (self.columns, self.metadata) for path, match in keys.items() if path[0] in left
        }


def read_keys(
    level: Level, values: Mapping[AttributePath, Sequence[str]], reading: Reading = LITERAL
) -> tuple[SearchKeys, list[AttributePath]]:
    """What the values of each key ask for, and the keys that are ignored because they cannot be matched (QIDO-24).

    Raises:
        MalformedMatch: a value is none that its attribute can have.
    """
    reading = replace(reading, timezone=query_keys.timezone(values))
    named = {path: texts for path, texts in values.items() if not (texts and path == (TIMEZONE_OFFSET_FROM_UTC,))}
    matched = {path: texts for path, texts in named.items() if not texts or _is_matched(level, path)}
    keys = query_keys.parse_keys(matched, reading)
    in_columns = {path for path in keys if queryable.matchable(level, path)}
    return SearchKeys(
        columns={path: match for path, match in keys.items() if path in in_columns},
        metadata={path: match for path, match in keys.items() if path not in in_columns},
        timezone=reading.timezone,
    ), [path for path in named if path not in matched]


def _is_matched(level: Level, path: AttributePath) -> bool:
    return queryable.matchable(level, path) is not None or _is_matched_in_metadata(level, path)


def _is_matched_in_metadata(level: Level, path: AttributePath) -> bool:
    """Whether it is an attribute of this level or above (QIDO-22) that data sets have, with values that compare."""
    *parents, last = path
    return (
        queryable.level_of(path[0]) <= level
        and path[0] not in NEVER_IN_METADATA
        and not str(path[0]).startswith(OTHER_GROUPS)
        and all(vr_of(tag) == "SQ" or _is_unknown(tag) for tag in parents)
        and (vr_of(last) in MATCHED_VRS or _is_unknown(last))
    )


def _is_unknown(tag: Tag) -> bool:
    """A private attribute that no dictionary knows is what each data set makes of it."""
    return isinstance(tag, PrivateTag) and vr_of(tag) == "UN"
