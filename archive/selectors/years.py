"""The years of which there are studies: found by skipping through an index, never by reading all studies."""

from archive import rows

#: Each step finds the latest date before the year that was found last.
_SKIPPING = """
WITH RECURSIVE found(value) AS (
    SELECT max(study_date) FROM archive_study
    UNION ALL
    SELECT (SELECT max(study_date) FROM archive_study WHERE study_date < substr(found.value, 1, 4))
    FROM found WHERE found.value >= '0'
)
SELECT substr(value, 1, 4) FROM found WHERE value >= '0' LIMIT %s
"""
#: Dates that are none could have as many years as there are texts.
MOST = 150


def years() -> list[str]:
    """Every year of a Study Date, the latest first."""
    return [year for (year,) in rows.select(_SKIPPING, MOST) if year.isascii() and year.isdecimal()]
