"""Orders carried out: what is sent together, what comes of each answer, and what goes on after each failure."""

import logging
from datetime import timedelta

import pytest
from django.db import DatabaseError
from django.utils import timezone
from pydicom.uid import ImplicitVRLittleEndian, JPEGLSLossless, generate_uid

from archive.errors import NoProcess
from archive.models import Destination, Instance, OrderedInstance, SendOrder
from archive.sealed import seal
from archive.selectors import content, deidentified
from archive.sending import delivery, lease, parcels
from archive.services import send_orders
from archive.services.delete import delete
from archive.storage import StorageUnavailable, blobs
from tests import builders
from tests.archive.sending.conftest import states, work
from tests.destination import answer, fails, hangs_up, refuses
from tests.storing import StoredFile, stored

pytestmark = pytest.mark.django_db


def study(number: int, **elements: object) -> list[StoredFile]:
    """So many instances of a study of their own, in their order."""
    uids = {"StudyInstanceUID": generate_uid(), "SeriesInstanceUID": generate_uid()}
    return [stored(**uids, InstanceNumber=place, **elements) for place in range(1, number + 1)]


def again(order: SendOrder) -> SendOrder:
    order.refresh_from_db()
    return order


def make_due() -> None:
    SendOrder.objects.update(due_at=timezone.now() - timedelta(seconds=1))


# -- what is sent ----------------------------------------------------------------


def test_instances_are_sent_as_they_are_stored(order, server):
    files = [
        stored(),
        stored(transfer_syntax=ImplicitVRLittleEndian),
        stored(builders.compressed(JPEGLSLossless), transfer_syntax=JPEGLSLossless),
    ]
    placed = order(*files)

    assert work()

    assert [content for request in server.requests for content in request.files] == [file.content for file in files]
    assert set(states(placed).values()) == {"sent"}
    assert (again(placed).state, placed.sent, placed.failed, placed.problem) == ("done", 3, 0, "")
    assert placed.ended_at
    assert not work()


def test_so_many_go_in_one_request_and_in_the_order_of_the_study(order, server, monkeypatch):
    monkeypatch.setattr(delivery, "MOST_TOGETHER", 2)
    files = study(5)

    order(files[0])
    work()

    assert [request.uids for request in server.requests] == [
        [file.instance for file in files[start : start + 2]] for start in (0, 2, 4)
    ]


def test_so_many_bytes_go_in_one_request_and_what_is_larger_goes_alone(order, server, monkeypatch):
    sizes = [len(file.content) for file in study(1)]
    monkeypatch.setattr(parcels, "LARGEST_TOGETHER", 2 * sizes[0] + 100)
    small, large = study(3), stored(PixelData=bytes(4 * sizes[0]), NumberOfFrames=30)

    order(small[0], large)
    work()

    assert [len(request.files) for request in server.requests] == [2, 1, 1]


def test_with_the_sign_in_of_the_destination(order, server, destination):
    destination.sign_in, destination.user_name = Destination.SignIn.BASIC, "gateway"
    destination.secret = seal("pässword")
    destination.save()

    order(stored())
    work()

    assert server.requests[0].headers["Authorization"] == "Basic Z2F0ZXdheTpww6Rzc3dvcmQ="


@pytest.mark.parametrize(("sign_in", "expected"), [("bearer", "Bearer abc"), ("token", "Token abc")])
def test_with_a_token(order, server, destination, sign_in, expected):
    destination.sign_in, destination.secret = sign_in, seal("abc")
    destination.save()

    order(stored())
    work()

    assert server.requests[0].headers["Authorization"] == expected


def test_what_comes_later_is_not_of_the_order(order, server):
    (first,) = study(1)
    placed = order(first)
    stored(StudyInstanceUID=first.study)

    work()

    assert server.sent == [first.instance]
    assert again(placed).total == 1


# -- without what identifies the patient -----------------------------------------


def test_instances_are_sent_without_what_identifies_the_patient(order, server):
    files = [
        stored(PatientName="Zebra^Unique", PatientID="ZEBRA-1"),
        stored(transfer_syntax=ImplicitVRLittleEndian, PatientName="Zebra^Unique"),
        stored(builders.compressed(JPEGLSLossless, PatientName="Zebra^Unique"), transfer_syntax=JPEGLSLossless),
    ]
    placed = order(*files, deidentified=True)

    work()

    (request,) = server.requests
    assert again(placed).sent == 3
    assert request.uids == [deidentified.replacement(file.instance) for file in files]
    for file, sent in zip(files, request.files, strict=True):
        assert b"ZEBRA" not in sent.upper()
        assert file.study.encode() not in sent
        assert file.instance.encode() not in sent


def test_what_cannot_be_deidentified_is_not_sent_and_the_order_says_why(order, server):
    good, burned_in = stored(), stored(BurnedInAnnotation="YES")
    private = stored()
    Instance.objects.filter(sop_instance_uid=private.instance).update(transfer_syntax_uid="1.2.3.4.5")
    placed = order(good, burned_in, private, deidentified=True)

    work()

    assert server.sent == [deidentified.replacement(good.instance)]
    found = states(placed)
    assert found[good.instance] == "sent"
    assert found[burned_in.instance] == "failed The pixel data identify the patient: (0028,0301) or (0028,0302) is YES."
    assert found[private.instance].startswith("failed The transfer syntax is not known")
    assert (again(placed).state, placed.sent, placed.failed) == ("done", 1, 2)


def test_when_nothing_can_be_deidentified_nothing_is_asked(order, server):
    placed = order(stored(BurnedInAnnotation="YES"), deidentified=True)

    work()

    assert server.requests == []
    assert (again(placed).state, placed.failed) == ("done", 1)


# -- what destinations answer ----------------------------------------------------


def test_each_instance_has_the_reason_for_which_it_was_refused(order, server):
    files = study(3)
    server.script.append(refuses(0x0122, files[1].instance))
    placed = order(files[0])

    work()

    assert states(placed) == {
        files[0].instance: "sent",
        files[1].instance: "failed The destination does not store objects of its SOP Class.",
        files[2].instance: "sent",
    }
    assert (again(placed).state, placed.sent, placed.failed) == ("done", 2, 1)


def test_what_is_there_already_has_not_failed(order, server):
    (file,) = study(1)
    server.script.append(refuses(0x0111))
    placed = order(file)

    work()

    assert states(placed)[file.instance].startswith("known")
    assert (again(placed).sent, placed.failed) == (1, 0)


@pytest.mark.parametrize(
    ("says", "state"),
    [
        (fails(200), "sent"),
        (fails(204), "sent"),
        (fails(200, b"<html>"), "sent"),
        (fails(202, b"[]"), "failed The destination did not say what became of it."),
        (fails(409), "failed The destination did not take it (HTTP 409)."),
        (lambda request: answer(202, ["1.2.3"]), "failed The destination did not say what became of it."),
        (lambda request: answer(200, ["1.2.3"]), "sent"),
        (fails(413), "failed It is larger than the destination takes (HTTP 413)."),
        (fails(400), "failed The destination did not take it (HTTP 400)."),
    ],
)
def test_what_is_not_said_of_an_instance_follows_from_the_status(order, server, says, state):
    (file,) = study(1)
    server.script.append(says)
    placed = order(file)

    work()

    assert states(placed) == {file.instance: state}
    assert again(placed).state == "done"


@pytest.mark.parametrize("status", [400, 413, 500])
def test_when_a_request_is_refused_whole_each_instance_is_sent_by_itself(order, server, status):
    files = study(3)
    server.otherwise = lambda request: (
        fails(status)(request) if files[1].instance in request.uids else answer(200, request.uids)
    )
    placed = order(files[0])

    for _ in range(send_orders.MOST_TRIES):
        work()
        make_due()

    assert [len(request.files) for request in server.requests[:4]] == [3, 1, 1, 1]
    found = states(placed)
    assert (found[files[0].instance], found[files[2].instance]) == ("sent", "sent")
    assert found[files[1].instance].startswith("failed ")
    assert again(placed).state == "done"


@pytest.mark.parametrize("status", [301, 401, 403, 404, 405, 501])
def test_what_somebody_has_to_put_right_ends_the_order_until_then(order, server, status):
    files = study(2)
    server.script.append(fails(status))
    placed = order(files[0])

    work()
    make_due()
    assert not work()

    assert (again(placed).state, placed.sent) == ("failed", 0)
    assert f"(HTTP {status})." in placed.problem
    assert len(server.requests) == 1

    assert send_orders.retry(SendOrder.objects.all()) == 1
    work()
    assert (again(placed).state, placed.sent, placed.problem) == ("done", 2, "")


# -- what passes -----------------------------------------------------------------


@pytest.mark.parametrize("says", [fails(503), fails(429), fails(502), fails(504), hangs_up, refuses(0xA700)])
def test_what_passes_is_tried_again_later_and_later(order, server, says):
    (file,) = study(1)
    placed = order(file)
    pauses = []
    for _ in range(3):
        server.script.append(says)
        make_due()
        work()
        assert again(placed).state == "waiting"
        assert placed.problem
        pauses.append(round((placed.due_at - timezone.now()).total_seconds()))
        assert not work()

    make_due()
    work()

    assert pauses == [30, 60, 120]
    assert (again(placed).state, placed.sent, placed.problem) == ("done", 1, "")


def test_who_asks_for_patience_gets_it(order, server):
    server.script.append(fails(429, Retry_After="600"))
    placed = order(stored())

    work()

    assert 590 < (again(placed).due_at - timezone.now()).total_seconds() < 601


@pytest.mark.parametrize("says", [fails(503), hangs_up])
def test_what_never_passes_is_given_up_with_the_reason(order, server, says):
    server.otherwise = says
    placed = order(stored())

    for _ in range(send_orders.MOST_ATTEMPTS):
        assert again(placed).state == "waiting"
        make_due()
        work()

    assert again(placed).state == "failed"
    assert placed.problem
    assert len(server.requests) == send_orders.MOST_ATTEMPTS


def test_an_instance_that_is_always_put_off_does_not_hold_up_the_others(order, server, monkeypatch):
    monkeypatch.setattr(delivery, "MOST_TOGETHER", 2)
    files = study(4)
    server.otherwise = refuses(0xA700, files[0].instance)
    placed = order(files[0])

    for _ in range(send_orders.MOST_TRIES):
        work()
        make_due()

    assert set(server.sent[:5]) == {file.instance for file in files}
    assert states(placed)[files[0].instance] == "failed The destination has not enough room at present."
    assert (again(placed).state, placed.sent, placed.failed) == ("done", 3, 1)


def test_a_worker_that_was_killed_is_followed_by_another_one_which_sends_the_rest(order, server, monkeypatch):
    monkeypatch.setattr(delivery, "MOST_TOGETHER", 2)
    files = study(6)
    placed = order(files[0])

    def killed(request: object) -> None:
        raise SystemExit

    note = send_orders.note
    monkeypatch.setattr(
        send_orders, "note", lambda pk, results: killed(pk) if len(server.requests) == 2 else note(pk, results)
    )
    with pytest.raises(SystemExit):
        work()
    monkeypatch.setattr(send_orders, "note", note)

    assert again(placed).state == "sending"
    assert not work(), "the first one may still be there"
    make_due()
    assert work()

    sent = [file.instance for file in files]
    assert server.sent == [*sent[:4], *sent[2:]], "what the first one did not write down comes again, and no more"
    assert (again(placed).state, placed.sent) == ("done", 6)


def test_an_order_that_kills_its_worker_each_time_is_given_up(order, server):
    placed = order(stored())
    SendOrder.objects.update(attempts=send_orders.MOST_ATTEMPTS)

    work()

    assert again(placed).state == "failed"
    assert "broken off" in placed.problem
    assert server.requests == []


# -- what happens here meanwhile -------------------------------------------------


def test_what_has_been_deleted_meanwhile_is_said(order, server):
    files = study(2)
    placed = order(files[0])
    Instance.objects.filter(sop_instance_uid=files[0].instance).delete()

    work()

    assert server.sent == [files[1].instance]
    assert states(placed)[files[0].instance] == f"failed {parcels.GONE}"


@pytest.mark.parametrize("deidentify", [False, True])
def test_an_instance_whose_bytes_are_lost_fails_alone(order, server, deidentify):
    files = study(3)
    blobs().delete(Instance.objects.get(sop_instance_uid=files[1].instance).blob_key)
    placed = order(files[0], deidentified=deidentify)

    work()

    assert (again(placed).state, placed.sent, placed.failed) == ("done", 2, 1)
    assert states(placed)[files[1].instance] == f"failed {parcels.LOST}"


@pytest.mark.parametrize("error", [StorageUnavailable("It is away."), NoProcess("full")])
def test_what_is_away_here_is_tried_again_later(order, server, monkeypatch, error):
    placed = order(stored(), deidentified=isinstance(error, NoProcess))

    def fail(*arguments: object) -> None:
        raise error

    with monkeypatch.context() as patched:
        patched.setattr(content, "whole", fail)
        work()
    assert again(placed).state == "waiting"
    assert placed.problem

    make_due()
    work()
    assert again(placed).state == "done"


def test_an_order_that_is_canceled_goes_no_further(order, server, monkeypatch):
    monkeypatch.setattr(delivery, "MOST_TOGETHER", 1)
    placed = order(study(3)[0])

    note = send_orders.note

    def noted(*arguments: object) -> bool:
        send_orders.cancel(SendOrder.objects.all())
        return note(*arguments)

    with monkeypatch.context() as patched:
        patched.setattr(send_orders, "note", noted)
        work()

    assert (again(placed).state, placed.sent, len(server.requests)) == ("canceled", 1, 1)
    assert not work()

    send_orders.retry(SendOrder.objects.all())
    work()
    assert (again(placed).state, placed.sent, len(server.requests)) == ("done", 3, 3)


def test_a_secret_that_cannot_be_read_is_said(order, server, destination, settings):
    destination.sign_in, destination.secret = Destination.SignIn.BEARER, seal("abc")
    destination.save()
    placed = order(stored())
    settings.SECRET_KEY = "another"

    work()

    assert (again(placed).state, server.requests) == ("failed", [])
    assert "entered again" in placed.problem


def test_orders_take_turns(order, server, monkeypatch):
    monkeypatch.setattr(delivery, "MOST_TOGETHER", 1)
    first, second = study(3), study(3)
    order(first[0])
    order(second[0])

    ticks = iter(range(100))
    monkeypatch.setattr(delivery, "monotonic", lambda: next(ticks))
    while delivery.work(1.5):
        pass

    assert server.sent == [file.instance for pair in zip(first, second, strict=True) for file in pair]


def test_no_more_orders_are_sent_at_once_than_may_be(order, settings):
    order(stored())
    order(stored())
    settings.ARCHIVE_SENDERS = 1

    assert send_orders.begin()
    assert send_orders.begin() is None

    settings.ARCHIVE_SENDERS = 2
    assert send_orders.begin()


def test_nothing_is_sent_to_a_destination_that_is_switched_off(order, server, destination):
    placed = order(stored())
    Destination.objects.update(enabled=False)
    assert not work()

    Destination.objects.update(enabled=True)
    work()
    assert again(placed).state == "done"


def test_who_takes_no_names_by_now_gets_none(order, server):
    named, nameless = order(stored()), order(stored(), deidentified=True)
    Destination.objects.update(deidentified_only=True)

    while work():
        pass

    assert (again(named).state, again(nameless).state) == ("failed", "done")
    assert "takes only what does not identify" in named.problem
    assert len(server.requests) == 1


def test_a_worker_says_again_and_again_that_it_is_there(monkeypatch, caplog):
    monkeypatch.setattr(lease, "EVERY_SECONDS", 0.01)
    said = []

    def keep() -> None:
        said.append(1)
        if len(said) == 1:
            raise DatabaseError("SECRET")

    with lease.kept(keep):
        while len(said) < 3:
            pass
    number = len(said)

    assert "SECRET" not in caplog.text
    assert len(said) == number


def test_the_order_stays_with_a_worker_that_is_there(order):
    order(stored())
    taken = send_orders.begin()
    make_due()

    send_orders.keep(taken.pk)

    assert send_orders.begin() is None


def test_what_is_logged_names_nobody(order, server, caplog):
    server.script.append(fails(401))
    with caplog.at_level(logging.DEBUG):
        order(stored(PatientName="Zebra^Unique", PatientID="ZEBRA-1"))
        work()

    assert "order" in caplog.text
    assert "ZEBRA" not in caplog.text.upper()


def test_rows_and_counts_agree(order, server):
    files = study(4)
    server.script.append(refuses(0x0110, files[0].instance, files[1].instance))
    placed = order(files[0])
    work()

    rows = OrderedInstance.objects.filter(order=placed)
    assert again(placed).sent == rows.filter(state__in=["sent", "known"]).count() == 2
    assert placed.failed == rows.filter(state="failed").count() == 2
    assert placed.remaining == 0


@pytest.mark.django_db(transaction=True)
def test_a_study_that_was_deleted_can_be_named_no_more(order):
    file = stored()
    placed = order(file)
    delete(file.study)

    work()

    assert states(placed) == {file.instance: f"failed {parcels.GONE}"}
