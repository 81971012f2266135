"""Values of DICOM in pages."""

from collections.abc import Mapping
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from archive.dicom import readable_values

register = template.Library()

register.filter("day", readable_values.day)
register.filter("clock", readable_values.clock)


@register.filter
def age_on(born: str, on: str) -> str:
    """`{{ patient.patient_birth_date|age_on:study.study_date }}`"""
    return readable_values.age(born, on)


@register.filter
def person_name(value: str) -> SafeString:
    """Each script in its own direction, whatever surrounds it."""
    name = readable_values.person_name(value)
    if not name.text:
        return format_html('<span class="no-value">{}</span>', "no name")
    others = format_html(' <bdi class="other-script">{}</bdi>', name.others) if name.others else ""
    return format_html("<bdi>{}</bdi>{}", name.text, others)


@register.filter
def values(value: str) -> list[str]:
    """The values of a multi-valued text."""
    return [text for text in value.split("\\") if text]


@register.filter
def of(said: Any, pk: int) -> Any:
    """`{{ labels|of:study.pk }}`: what is said of one row, if anything; nothing where a page says nothing of any."""
    return said.get(pk) if isinstance(said, Mapping) else None
