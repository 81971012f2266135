"""What the log says of refusals, and of failures."""

import logging

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied

from config.refusals import WithoutTraceback


@pytest.mark.parametrize(("error", "tracebacks"), [(PermissionDenied(), False), (RuntimeError(), True)])
def test_a_refusal_is_a_line_and_a_failure_has_its_traceback(error, tracebacks):
    exc_info = (type(error), error, None)
    record = logging.LogRecord("django.request", logging.WARNING, __file__, 1, "Forbidden: /", (), exc_info)

    assert WithoutTraceback().filter(record)
    assert bool(record.exc_info) is tracebacks


def test_the_log_is_written_without_tracebacks_of_refusals():
    assert settings.LOGGING["handlers"]["stderr"]["filters"] == ["refusals"]
    assert settings.LOGGING["filters"]["refusals"] == {"()": "config.refusals.WithoutTraceback"}
