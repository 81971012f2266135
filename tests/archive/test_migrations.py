"""Migrations that carry data over."""

from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection

from archive.models import PatientNameKey, ReferringPhysicianNameKey
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
