"""Columns that many models have."""

from django.db import models

#: PS3.5 Section 9.1.
UID_LENGTH = 64
#: Longer values are cut: a few times what any VR used here allows, and small enough for an index entry.
TEXT_LENGTH = 400


def uid_field(**options: object) -> "models.CharField[str, str]":
    return models.CharField(max_length=UID_LENGTH, **options)  # type: ignore[arg-type]


def text_field(**options: object) -> "models.CharField[str, str]":
    return models.CharField(max_length=TEXT_LENGTH, blank=True, default="", **options)  # type: ignore[arg-type]
