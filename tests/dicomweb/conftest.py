"""People with their permissions, and clients that act for them."""

from collections.abc import Callable

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractUser, Group
from django.test import Client
from knox.models import AuthToken


@pytest.fixture
def member(db: None) -> Callable[..., AbstractUser]:
    """Makes a user who is in the groups named."""

    def make(*groups: str) -> AbstractUser:
        user = get_user_model().objects.create_user(f"user-{get_user_model().objects.count()}")
        user.groups.set([Group.objects.get(name=name) for name in groups])
        return user

    return make


@pytest.fixture
def client_of() -> Callable[[AbstractUser], Client]:
    """Makes a client that shows a token of a user. What goes wrong in the archive is answered 500, as it is outside."""

    def make(user: AbstractUser) -> Client:
        _, token = AuthToken.objects.create(user)
        return Client(headers={"authorization": f"Token {token}"}, raise_request_exception=False)

    return make


@pytest.fixture
def archive(member: Callable[..., AbstractUser], client_of: Callable[[AbstractUser], Client]) -> Client:
    """A client that may store, search and retrieve."""
    return client_of(member("uploaders"))


@pytest.fixture
def worklist(member: Callable[..., AbstractUser], client_of: Callable[[AbstractUser], Client]) -> Client:
    """A client that may do everything with the worklist, under every AE title."""
    return client_of(member("admins"))
