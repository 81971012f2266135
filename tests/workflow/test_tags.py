"""The names of attributes, held against PS3.6."""

import pytest
from pydicom.datadict import keyword_for_tag

from workflow import tags

NAMED = {name: tag for name, tag in vars(tags).items() if name.isupper()}


@pytest.mark.parametrize("name", NAMED)
def test_a_name_is_the_end_of_its_keyword(name: str) -> None:
    assert keyword_for_tag(int(NAMED[name], 16)).upper().endswith(name.replace("_", ""))


def test_each_is_named_once_in_their_order() -> None:
    assert list(NAMED.values()) == sorted(set(NAMED.values()))
