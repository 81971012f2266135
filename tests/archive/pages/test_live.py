"""Where pages are told how they hear of changes."""

import re

import pytest
from django.test import Client

from tests.people import signed_in

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("page", "topic"), [("/", "studies"), ("/worklist/", "workitems")])
@pytest.mark.parametrize(("redis", "seconds"), [(True, "60"), (False, "10")])
def test_a_page_knows_its_socket_and_how_often_to_look(monkeypatch, page, topic, redis, seconds):
    monkeypatch.setattr("archive.templatetags.live.between_processes", lambda: redis)

    text = signed_in("viewer", "viewers").get(page).content.decode()

    [tag] = re.findall(r'<div id="live"[^>]*>', text)
    assert f'data-url="/live?topic={topic}"' in tag
    assert f'data-seconds="{seconds}"' in tag
    assert 'data-seconds-unhinted="10"' in tag


def test_over_http_there_is_nothing_but_an_upgrade():
    response = Client().get("/live")

    assert response.status_code == 426
    assert (response["Upgrade"], response["Connection"]) == ("websocket", "Upgrade")
    assert response.content == b""


def test_who_asks_for_changes_and_is_not_signed_in_any_more_is_told_so_and_not_sent_elsewhere():
    for path in ("/arrivals?newest=0", "/studies/1.2.3/growth?objects=0", "/worklist/changes?newest=0"):
        assert Client().get(path, headers={"HX-Request": "true"}).status_code == 401
