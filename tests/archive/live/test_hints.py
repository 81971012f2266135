"""Hints: sent when something has been committed, of a topic and nothing else, and never in the way of it."""

from collections.abc import Callable, Collection
from typing import Any

import pytest

from archive import wake_ups
from archive.live.hints import GROUP, STUDIES, hint_on_commit
from archive.services.delete import delete
from tests.builders import instance
from tests.storing import stored
from tests.worklist import created
from workflow.services.claims import claim, take_over
from workflow.services.transaction import WORKITEMS

pytestmark = pytest.mark.django_db

#: Runs what is to be done on commit at the end of a `with` block.
Commits = Callable[..., Any]


@pytest.fixture
def commits(django_capture_on_commit_callbacks: Commits) -> Callable[[], Any]:
    return lambda: django_capture_on_commit_callbacks(execute=True)


@pytest.fixture
def hinted(monkeypatch: pytest.MonkeyPatch) -> list[Collection[str]]:
    """The topics of the hints that are sent."""
    topics: list[Collection[str]] = []

    def wake(group: str, names: Collection[str], *, pause: float) -> None:
        assert group == GROUP
        assert pause > 0
        topics.append(names)

    monkeypatch.setattr(wake_ups, "wake", wake)
    return topics


def test_a_study_that_comes_or_goes_is_hinted_at_and_what_is_added_to_it_is_not(commits, hinted):
    with commits():
        first = stored(instance())
        assert hinted == [], "before the commit"
    assert hinted == [[STUDIES]]

    with commits():
        second = stored(instance(StudyInstanceUID=first.study, PatientID="TEST-1"))
    assert hinted == [[STUDIES]]

    with commits():
        delete(second.study, second.series, second.instance)
    assert hinted == [[STUDIES]]
    with commits():
        delete(first.study)
    assert hinted == [[STUDIES], [STUDIES]]


def test_every_change_of_the_worklist_is_hinted_at(commits, hinted, django_user_model):
    someone, other = (django_user_model.objects.create_user(name) for name in ("someone", "other"))
    with commits():
        step = created()
    with commits():
        claim(step, someone, "READER")
    with commits():
        take_over(step, other, "READER")

    assert hinted == [[WORKITEMS]] * 3


def test_a_hint_that_cannot_be_sent_fails_nothing(commits, monkeypatch, caplog):
    def fail(*arguments: object, **options: object) -> None:
        raise OSError("no more threads")

    monkeypatch.setattr(wake_ups, "wake", fail)
    done = []
    with commits():
        hint_on_commit(STUDIES)
        stored(instance())
        done.append(True)

    assert done == [True]
    assert "no more threads" in caplog.text
