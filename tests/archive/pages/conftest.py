"""Who looks at the pages."""

from typing import Any

import pytest
from django.test import Client

from tests.people import signed_in


@pytest.fixture(autouse=True)
def _quick_passwords(settings: Any) -> None:
    """Hashing is slow on purpose."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def viewer() -> Client:
    return signed_in("viewer", "viewers")


@pytest.fixture
def administrator() -> Client:
    return signed_in("administrator", "admins", is_staff=True)


@pytest.fixture
def stranger() -> Client:
    """Has an account, and may do nothing."""
    return signed_in("stranger")
