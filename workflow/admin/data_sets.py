"""Data sets as tables."""

from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from archive.dicom.dicom_json import DataSet
from archive.dicom.readable import lines


def table(data_set: DataSet) -> SafeString:
    """A table of the attributes; what is in it is escaped by the template."""
    return mark_safe(render_to_string("admin/workflow/data_set.html", {"lines": lines(data_set)}))  # noqa: S308
