"""Labels made, put on studies and taken off."""

import logging

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from archive.errors import LabelNotFound, TooManyLabels
from archive.models import Instance, Label, LabelColor, Study, StudyLabel
from archive.services import labels
from archive.services.delete import delete
from archive.services.reindex import reindex
from tests import factories
from tests.storing import stored

pytestmark = pytest.mark.django_db


def names_on(study: Study | str) -> list[str]:
    uid = study if isinstance(study, str) else study.study_instance_uid
    found = StudyLabel.objects.filter(study__study_instance_uid=uid)
    return sorted(found.values_list("label__name", flat=True))


def test_a_label_is_found_by_its_name_in_capitals_or_not():
    label = labels.named("Second  Opinion", create=True)

    assert label.name == "Second Opinion"
    assert labels.named("second opinion") == labels.named("SECOND OPINION", create=True) == label


def test_only_what_is_stored_is_noted(trail):
    study, label = stored().study, factories.label("teaching")

    labels.put_on(label, [study, "1.2.3"])
    labels.take_off(label, ["1.2.3"])
    Label.objects.all().delete()
    labels.put_on(label, [study])

    assert [(event.study_instance_uid, event.times) for event in trail(action="labeled")] == [(study, 1)]


def test_a_label_that_there_is_not_is_made_only_on_request():
    with pytest.raises(LabelNotFound):
        labels.named("teaching")
    assert not Label.objects.exists()


def test_new_labels_have_colors_that_few_have():
    made = [labels.named(f"label {number}", create=True).color for number in range(2 * len(LabelColor.values))]

    assert made[: len(LabelColor.values)] == made[len(LabelColor.values) :] == LabelColor.values


def test_there_are_no_more_labels_than_somebody_can_look_through(monkeypatch):
    monkeypatch.setattr(labels, "MOST", 2)
    for name in "ab":
        labels.named(name, create=True)

    with pytest.raises(TooManyLabels):
        labels.named("c", create=True)
    assert labels.named("A", create=True).name == "a"


def test_who_put_a_label_on_first_is_remembered(django_user_model):
    first, second = (django_user_model.objects.create_user(name) for name in ("first", "second"))
    study, label = factories.study(), factories.label("teaching")

    for user in (first, second):
        labels.put_on(label, [study.study_instance_uid], by=user)

    assert StudyLabel.objects.get().added_by == first
    first.delete()
    assert StudyLabel.objects.get().added_by is None


def test_studies_and_labels_that_are_gone_are_left_out():
    study, label = factories.study(), factories.label("teaching")
    labels.put_on(label, ["1.2.3", study.study_instance_uid])
    labels.put_on(label, [])
    assert names_on(study) == ["teaching"]

    labels.take_off(label, ["1.2.3"])
    gone = Label(pk=label.pk + 1, name="gone")
    labels.put_on(gone, [study.study_instance_uid])
    assert names_on(study) == ["teaching"]


def test_a_label_stays_when_the_study_grows_and_when_it_is_indexed_again():
    file = stored()
    labels.put_on(factories.label("teaching"), [file.study])

    stored(StudyInstanceUID=file.study)
    for pk in Instance.objects.values_list("pk", flat=True):
        reindex(pk)

    assert names_on(file.study) == ["teaching"]


@pytest.mark.django_db(transaction=True)
def test_labels_go_with_the_study_and_do_not_come_back_with_it():
    file, other = stored(), stored()
    label = factories.label("teaching")
    labels.put_on(label, [file.study, other.study])

    delete(file.study)
    stored(StudyInstanceUID=file.study)

    assert names_on(file.study) == []
    assert names_on(other.study) == ["teaching"]
    assert Label.objects.get() == label


def test_a_label_that_is_deleted_is_taken_off_its_studies():
    study = factories.study()
    gone, stays = factories.label("gone", study), factories.label("stays", study)

    with transaction.atomic():
        labels.delete(Label.objects.filter(pk=gone.pk))

    assert names_on(study) == ["stays"]
    assert Label.objects.get() == stays


def test_logs_have_keys_and_uids_not_what_somebody_has_written(caplog):
    study = factories.study()
    with caplog.at_level(logging.INFO):
        label = labels.named("Jane Doe", create=True)
        labels.put_on(label, [study.study_instance_uid])
        labels.take_off(label, [study.study_instance_uid])

    assert caplog.text.count(study.study_instance_uid) == 2
    assert "Doe" not in caplog.text


#: Put on or taken off, which label, which study.
acts = st.lists(st.tuples(st.booleans(), st.integers(0, 2), st.integers(0, 2)), max_size=12)


class Some:
    """Three labels and three studies."""

    def __init__(self):
        self.studies = [factories.study().study_instance_uid for _ in range(3)]
        self.labels = [factories.label(f"label {number}") for number in range(3)]

    def do(self, some):
        for on, label, study in some:
            (labels.put_on if on else labels.take_off)(self.labels[label], [self.studies[study]])

    def pairs(self):
        found = StudyLabel.objects.values_list("label_id", "study__study_instance_uid")
        keys = [label.pk for label in self.labels]
        return sorted((keys.index(label), self.studies.index(study)) for label, study in found)


class Laws(TestCase):
    """Labels on studies are a set of pairs: what is said last of a pair holds, and pairs know nothing of each other."""

    @given(acts)
    @settings(max_examples=15)
    def test_what_was_said_last_holds(self, said):
        some = Some()
        some.do(said)

        last = {(label, study): on for on, label, study in said}
        assert some.pairs() == sorted(pair for pair, on in last.items() if on)

    @given(acts, st.randoms(use_true_random=False))
    @settings(max_examples=10)
    def test_acts_on_different_pairs_commute_and_repeating_changes_nothing(self, said, random):
        some, once = Some(), list({act[1:]: act for act in said}.values())
        some.do(once)
        found = some.pairs()

        random.shuffle(once)
        some.do(once + once)
        assert some.pairs() == found
