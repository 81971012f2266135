"""The present, as a data set has it."""

from django.utils import timezone


def now() -> str:
    """A DT in UTC, with its offset (PS3.5 Table 6.2-1)."""
    return f"{timezone.now():%Y%m%d%H%M%S.%f}+0000"
