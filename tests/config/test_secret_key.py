"""The key that is made once and kept."""

from concurrent.futures import ThreadPoolExecutor
from stat import S_IMODE

from config.secret_key import kept_secret_key


def test_the_key_is_long_and_the_same_at_every_start(tmp_path):
    first = kept_secret_key(tmp_path / "secret-key")

    assert len(first) >= 50
    assert kept_secret_key(tmp_path / "secret-key") == first


def test_two_archives_have_different_keys(tmp_path):
    assert kept_secret_key(tmp_path / "one") != kept_secret_key(tmp_path / "other")


def test_only_its_owner_can_read_the_key(tmp_path):
    kept_secret_key(tmp_path / "secret-key")

    assert S_IMODE((tmp_path / "secret-key").stat().st_mode) == 0o600


def test_processes_that_start_at_once_agree_on_one_key(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: kept_secret_key(tmp_path / "secret-key"), range(64)))

    assert len(keys) == 1
    assert keys != {""}


def test_a_key_file_that_a_crash_left_empty_is_filled(tmp_path):
    (tmp_path / "secret-key").touch()

    assert len(kept_secret_key(tmp_path / "secret-key")) >= 50
