"""What the tests of the attribute rules have in common."""

from typing import Any

import pytest

from archive.dicom.dicom_json import DataSet
from workflow import attribute_values
from workflow.attribute_rules import Checked, for_creation, for_update
from workflow.errors import InvalidWorkitem

NOW = "20261125181500.123456+0000"

#: PS3.7 Annex C: what is wrong with an attribute.
MISSING, WITHOUT_VALUE, NOT_ALLOWED, OTHER_VALUE = 0x0120, 0x0121, 0x0105, 0x0106


def normalised(given: DataSet) -> DataSet:
    """As its values are kept, whichever attributes are asked for."""
    found = attribute_values.read(given)
    if found.problems:
        raise InvalidWorkitem(found.problems)
    return found.data_set


def created(given: DataSet, *, strict: bool = False) -> Checked:
    return for_creation(given, strict=strict, now=NOW)


def updated(changes: DataSet) -> Checked:
    return for_update(changes, now=NOW)


def problems(check: Any, given: DataSet, **options: Any) -> dict[str, int]:
    """Path -> code, of what is wrong with it."""
    with pytest.raises(InvalidWorkitem) as refused:
        check(given, **options)
    return {problem.path: problem.code for problem in refused.value.problems}
