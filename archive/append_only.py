"""Rows that are added and never changed: Django's usual ways to change or remove one of them refuse."""

from typing import Any, NoReturn

from django.db import models


class AppendOnly(Exception):
    """Somebody's code has tried to change what stays as it was written."""

    def __init__(self, kind: type[models.Model]) -> None:
        super().__init__(f"{kind._meta.verbose_name_plural} are neither changed nor removed".capitalize())


class AppendOnlyQuerySet(models.QuerySet[Any]):
    def update(self, **columns: Any) -> NoReturn:
        raise AppendOnly(self.model)

    def bulk_update(self, *args: Any, **options: Any) -> NoReturn:
        raise AppendOnly(self.model)

    def delete(self) -> NoReturn:
        raise AppendOnly(self.model)

    def bulk_create(self, *args: Any, **options: Any) -> list[Any]:
        if options.get("update_conflicts"):
            raise AppendOnly(self.model)
        return super().bulk_create(*args, **options)


class AppendOnlyModel(models.Model):
    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        abstract = True
        base_manager_name = "objects"

    def save(self, *args: Any, **options: Any) -> None:
        if not self._state.adding:
            raise AppendOnly(type(self))
        super().save(*args, **options | {"force_insert": True})

    def delete(self, *args: Any, **options: Any) -> NoReturn:
        raise AppendOnly(type(self))
