"""Who looks at the pages."""

import pytest
from django.test import Client

from tests.people import signed_in


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
