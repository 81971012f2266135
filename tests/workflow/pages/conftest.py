"""Who looks at the worklist."""

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from tests.people import signed_in
from workflow.models import ApplicationEntity


@pytest.fixture
def viewer() -> Client:
    return signed_in("viewer", "viewers")


@pytest.fixture
def anna() -> Client:
    """Performs steps, as READER, and sees studies."""
    client = signed_in("anna", "performers", "viewers", first_name="Anna", last_name="Berg", email="anna@example.org")
    reader = ApplicationEntity.objects.get_or_create(ae_title="READER")[0]
    reader.users.add(get_user_model().objects.get(username="anna"))
    return client


@pytest.fixture
def bert() -> Client:
    """Performs steps too."""
    return signed_in("bert", "performers")


@pytest.fixture
def scheduler() -> Client:
    return signed_in("scheduler", "schedulers")


@pytest.fixture
def administrator() -> Client:
    return signed_in("administrator", "admins", is_staff=True)
