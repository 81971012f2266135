"""Which labels there are, and what is on studies."""

import pytest

from archive.selectors import labels
from tests import factories

pytestmark = pytest.mark.django_db


def test_labels_are_in_the_order_of_their_names_with_their_studies():
    studies = [factories.study() for _ in range(3)]
    factories.label("Zebra", *studies)
    factories.label("apple", studies[0], color="red")
    factories.label("Bone")

    found = [(label.name, label.color, label.studies, label.more) for label in labels.labels()]

    assert found == [("apple", "red", 1, False), ("Bone", "blue", 0, False), ("Zebra", "blue", 3, False)]


def test_studies_of_a_label_are_counted_up_to_a_bound(monkeypatch):
    monkeypatch.setattr(labels, "MOST_LISTED", 2)
    studies = [factories.study() for _ in range(3)]
    factories.label("all", *studies)
    factories.label("two", *studies[:2])

    assert [(label.studies, label.more) for label in labels.labels()] == [(2, True), (2, False)]


def test_all_labels_are_there_for_some_studies_with_how_many_of_these_have_each():
    studies = [factories.study() for _ in range(3)]
    factories.label("a", *studies)
    factories.label("b", studies[0])
    factories.label("c", studies[2])
    chosen = [study.study_instance_uid for study in studies[:2]]

    assert [(label.name, label.studies) for label in labels.among(chosen)] == [("a", 2), ("b", 1), ("c", 0)]


def test_the_labels_of_a_page_are_one_query(django_assert_num_queries):
    studies = [factories.study() for _ in range(4)]
    factories.label("b", *studies[:3])
    factories.label("a", *studies[:2])

    with django_assert_num_queries(1):
        found = labels.of_studies([study.pk for study in studies])
        names = {pk: [one.label.name for one in put_on] for pk, put_on in found.items()}

    assert names == {studies[0].pk: ["a", "b"], studies[1].pk: ["a", "b"], studies[2].pk: ["b"]}
