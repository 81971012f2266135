"""What is derived, in the admin: people see what waits and why something failed, and have it done again."""

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from archive.derivation import derive
from archive.models import Derivation, DerivedBlob
from archive.services import derivations
from archive.storage import derived_blobs
from tests.archive.derivable import compressed, native, state

pytestmark = pytest.mark.django_db


def signed_in(*permissions: str) -> Client:
    """Somebody who sees these pages, and may do this."""
    user = get_user_model().objects.create_user("somebody", is_staff=True)
    codenames = ("view_derivation", "view_derivedblob", *permissions)
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    client = Client()
    client.force_login(user)
    return client


def list_of(model: type) -> str:
    return reverse(f"admin:archive_{model._meta.model_name}_changelist")


def take(client: Client, model: type, action: str) -> None:
    rows = list(model.objects.values_list("pk", flat=True))
    client.post(list_of(model), {"action": action, "_selected_action": rows})


def test_the_page_says_how_many_wait_and_have_failed_and_why():
    waiting, failed, done = native(), native(), native()
    derivations.settle(failed.pk, failed.sha256, error="Its frames are broken.")
    derive(done.pk)
    client = signed_in()

    page = client.get(list_of(Derivation)).content.decode()

    assert "1 waiting, 1 failed" in page
    assert "Its frames are broken." in page
    for chosen, of in (("waiting", waiting), ("failed", failed), ("done", done)):
        response = client.get(list_of(Derivation), {"state__exact": chosen})
        assert [row.pk for row in response.context["cl"].result_list] == [of.pk]
    assert client.get(list_of(Derivation), {"q": done.study}).context["cl"].result_count == 1


@pytest.mark.parametrize(("permissions", "after"), [(["change_derivation"], "waiting"), ([], "failed")])
def test_what_has_failed_is_tried_again_by_those_who_may(permissions, after):
    file, done = native(), native()
    derivations.settle(file.pk, file.sha256, error="Its frames are broken.")
    derive(done.pk)

    take(signed_in(*permissions), Derivation, "retry")

    assert (state(file), state(done)) == (after, "done")


def test_the_list_of_what_is_derived_says_how_large_it_is(settings):
    settings.ARCHIVE_DERIVED_SIZE = 10 << 20
    file = compressed()
    derive(file.pk)

    response = signed_in().get(list_of(DerivedBlob))

    assert response.context["cl"].result_count == 2
    assert "of 10.0\xa0MB" in response.context["title"]


@pytest.mark.parametrize(("permissions", "left"), [(["delete_derivedblob"], 0), ([], 2)])
def test_what_is_derived_is_discarded_by_those_who_may(permissions, left):
    file = compressed()
    derive(file.pk)

    take(signed_in(*permissions), DerivedBlob, "discard")

    assert DerivedBlob.objects.count() == len(list(derived_blobs().listing())) == left
    assert state(file) == ("done" if left else "waiting")
