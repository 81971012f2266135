"""The groups that the migrations made are there after a test that flushes the database, in whatever order tests run."""

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command

GROUPS = {"viewers", "uploaders", "admins", "senders", "schedulers", "performers"}


@pytest.mark.django_db(transaction=True)
def test_groups_are_there_after_a_flush():
    call_command("flush", interactive=False, verbosity=0)

    assert set(Group.objects.values_list("name", flat=True)) == GROUPS
    assert Group.objects.get(name="senders").permissions.filter(codename="send_study").exists()
