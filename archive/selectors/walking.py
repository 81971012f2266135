"""Rows looked at one after the other, in an order that an index has, and never more than so many of them."""

from django.db.models import Case, Model, Q, QuerySet, Value, When

from archive import rows


def first_that_meet(condition: Q, ordered: QuerySet[Model], *, walked: int, most: int) -> list[int]:
    """The primary keys of the first rows that meet the condition, in order.

    What is asked is computed of each row, rather than looked for: databases take no other index for it, and stop when
    `most` are found, or `walked` rows have been asked. An empty condition is met by all.
    """
    yes, no = Value(True), Value(False)
    asked = ordered.annotate(met=Case(When(condition, then=yes), default=no) if condition else yes)
    sql, parameters = asked.values_list("pk", "met")[:walked].query.sql_with_params()
    found = rows.select(f"SELECT pk FROM ({sql}) AS walked WHERE met LIMIT %s", *parameters, most)  # noqa: S608
    return [pk for (pk,) in found]
