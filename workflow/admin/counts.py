"""Counts of rows that belong to the rows of a list."""

from typing import Any

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce


def count_of(rows: QuerySet[Any], owner: str) -> Coalesce:
    """How many of these rows each row of a list has, by a subquery: a join would group all the columns of the list.

    Args:
        owner: the field of the rows that refers to the row of the list.
    """
    own = rows.filter(**{owner: OuterRef("pk")}).order_by().values(owner)
    return Coalesce(Subquery(own.annotate(number=Count("pk")).values("number")), 0)
