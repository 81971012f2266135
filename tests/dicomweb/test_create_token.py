from datetime import timedelta
from io import StringIO

import pytest
from django.contrib.auth.models import Group, User
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone
from knox.models import AuthToken

pytestmark = pytest.mark.django_db


@pytest.fixture
def gateway():
    user = User.objects.create_user("gateway")
    user.groups.add(Group.objects.get(name="viewers"))
    return user


def create_token(*arguments: str) -> str:
    printed = StringIO()
    call_command("create_token", *arguments, stdout=printed)
    return printed.getvalue().strip()


def test_the_token_that_is_printed_stands_for_its_user(gateway):
    token = create_token("gateway")

    assert Client().get("/dicom-web/studies", headers={"authorization": f"Token {token}"}).status_code == 200
    assert AuthToken.objects.get().expiry is None


def test_a_token_can_end_by_itself(gateway):
    create_token("gateway", "--days", "90")

    left = AuthToken.objects.get().expiry - timezone.now()
    assert timedelta(days=89) < left <= timedelta(days=90)


def test_a_user_that_does_not_exist_gets_none():
    with pytest.raises(CommandError, match="no user nobody"):
        create_token("nobody")
