"""What becomes of the derivation from an instance: begun, put off, failed or done."""

from collections.abc import Collection, Iterator
from datetime import timedelta
from functools import partial

from django.db.models import QuerySet
from django.utils import timezone

from archive import derived_rows, rows
from archive.fields import TEXT_LENGTH
from archive.models import DERIVED_VERSION, Derivation
from archive.transactions import write

State = Derivation.State

#: Attempts that are begun; one that was killed counts too.
MOST_ATTEMPTS = 5
#: What was begun, or sent, and not done by then is sent again: longer than a task may take, and messages usually wait.
LEASE = timedelta(minutes=15)
#: After the first attempt that something outside of the instance has foiled; twice as long after each further one.
FIRST_PAUSE = timedelta(minutes=1)

#: Rows that are read together.
BATCH = 500

KILLED = f"Each of {MOST_ATTEMPTS} attempts was killed before it came to an end."


#: Instances from which nothing has been derived yet, or by another version, or whose derivation is in one of these
#: states; of one study, or of all.
_MISSING = (
    "(NOT EXISTS (SELECT 1 FROM archive_derivation WHERE instance_id = archive_instance.id)"
    " OR EXISTS (SELECT 1 FROM archive_derivation WHERE instance_id = archive_instance.id AND state IN %s)"
    " OR EXISTS (SELECT 1 FROM archive_derivedblob WHERE instance_id = archive_instance.id AND version <> %s))"
    " AND (%s = '' OR series_id IN (SELECT series.id FROM archive_series series"
    " JOIN archive_study study ON study.id = series.study_id WHERE study.study_instance_uid = %s))"
)


def begin(pk: int) -> bool:
    """Count an attempt to derive from an instance; False when there is nothing to do."""
    return write(partial(_begin, pk))


def _begin(pk: int) -> bool:
    begun = rows.select(
        "UPDATE archive_derivation SET attempts = attempts + 1, due_at = %s"
        " WHERE instance_id = %s AND state = 'waiting' RETURNING attempts",
        rows.moment(timezone.now() + LEASE),
        pk,
    )
    if begun and begun[0][0] > MOST_ATTEMPTS:
        _set(pk, State.FAILED, KILLED)
        return False
    return bool(begun)


def settle(pk: int, sha256: str, *, error: str = "") -> None:
    """All that could be derived from these bytes has been; or not, and why."""
    write(partial(_settle, pk, sha256, error))


def _settle(pk: int, sha256: str, error: str) -> None:
    if _is_still(pk, sha256):
        _set(pk, State.FAILED if error else State.DONE, error)


def put_off(pk: int, sha256: str, error: str) -> bool:
    """Something that is needed is away. Try again later; False, and it has failed, if that was the last attempt."""
    return write(partial(_put_off, pk, sha256, error))


def _put_off(pk: int, sha256: str, error: str) -> bool:
    attempts = Derivation.objects.filter(pk=pk).values_list("attempts", flat=True).first() or 0
    if attempts >= MOST_ATTEMPTS:
        _settle(pk, sha256, error)
        return False
    pause = FIRST_PAUSE * 2 ** max(0, attempts - 1)
    Derivation.objects.filter(pk=pk, state=State.WAITING).update(
        error=error[:TEXT_LENGTH], due_at=timezone.now() + pause
    )
    return True


def _is_still(pk: int, sha256: str) -> bool:
    """Whether the instance has these bytes. They stay until the transaction ends."""
    locked = rows.select_for_update("SELECT sha256 FROM archive_instance WHERE id = %s", pk, no_key=True)
    return locked == [(sha256,)]


def take_due(number: int) -> list[int]:
    """At most so many instances whose time has come. They are due again after a while, should nobody deal with them."""
    now = timezone.now()
    due = Derivation.objects.filter(state=State.WAITING, due_at__lte=now).order_by("due_at")
    taken = list(due.values_list("pk", flat=True)[:number])
    Derivation.objects.filter(pk__in=taken, state=State.WAITING).update(due_at=now + LEASE)
    return taken


def retry(chosen: QuerySet[Derivation]) -> int:
    """Try again those of the chosen that have failed. Returns how many they were."""
    failed = Derivation.objects.filter(pk__in=chosen.order_by().values("pk"), state=State.FAILED)
    return failed.update(state=State.WAITING, attempts=0, error="", due_at=timezone.now())


def wait_for_missing(study: str | None = None, *, again: Collection[State] = ()) -> None:
    """Let everything be derived that never has been, or by another version; of this study alone, where one is named.

    Args:
        again: also where what has been derived, or has failed, is in one of these states.
    """
    write(partial(derived_rows.wait, _MISSING, ("", *again), DERIVED_VERSION, study or "", study or ""))


def count_waiting(study: str | None = None) -> int:
    return _waiting(study).count()


def all_waiting(study: str | None = None) -> Iterator[int]:
    """Every instance that waits, due or not, by primary key and without holding them all in memory."""
    last = 0
    while batch := list(_waiting(study).filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:BATCH]):
        yield from batch
        last = batch[-1]


def _waiting(study: str | None) -> QuerySet[Derivation]:
    waiting = Derivation.objects.filter(state=State.WAITING)
    return waiting if study is None else waiting.filter(instance__series__study__study_instance_uid=study)


def _set(pk: int, state: State, error: str) -> None:
    Derivation.objects.filter(pk=pk).update(state=state, error=error[:TEXT_LENGTH], due_at=None)
