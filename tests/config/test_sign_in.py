"""Passwords that somebody tries one after the other."""

import base64

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.test import Client

from config import sign_in
from config.sign_in import SECONDS, WrongPasswords

pytestmark = pytest.mark.django_db

STUDIES = "/dicom-web/studies"
#: Fewer than there are, so that tests are quick.
MOST_OF_ACCOUNT, MOST_OF_ADDRESS = 3, 6


@pytest.fixture(autouse=True)
def _accounts(settings, monkeypatch) -> None:
    monkeypatch.setattr(sign_in, "MOST_OF_ACCOUNT", MOST_OF_ACCOUNT)
    monkeypatch.setattr(sign_in, "MOST_OF_ADDRESS", MOST_OF_ADDRESS)
    for name in ("reader", "other"):
        get_user_model().objects.create_user(name, password="correct horse").groups.set(
            Group.objects.filter(name="viewers")
        )


def on_page(name: str = "reader", password: str = "correct horse", address: str = "192.0.2.1") -> bool:
    form = {"username": name, "password": password}
    return Client().post("/login/", form, REMOTE_ADDR=address).status_code == 302


def by_basic(name: str = "reader", password: str = "correct horse", address: str = "192.0.2.1") -> bool:
    shown = base64.b64encode(f"{name}:{password}".encode()).decode()
    return Client(headers={"authorization": f"Basic {shown}"}).get(STUDIES, REMOTE_ADDR=address).status_code == 200


WAYS = pytest.mark.parametrize("tried", [on_page, by_basic])


@WAYS
def test_after_some_wrong_passwords_no_other_is_tried(tried):
    for number in range(MOST_OF_ACCOUNT):
        assert not tried(password=f"guess {number}")

    assert not on_page()
    assert not by_basic()


@WAYS
def test_others_sign_in_all_the_same(tried):
    for number in range(MOST_OF_ACCOUNT):
        tried(password=f"guess {number}")

    assert tried(name="other")
    assert tried(address="192.0.2.2")


def test_the_right_password_begins_anew():
    for number in range(2 * MOST_OF_ACCOUNT):
        on_page(password="wrong") if number % 3 else on_page()

    assert on_page()


def test_who_tries_many_accounts_is_stopped_too():
    for number in range(MOST_OF_ADDRESS):
        on_page(name=f"account {number}", password="Winter2026")

    assert not on_page()
    assert on_page(address="192.0.2.2")


def test_a_network_of_ipv6_counts_as_one_address():
    for number in range(MOST_OF_ACCOUNT):
        on_page(password="wrong", address=f"2001:db8::{number:x}")

    assert not on_page(address="2001:db8::ffff:1")
    assert on_page(address="2001:db8:0:1::1")


def test_who_has_signed_in_is_not_touched():
    client = Client()
    client.post("/login/", {"username": "reader", "password": "correct horse"}, REMOTE_ADDR="192.0.2.1")
    for _ in range(MOST_OF_ACCOUNT):
        on_page(password="wrong")

    assert client.get("/", REMOTE_ADDR="192.0.2.1").status_code == 200


def test_after_a_while_passwords_are_tried_again(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(sign_in, "wrong_passwords", WrongPasswords(lambda: now[0]))
    for _ in range(MOST_OF_ACCOUNT):
        on_page(password="wrong")
    assert not on_page()

    now[0] += SECONDS

    assert on_page()


def test_what_is_refused_so_is_in_the_trail(trail):
    for _ in range(MOST_OF_ACCOUNT + 1):
        on_page(password="wrong")

    (event,) = trail(action="signed in", succeeded=False)
    assert (event.person, event.times) == ("reader", MOST_OF_ACCOUNT + 1)
