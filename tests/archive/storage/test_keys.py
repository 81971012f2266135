from datetime import UTC, datetime

import pytest

from archive.storage.keys import SUFFIXES, is_key, new_key, require_key


def test_a_new_key_is_a_key():
    assert is_key(new_key())


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_key_says_what_is_under_it(suffix):
    key = new_key(suffix)
    assert key.endswith(f".{suffix}")
    assert is_key(key)


def test_a_key_names_its_hour():
    before = datetime.now(UTC)
    key = new_key()
    after = datetime.now(UTC)
    assert key.rpartition("/")[0] in {f"{before:%Y/%m/%d/%H}", f"{after:%Y/%m/%d/%H}"}


def test_no_two_keys_are_alike():
    assert len({new_key() for _ in range(1000)}) == 1000


HEX = "0123456789abcdef" * 2


@pytest.mark.parametrize(
    "name",
    [
        "",
        f"{HEX}.dcm",
        f"/2024/01/31/10/{HEX}.dcm",
        f"2024/01/31/10/{HEX}.dcm\n",
        f"2024/01/31/10/{HEX.upper()}.dcm",
        f"2024/01/31/../{HEX}.dcm",
        f"2024/01/31/10/{HEX}",
        f"٢٠٢٤/01/31/10/{HEX}.dcm",
        "../../../../etc/passwd",
    ],
)
def test_what_is_no_key_is_refused(name):
    with pytest.raises(ValueError, match="is not the key of a blob"):
        require_key(name)
