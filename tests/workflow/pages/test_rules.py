"""The rules, to be read."""

import pytest
from django.utils import timezone

from workflow.models import RuleFiring, WorkitemRule

pytestmark = pytest.mark.django_db


def test_rules_are_shown_with_their_filter_their_step_and_what_they_have_done(viewer):
    rule = WorkitemRule.objects.create(
        name="Nodules <all>",
        filter="ModalitiesInStudy=CT",
        template={"00741204": {"vr": "LO", "Value": ["Find <nodules>"]}},
    )
    RuleFiring.objects.create(rule=rule, study_instance_uid="1.2", sop_instance_uid="1.3", fired_at=timezone.now())
    WorkitemRule.objects.create(name="Broken", enabled=False, template=["no data set"])

    page = viewer.get("/worklist/rules").content.decode()

    for said in (
        "Nodules &lt;all&gt;",
        "ModalitiesInStudy=CT",
        "Find &lt;nodules&gt;",
        "1 step,",
        "this rule does nothing",
    ):
        assert said in page
    assert "/admin/workflow/workitemrule/" not in page


def test_administrators_are_led_to_the_admin(administrator):
    page = administrator.get("/worklist/rules").content.decode()
    assert "There are no rules" in page
    assert 'href="/admin/workflow/workitemrule/"' in page
