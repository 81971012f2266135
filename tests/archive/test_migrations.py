"""Migrations that carry data over."""

from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection

from archive.models import Patient, PatientNameKey, ReferringPhysicianNameKey, StudyDescriptionKey
from tests import factories

pytestmark = pytest.mark.django_db

NAMES = ["Schmidt^Anna", "Smith-Jones^J", "Yamada^Tarou=山田^太郎", "", "Van Der Berg^Jan"]


def _rows() -> list[tuple[object, ...]]:
    models = (PatientNameKey, "patient_id"), (ReferringPhysicianNameKey, "study_id")
    return sorted(row for model, owner in models for row in model.objects.values_list(owner, "key", "sound"))


def test_the_names_that_are_stored_already_are_given_their_sounds():
    for name in NAMES:
        factories.study(patient=factories.patient(patient_name=name), referring_physician_name=name)
    expected = _rows()
    for model in (PatientNameKey, ReferringPhysicianNameKey):
        model.objects.filter(key="").delete()
        model.objects.update(sound="")
    assert _rows() != expected
    import_module("archive.migrations.0005_fill_name_sounds").fill_sounds(apps, connection.schema_editor())
    assert _rows() == expected


def test_names_are_given_their_sort_keys_and_descriptions_their_words(monkeypatch):
    migration = import_module("archive.migrations.0011_fill_study_list")
    monkeypatch.setattr(migration, "BATCH", 2)
    descriptions = ["CT Schädel", "", "Knee left", "Knee", "CT CT"]
    for name, description in zip(NAMES, descriptions, strict=True):
        factories.study(patient=factories.patient(patient_name=name), study_description=description)
    keys = Patient.objects.order_by("pk").values_list("pk", "patient_name_key")
    words = StudyDescriptionKey.objects.order_by("study", "key").values_list("study", "key")
    expected = list(keys), list(words)
    Patient.objects.update(patient_name_key="")
    StudyDescriptionKey.objects.all().delete()

    migration.fill(apps, connection.schema_editor())

    assert (list(keys.all()), list(words.all())) == expected
    assert "schadel" in {word for _, word in expected[1]}
