"""Who may act under which AE titles."""

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AnonymousUser, Group, Permission

from tests.worklist import application_entity as ae
from workflow.selectors.application_entities import ae_titles_of, may_act_as, may_use_any

pytestmark = pytest.mark.django_db


def somebody(**attributes: bool) -> object:
    return get_user_model().objects.create_user("somebody", **attributes)


def test_an_ae_title_is_open_to_the_users_and_groups_that_it_was_given_to():
    user, group = somebody(), Group.objects.create(name="readers")
    user.groups.add(group)
    ae("OWN").users.add(user)
    ae("GROUP").groups.add(group)
    ae("BOTH").users.add(user)
    ae("BOTH").groups.add(group)
    ae("OTHER")

    assert ae_titles_of(user) == ["BOTH", "GROUP", "OWN"]
    assert {title: may_act_as(user, title) for title in ("OWN", "GROUP", "BOTH", "OTHER", "UNKNOWN")} == {
        "OWN": True,
        "GROUP": True,
        "BOTH": True,
        "OTHER": False,
        "UNKNOWN": False,
    }


def test_with_the_permission_every_ae_title_is_open():
    user = somebody()
    user.user_permissions.add(Permission.objects.get(codename="use_any_ae_title"))
    ae("OTHER")

    assert may_use_any(user)
    assert may_act_as(user, "OTHER")
    assert may_act_as(user, "UNKNOWN")
    assert ae_titles_of(user) == []


def test_who_is_not_active_may_act_under_none():
    user = somebody(is_active=False, is_superuser=True)
    ae("OWN").users.add(user)

    assert not may_act_as(user, "OWN")
    assert ae_titles_of(user) == []


@pytest.mark.parametrize(("access", "open_to_all"), [("none", False), ("read", False), ("write", True)])
def test_without_sign_in_every_ae_title_is_open_where_everybody_may_write(settings, access, open_to_all):
    settings.ARCHIVE_ANONYMOUS_ACCESS = access
    ae("OTHER")

    assert may_act_as(AnonymousUser(), "OTHER") == open_to_all
    assert may_act_as(AnonymousUser(), "UNKNOWN") == open_to_all
    assert may_act_as(somebody(), "OTHER") == open_to_all
    assert ae_titles_of(AnonymousUser()) == []
