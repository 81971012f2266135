"""Secrets that are kept: not to be read without the archive's secret key."""

import pytest

from archive.sealed import SecretUnreadable, seal, unseal


def test_a_secret_comes_out_as_it_went_in():
    assert unseal(seal("Pässwort")) == "Pässwort"


def test_a_secret_is_not_in_what_is_kept_and_nobody_sees_that_two_are_the_same():
    assert b"SECRET" not in seal("SECRET")
    assert seal("SECRET") != seal("SECRET")


def test_with_another_key_it_has_to_be_entered_again(settings):
    sealed = seal("SECRET")
    settings.SECRET_KEY = "another"

    with pytest.raises(SecretUnreadable, match="entered again"):
        unseal(sealed)


def test_what_was_changed_is_refused():
    with pytest.raises(SecretUnreadable):
        unseal(seal("SECRET")[:-5])
