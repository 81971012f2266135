"""Texts by which studies are found: names as they are compared and as they sound, and words of descriptions."""

from typing import ClassVar

from django.db import models

from archive.fields import text_field
from archive.models.stored import Patient, Study


class NameKey(models.Model):
    """One text under which a person name is found, and how it sounds; see `archive.dicom.matching.person_names`.

    A word that sounds in more ways than one has a row without text for each further one.
    """

    key = text_field()
    sound = text_field(db_index=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{type(self).__name__} {self.pk}"


def found_both_ways(owner: str, names: str) -> list[models.Index]:
    """Indexes of keys, from a key to whose it is and back without a look at the table.

    The first serves how a key begins, for which PostgreSQL has an order of its own.
    """
    return [
        models.Index(fields=["key", owner], opclasses=["varchar_pattern_ops", "int8_ops"], name=f"{names}_by_key"),
        models.Index(fields=[owner, "key"], name=f"{names}_of_{owner}"),
    ]


class PatientNameKey(NameKey):
    patient = models.ForeignKey(Patient, models.CASCADE, db_index=False, related_name="name_keys")

    class Meta:
        indexes: ClassVar = found_both_ways("patient", "name_keys")


class ReferringPhysicianNameKey(NameKey):
    study = models.ForeignKey(Study, models.CASCADE, db_index=False, related_name="referring_physician_name_keys")

    class Meta:
        indexes: ClassVar = found_both_ways("study", "referrer_keys")


class StudyDescriptionKey(models.Model):
    """One word of a Study Description, folded as names are: people look for words."""

    study = models.ForeignKey(Study, models.CASCADE, db_index=False, related_name="description_keys")
    key = text_field()

    class Meta:
        default_permissions = ()
        indexes: ClassVar = found_both_ways("study", "description_keys")

    def __str__(self) -> str:
        return f"{type(self).__name__} {self.pk}"
