"""Body parts: read from objects, kept with their series, shown of studies."""

from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection

from archive.models import Series, Study
from archive.selectors import body_parts
from archive.services.reindex import reindex
from tests import factories
from tests.storing import stored

pytestmark = pytest.mark.django_db


def test_the_body_parts_of_a_study_are_those_of_its_series():
    chest = stored(BodyPartExamined="CHEST")
    stored(StudyInstanceUID=chest.study, BodyPartExamined="ABDOMEN")
    stored(StudyInstanceUID=chest.study, BodyPartExamined="CHEST")
    stored(StudyInstanceUID=chest.study)
    pks = [Study.objects.get().pk, factories.series().study_id]

    assert body_parts.of_studies(pks) == {pks[0]: ["ABDOMEN", "CHEST"]}


def test_every_body_part_is_found_and_by_how_it_begins_in_capitals_or_not():
    for part in ("CHEST", "Chest", "KNEE", "", "CHEST"):
        factories.series(body_part_examined=part)

    assert sorted(body_parts.body_parts()) == ["CHEST", "Chest", "KNEE"]
    assert sorted(body_parts.beginning_with("che")) == ["CHEST", "Chest"]
    assert body_parts.beginning_with("EE") == []


def test_indexing_again_reads_the_body_part():
    stored(BodyPartExamined="CHEST")
    Series.objects.update(body_part_examined="")
    instance = Series.objects.get().instances.get()

    reindex(instance.pk)

    assert Series.objects.get().body_part_examined == "CHEST"


def test_what_is_stored_already_is_given_its_body_parts(monkeypatch):
    migration = import_module("archive.migrations.0018_fill_body_parts")
    monkeypatch.setattr(migration, "BATCH", 2)
    for part in ("CHEST", "KNEE", None, "HAND"):
        stored(**({"BodyPartExamined": part} if part else {}))
    factories.series()
    expected = list(Series.objects.order_by("pk").values_list("body_part_examined", flat=True))
    Series.objects.update(body_part_examined="")

    migration.fill(apps, connection.schema_editor())

    assert list(Series.objects.order_by("pk").values_list("body_part_examined", flat=True)) == expected
    assert expected == ["CHEST", "KNEE", "", "HAND", ""]
