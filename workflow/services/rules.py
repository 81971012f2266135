"""Rules: when a study has arrived and matches, a workitem is created for it, once.

A rule looks at each study whose last instance came since it looked before, and a little earlier: a transaction may
become visible some time after the moment that it has written down. What is seen twice is not created twice: the
workitem and the firing are written in one transaction, and a rule has one firing for a Study Instance UID.
"""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial

from django.conf import settings

from archive import rows
from archive.announcements import ArrivedSeries, ArrivedStudy, MalformedFilter, arrived_studies, read_filter
from archive.dicom.dicom_json import DataSet
from workflow import moments, study_workitem
from workflow.errors import InvalidWorkitem, WorkflowError
from workflow.models import RuleFiring, WorkitemRule
from workflow.services import create
from workflow.services.create import Prepared
from workflow.services.transaction import change

log = logging.getLogger(__name__)

#: So much of the time that was looked at before is looked at again.
OVERLAP = timedelta(minutes=5)

DICOMWEB = "/dicom-web"
#: Addresses to listen on, not to reach anybody at.
EVERYWHERE = {"0.0.0.0", "::", ""}  # noqa: S104  compared with, not listened on


def enabled() -> list[int]:
    """The primary keys of the rules to fire."""
    return list(WorkitemRule.objects.filter(enabled=True).order_by("pk").values_list("pk", flat=True))


def pass_over(now: datetime) -> None:
    """Rules that are not enabled do not make up for the time when they are."""
    WorkitemRule.objects.filter(enabled=False).update(examined_until=now)


def fire(pk: int, now: datetime) -> int:
    """Create the workitems of a rule for the studies that have arrived by now. Returns how many they were.

    What cannot be created is logged, and tried again as long as the study is looked at.
    """
    rule = WorkitemRule.objects.filter(pk=pk, enabled=True).first()
    if rule is None:
        return 0
    until = now - timedelta(seconds=rule.quiet_seconds)
    since = max(rule.examined_until - OVERLAP, rule.created_at)
    try:
        wanted, template = read_filter(rule.filter), study_workitem.read_template(rule.template)
    except (MalformedFilter, InvalidWorkitem) as error:
        log.warning("rule %d cannot fire: %s", pk, error)
        return 0
    studies = arrived_studies(since, until, wanted, but=partial(_fired, rule))
    number = sum(_fire_for(rule, template, study) for study in studies)
    WorkitemRule.objects.filter(pk=pk, examined_until__lt=until).update(examined_until=until)
    return number


def _fired(rule: WorkitemRule, studies: Sequence[str]) -> set[str]:
    """The studies of these that the rule has fired for."""
    return set(rule.firings.filter(study_instance_uid__in=studies).values_list("study_instance_uid", flat=True))


def _fire_for(rule: WorkitemRule, template: DataSet, study: ArrivedStudy) -> bool:
    uid = study.study_instance_uid
    series = list(study.series())
    if not series:  # it has been deleted meanwhile
        return False
    try:
        prepared = create.prepare(_data_set(template, uid, study.attributes(), series, rule.name), strict=False)
        fired = change(partial(_fire, rule.pk, uid, prepared))
    except WorkflowError as error:
        log.warning("rule %d creates no workitem for study %s: %04X %s", rule.pk, uid, error.code, error)
        return False
    if fired:
        log.info("rule %d created workitem %s for study %s", rule.pk, prepared.sop_instance_uid, uid)
    return fired


def _data_set(
    template: DataSet, study: str, attributes: DataSet, series: Sequence[ArrivedSeries], label: str
) -> DataSet:
    return study_workitem.build(template, study, attributes, series, label=label, now=moments.now(), root=root())


def _fire(rule: int, study: str, prepared: Prepared) -> bool:
    """The workitem and its firing; nothing if another worker has been quicker, or the rule is gone."""
    here = rows.select_for_update("SELECT id FROM workflow_workitemrule WHERE id = %s AND enabled", rule, no_key=True)
    if not here or RuleFiring.objects.filter(rule=rule, study_instance_uid=study).exists():
        return False
    create.insert(prepared)
    RuleFiring.objects.create(rule_id=rule, study_instance_uid=study, sop_instance_uid=prepared.sop_instance_uid)
    return True


def root() -> str:
    """Where the performer of a workitem retrieves its input."""
    if settings.ARCHIVE_PUBLIC_URL:
        return f"{settings.ARCHIVE_PUBLIC_URL}{DICOMWEB}"
    host = "127.0.0.1" if settings.ARCHIVE_HOST in EVERYWHERE else settings.ARCHIVE_HOST
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.ARCHIVE_PORT}{DICOMWEB}"


# -- for who defines rules -------------------------------------------------------

#: What a template is tried with.
EXAMPLE_STUDY = "2.25.1"


def check(filter_text: str, template: object) -> list[str]:
    """What is wrong with the filter and the template of a rule; nothing if it can fire."""
    problems = []
    try:
        read_filter(filter_text)
    except MalformedFilter as error:
        problems.append(f"Filter: {error}")
    try:
        data_set = _data_set(study_workitem.read_template(template), EXAMPLE_STUDY, {}, (), "label")
        create.prepare(data_set, strict=False)
    except WorkflowError as error:
        problems.append(f"Template: {error}")
    return problems
