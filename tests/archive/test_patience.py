"""Queries that take too long are given up."""

import pytest
from django.db import OperationalError, connection

from archive.patience import TookTooLong, patience
from archive.rows import select

pytestmark = pytest.mark.django_db

#: Counting that goes on for minutes.
ENDLESS = """
WITH RECURSIVE counted(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < 1000000000)
SELECT count(*) FROM counted
"""


def test_what_takes_too_long_is_given_up():
    with pytest.raises(TookTooLong), patience(20):
        select(ENDLESS)


def test_what_comes_after_it_may_take_its_time():
    with pytest.raises(TookTooLong), patience(20):
        select(ENDLESS)
    with patience(10_000):
        assert select("SELECT 1") == [(1,)]

    counted = ENDLESS.replace("1000000000", "300000")
    assert select(counted) == [(300000,)]


def test_other_errors_are_what_they_are():
    nowhere = "SELECT 1 FROM nowhere" if connection.vendor == "sqlite" else "SELECT 1 / 0"
    expected = OperationalError if connection.vendor == "sqlite" else Exception
    with pytest.raises(expected) as raised, patience(10_000):
        select(nowhere)
    assert not isinstance(raised.value, TookTooLong)
