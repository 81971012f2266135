"""Refusals in the log: a line each."""

import logging

from django.core.exceptions import PermissionDenied


class WithoutTraceback(logging.Filter):
    """Django logs with each refusal how the program came to it: that looks like a failure, and is none."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.exc_info and isinstance(record.exc_info[1], PermissionDenied):
            record.exc_info = None
        return True
