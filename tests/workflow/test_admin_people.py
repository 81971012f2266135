"""Users and groups in the admin: who may do what, and under which AE titles."""

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse

from tests.people import signed_in
from workflow.models import ApplicationEntity

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator() -> Client:
    return signed_in("root", is_superuser=True, is_staff=True)


@pytest.fixture
def _people() -> None:
    reader = get_user_model().objects.create_user("reader", first_name="Rita", last_name="Reader")
    group = Group.objects.get(name="viewers")
    reader.groups.add(group)
    ApplicationEntity.objects.create(ae_title="STATION").users.add(reader)
    ApplicationEntity.objects.create(ae_title="CARTS").groups.add(group)


@pytest.mark.usefixtures("_people")
def test_users_are_listed_with_their_groups_and_ae_titles(administrator):
    page = administrator.get(reverse("admin:auth_user_changelist"), {"q": "reader"}).content.decode()

    for shown in ("Rita Reader", "viewers", "STATION"):
        assert shown in page


@pytest.mark.usefixtures("_people")
def test_groups_are_listed_with_their_members_and_ae_titles(administrator):
    group = Group.objects.get(name="viewers")

    page = administrator.get(reverse("admin:auth_group_changelist")).content.decode()

    assert f'user/?groups__id__exact={group.pk}">1<' in page
    assert "CARTS" in page


@pytest.mark.usefixtures("_people")
def test_the_page_of_a_user_has_the_ae_titles_and_takes_changes(administrator):
    user = get_user_model().objects.get(username="reader")
    url = reverse("admin:auth_user_change", args=[user.pk])
    assert "STATION" in administrator.get(url).content.decode()

    form = administrator.get(url).context["adminform"].form
    data = {name: value for name, value in form.initial.items() if value not in (None, False)}
    data |= {"groups": [Group.objects.get(name="uploaders").pk], "user_permissions": []}
    assert administrator.post(url, {key: value for key, value in data.items() if key != "password"}).status_code == 302

    assert [group.name for group in user.groups.all()] == ["uploaders"]


def test_users_are_added_with_a_password(administrator):
    url = reverse("admin:auth_user_add")
    assert administrator.get(url).status_code == 200

    form = {"username": "new", "usable_password": "true", "password1": "a long secret", "password2": "a long secret"}
    assert administrator.post(url, form).status_code == 302

    assert get_user_model().objects.get(username="new").check_password("a long secret")


@pytest.mark.parametrize("model", ["user", "group"])
def test_a_list_takes_no_more_queries_for_more_people(administrator, model, django_assert_max_num_queries):
    for number in range(10):
        user = get_user_model().objects.create_user(f"user-{number}")
        user.groups.add(Group.objects.create(name=f"group-{number}"))
    with django_assert_max_num_queries(12):
        administrator.get(reverse(f"admin:auth_{model}_changelist"))
