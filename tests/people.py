"""People who look at pages."""

from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.test import Client


def signed_in(name: str, *groups: str, **options: Any) -> Client:
    """The browser of somebody in these groups."""
    user = get_user_model().objects.create_user(name, **options)
    user.groups.set(Group.objects.filter(name__in=groups))
    client = Client()
    client.force_login(user)
    return client
