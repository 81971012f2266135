"""The worklist of the demo: a step in every state, made by the services, once, and removed without a trace."""

from collections import Counter

import orjson
import pytest

from tests.workitems import tag
from tests.worklist import created, subscribed_globally, told, value
from workflow.demo_workitems import ALGORITHM, RULE_NAME, WORKSTATION
from workflow.models import ApplicationEntity, Event, Subscription, Workitem, WorkitemRule, WorkitemTombstone
from workflow.services import demo
from workflow.services.rules import check

pytestmark = pytest.mark.django_db


@pytest.fixture
def seeded(db):
    demo.prepare()
    assert demo.seed() == 9


def item(workitem, keyword):
    """The first item of a sequence."""
    return value(orjson.loads(workitem.dicom_json), keyword)


@pytest.mark.usefixtures("seeded")
def test_there_are_steps_in_every_state_and_of_every_priority():
    states = Counter(Workitem.objects.values_list("procedure_step_state", flat=True))
    priorities = set(Workitem.objects.values_list("scheduled_procedure_step_priority", flat=True))

    assert states == {"SCHEDULED": 4, "IN PROGRESS": 2, "COMPLETED": 2, "CANCELED": 1}
    assert priorities == {"HIGH", "MEDIUM", "LOW"}


@pytest.mark.usefixtures("seeded")
def test_what_is_in_progress_says_how_far_it_is_and_whom_to_ask():
    for workitem in Workitem.objects.filter(procedure_step_state="IN PROGRESS"):
        progress = item(workitem, "ProcedureStepProgressInformationSequence")

        assert 0 < float(value(progress, "ProcedureStepProgress")) < 100
        assert value(value(progress, "ProcedureStepCommunicationsURISequence"), "ContactURI")


@pytest.mark.usefixtures("seeded")
def test_what_is_completed_refers_to_what_came_out_of_it():
    for workitem in Workitem.objects.filter(procedure_step_state="COMPLETED"):
        performed = item(workitem, "UnifiedProcedureStepPerformedProcedureSequence")
        output = value(performed, "OutputInformationSequence")

        assert value(value(output, "ReferencedSOPSequence"), "ReferencedSOPInstanceUID")


@pytest.mark.usefixtures("seeded")
def test_what_is_canceled_says_why():
    progress = item(Workitem.objects.get(procedure_step_state="CANCELED"), "ProcedureStepProgressInformationSequence")

    assert value(progress, "ReasonForCancellation")
    assert value(value(progress, "ProcedureStepDiscontinuationReasonCodeSequence"), "CodeValue") == "110514"


@pytest.mark.usefixtures("seeded")
def test_names_are_in_all_their_scripts():
    names = [orjson.loads(one.dicom_json)[tag("PatientName")]["Value"][0] for one in Workitem.objects.all()]

    assert {"Alphabetic": "Yamada^Tarou", "Ideographic": "山田^太郎", "Phonetic": "やまだ^たろう"} in names


@pytest.mark.usefixtures("seeded")
def test_subscribers_have_been_told():
    assert Subscription.objects.filter(subscriber__ae_title=WORKSTATION).count() == 9
    assert 0 < Subscription.objects.filter(subscriber__ae_title=ALGORITHM).count() < 9
    assert len(told(WORKSTATION)) > 9


@pytest.mark.usefixtures("seeded")
def test_the_rule_can_fire():
    rule = WorkitemRule.objects.get(name=RULE_NAME)

    assert check(rule.filter, rule.template) == []


@pytest.mark.usefixtures("seeded")
def test_a_second_time_nothing_is_new_and_nothing_changes():
    before = list(Workitem.objects.order_by("pk").values_list("pk", "procedure_step_state", "dicom_json", "updated_at"))

    demo.prepare()

    assert demo.seed() == 0
    assert WorkitemRule.objects.count() == 1
    after = list(Workitem.objects.order_by("pk").values_list("pk", "procedure_step_state", "dicom_json", "updated_at"))
    assert after == before


@pytest.mark.usefixtures("seeded")
def test_what_is_missing_is_created_again():
    one = Workitem.objects.filter(procedure_step_state="SCHEDULED").first()
    assert one is not None
    one.delete()

    assert demo.seed() == 1


def test_an_archive_that_is_closed_to_its_subscribers_has_the_workitems_all_the_same(settings):
    settings.ARCHIVE_UPS_AE_TITLES = ("OTHER",)

    demo.prepare()

    assert demo.seed() == 9
    assert not ApplicationEntity.objects.exists()


@pytest.mark.usefixtures("seeded")
def test_discarded_it_leaves_nothing_and_can_come_again():
    WorkitemTombstone.objects.create(sop_instance_uid=Workitem.objects.first().sop_instance_uid + ".1")

    assert demo.discard() == 9

    for model in (Workitem, WorkitemTombstone, ApplicationEntity, Subscription, Event, WorkitemRule):
        assert not model.objects.exists(), model
    demo.prepare()
    assert demo.seed() == 9


@pytest.mark.usefixtures("seeded")
def test_what_is_not_of_the_demo_stays():
    subscribed_globally("WATCHER")
    mine = created()

    demo.discard()

    assert list(Workitem.objects.values_list("sop_instance_uid", flat=True)) == [mine]
    assert list(ApplicationEntity.objects.values_list("ae_title", flat=True)) == ["WATCHER"]
    assert [one.workitem for one in told()] == [mine]
