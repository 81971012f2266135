"""The dashboard: figures that are right, quick whatever there is, and for who may see instances."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from archive.errors import NoProcess
from archive.models import Derivation, Destination, SendOrder, Study, WorkerSeen
from archive.services import derivations, failed_tasks
from archive.services.workers import seen
from config.dashboard import figures, queues
from config.dashboard.figures import dashboard
from tests import factories
from tests.archive.derivable import native
from tests.people import signed_in

pytestmark = pytest.mark.django_db

PAGES = ["/admin/", "/admin/dashboard/"]


@pytest.fixture(autouse=True)
def _nothing_kept() -> None:
    cache.clear()


@pytest.fixture
def administrator() -> Client:
    return signed_in("administrator", "admins", is_staff=True)


def page(client: Client, address: str = "/admin/dashboard/") -> str:
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize("address", PAGES)
def test_it_is_there_in_an_empty_archive(administrator, address):
    shown = page(administrator, address)

    assert "Free in the data folder" in shown
    assert "Nothing has come in these days." in shown
    assert "none is there" in shown


def test_it_has_sums_days_and_modalities(administrator):
    for modality, day in (("CT", 0), ("CT", 1), ("MR", 40)):
        instance = factories.instance(factories.series(modality=modality), size=1 << 20)
        moment = timezone.now() - timedelta(days=day)
        Study.objects.filter(pk=instance.series.study_id).update(created_at=moment)

    found = dashboard()

    assert (found["holdings"].studies, found["holdings"].size) == (3, 3 << 20)
    assert [day.studies for day in found["days"][:3]] == [1, 1, 0]
    assert found["modalities"] == [("CT", 2, "100.0")]
    assert [bar.value for bar in found["plots"][0].bars][-3:] == [0, 1, 1]
    assert "3.0\xa0MB" in page(administrator)


def test_every_number_of_the_plots_is_in_a_table_too(administrator):
    factories.instance()

    shown = page(administrator)

    assert shown.count('<th scope="row">20') == figures.DAYS
    plots = shown.partition('<div class="figures">')[2]
    assert plots.count('aria-hidden="true" focusable="false"') == 3


def test_workers_are_there_while_they_say_so(administrator):
    seen("host 1")
    WorkerSeen.objects.create(name="host 2", seen_at=timezone.now() - timedelta(minutes=10))

    found = dashboard()

    assert [worker.name for worker in found["workers"]] == ["host 1"]
    assert [worker.name for worker in found["silent"]] == ["host 2"]
    assert "host 2 was last seen" in page(administrator)


def test_messages_are_counted_by_queue():
    assert {queue.title for queue in queues.queues()} == {"Archive", "Worklist", "Thumbnails and frames"}
    assert all(queue.messages is not None for queue in queues.queues())


def test_that_the_broker_is_away_is_shown(administrator, monkeypatch):
    class Away:
        connection_errors = channel_errors = ()

        def __enter__(self) -> "Away":
            return self

        def __exit__(self, *_: object) -> None:
            pass

        def ensure_connection(self, **options: object) -> None:
            raise ConnectionRefusedError

    monkeypatch.setattr(queues.current_app, "connection_for_write", Away)

    assert "the broker cannot be reached" in page(administrator)


def test_what_has_failed_can_be_tried_again_by_those_who_may(administrator):
    broken = native()
    derivations.settle(broken.pk, broken.sha256, error="Its frames are broken.")
    failed_tasks.note("archive.tasks.prune_derived", [], NoProcess("no memory"))

    shown = page(administrator)
    assert "Its frames are broken." in shown
    assert "archive.tasks.prune_derived" in shown
    assert shown.count("Try again") == 2
    assert "Try again" not in page(signed_in("viewer", "viewers", is_staff=True))

    administrator.post("/admin/archive/derivation/", {"action": "retry", "_selected_action": [broken.pk]})
    assert Derivation.objects.get(pk=broken.pk).state == Derivation.State.WAITING


def test_what_should_have_been_done_long_ago_is_said(administrator):
    waiting = native()
    Derivation.objects.filter(pk=waiting.pk).update(due_at=timezone.now() - timedelta(hours=3))

    assert "due for 3\xa0hours" in page(administrator)


@pytest.mark.parametrize("address", PAGES)
def test_it_takes_no_more_queries_for_more_studies_and_none_for_who_looks_next(
    administrator, address, django_assert_max_num_queries
):
    for _ in range(20):
        factories.instance()
    with django_assert_max_num_queries(60):
        page(administrator, address)
    with django_assert_max_num_queries(6):
        page(administrator, address)


def test_no_patient_is_named(administrator):
    factories.instance(factories.series(factories.study(patient=factories.patient(patient_name="Roe^Richard"))))

    assert "Roe" not in page(administrator)


def test_it_is_for_who_may_see_instances():
    somebody = signed_in("somebody", "performers", is_staff=True)

    assert somebody.get("/admin/dashboard/").status_code == 403
    assert "Free in the data folder" not in page(somebody, "/admin/")


@pytest.mark.parametrize("address", PAGES)
def test_others_are_asked_to_sign_in(client, address):
    assert client.get(address).status_code == 302


@pytest.mark.parametrize("address", PAGES)
def test_nothing_is_written_into_the_page_that_browsers_would_refuse(administrator, address):
    factories.instance()
    shown = page(administrator, address)

    assert " style=" not in shown
    assert "onclick" not in shown
    assert "<script>" not in shown


def test_it_says_what_is_being_sent_and_what_was_given_up(administrator):
    destination = Destination.objects.create(name="Elsewhere", url="https://pacs.example.org")
    assert "given up" not in page(administrator)
    cache.clear()
    hour = timezone.now() - timedelta(hours=1, minutes=1)
    for state in ("waiting", "failed"):
        SendOrder.objects.create(destination=destination, state=state, due_at=hour)

    shown = page(administrator)

    assert "order under way, due for 1\xa0hour" in shown
    assert "1 given up" in shown
