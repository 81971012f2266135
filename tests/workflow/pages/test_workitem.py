"""The page of a workitem, and what people do there."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone

from tests import factories
from tests.workitems import code, data_set, element, progress, references
from tests.worklist import LOCK, claimed, created, in_state, stored, subscribed, value
from workflow.models import ApplicationEntity, Claim, Workitem, WorkitemTombstone
from workflow.readable_steps import outputs, performed_item, progress_item
from workflow.services.request_cancellation import request_cancellation
from workflow.services.update import update

pytestmark = pytest.mark.django_db

IMAGE = ("1.2.840.10008.5.1.4.1.1.2", "1.2.3.4.5")
FRAGMENT = {"HX-Request": "true"}
WHY = {"why": "110514", "reason": "The wrong one"}


def page(client, uid: str) -> str:
    answer = client.get(f"/worklist/{uid}")
    assert answer.status_code == 200
    return answer.content.decode()


def does(client, uid: str, act: str, **form) -> str:
    """What the page says after somebody has pressed a button."""
    answer = client.post(f"/worklist/{uid}/{act}", form, follow=True)
    assert answer.status_code in {200, 422}
    return answer.content.decode()


def state(uid: str) -> str:
    return str(value(stored(uid), "ProcedureStepState"))


def performance(**changes: str) -> dict[str, str]:
    present = timezone.now()
    said = {
        "work": "DCM:110005",
        "station": "99ARCHIVE:READER",
        "began": f"{present - timedelta(hours=1):%Y-%m-%dT%H:%M}",
        "ended": f"{present:%Y-%m-%dT%H:%M}",
        "nothing": "on",
    }
    return {name: text for name, text in (said | changes).items() if text}


# -- what is shown ---------------------------------------------------------------


def test_the_page_shows_patient_work_input_parameters_and_history(viewer):
    uid = created(
        PatientName="Doe^Jane",
        ProcedureStepLabel="Read <it>",
        ScheduledStationNameCodeSequence=[code("ROOM1", "Reading room")],
        InputInformationSequence=[references(IMAGE, study="1.2.3", series="1.2.3.4")],
        ScheduledProcessingParametersSequence=[
            data_set(ValueType="TEXT", ConceptNameCodeSequence=[code("THRESHOLD", "Threshold")], TextValue="<50>")
        ],
    )
    subscribed(uid, "WATCHER")
    request_cancellation(uid, data_set(ReasonForCancellation="<Twice>"), requesting_ae="RIS")
    shown = page(viewer, uid)
    for said in (
        "Doe, Jane",
        "Read &lt;it&gt;",
        "Reading room",
        "Threshold",
        "&lt;50&gt;",
        "&lt;Twice&gt;",
        "told WATCHER",
    ):
        assert said in shown
    assert 'href="/studies/1.2.3"' in shown
    assert "viewer?StudyInstanceUIDs=1.2.3&amp;SeriesInstanceUIDs=1.2.3.4" in shown
    assert "<title>Step | Archive</title>" in shown


def test_studies_are_linked_for_those_who_may_see_them(bert):
    assert "/studies/1.2.3" not in page(bert, created(InputInformationSequence=[references(IMAGE)]))


def test_what_was_performed_and_came_out_is_shown(viewer):
    uid = in_state("COMPLETED")
    shown = page(viewer, uid)
    assert "Interpretation" in shown
    assert "Nothing came out of it." in shown
    assert "Nothing about it can be changed any more" in shown


def test_all_attributes_are_shown_when_somebody_asks(viewer):
    uid = created(CommentsOnTheScheduledProcedureStep="<hello>")
    shown = viewer.get(f"/worklist/{uid}/attributes").content.decode()
    assert "Comments on the Scheduled Procedure Step" in shown
    assert "&lt;hello&gt;" in shown


def test_the_lock_is_on_no_page(anna):
    uid = created()
    does(anna, uid, "claim")
    lock = Workitem.objects.get().transaction_uid
    for url in (f"/worklist/{uid}", f"/worklist/{uid}/attributes", f"/worklist/{uid}/changes", "/worklist/"):
        assert lock not in anna.get(url).content.decode()


@pytest.mark.parametrize("uid", ["1.2.3", "no-uid", "%00", "1" * 70])
@pytest.mark.parametrize("page", ["", "/changes", "/attributes"])
def test_what_is_not_there_is_not_found(viewer, uid, page):
    assert viewer.get(f"/worklist/{uid}{page}").status_code == 404


def test_what_was_there_is_gone(viewer, anna):
    WorkitemTombstone.objects.create(sop_instance_uid="1.2.3")
    assert viewer.get("/worklist/1.2.3").status_code == 410
    assert anna.post("/worklist/1.2.3/claim").status_code == 410


# -- claim -----------------------------------------------------------------------


def test_somebody_claims_a_step_as_their_ae_and_goes_on_another_day(anna):
    uid = created()
    assert "The step is yours." in does(anna, uid, "claim")
    assert Claim.objects.get().ae_title == "READER"
    anna.force_login(get_user_model().objects.get(username="anna"))
    assert "Complete the step" in page(anna, uid)


def test_of_several_ae_titles_somebody_chooses_one_of_theirs(anna):
    ApplicationEntity.objects.create(ae_title="SECOND").users.add(get_user_model().objects.get(username="anna"))
    for wanted, taken in (("SECOND", "SECOND"), ("FOREIGN", "ARCHIVE")):
        uid = created()
        assert "<option>SECOND</option>" in page(anna, uid)
        does(anna, uid, "claim", ae=wanted)
        assert Claim.objects.get(workitem__sop_instance_uid=uid).ae_title == taken


def test_who_comes_second_is_told(anna, bert):
    uid = created()
    does(anna, uid, "claim")
    assert "Somebody else was faster" in does(bert, uid, "claim")
    assert "Somebody else has claimed this step" in does(bert, uid, "progress", percent="5")
    assert "Somebody else has claimed this step" in does(bert, uid, "complete", **performance())
    assert "Somebody else has claimed this step" in does(bert, uid, "cancel", **WHY)
    assert state(uid) == "IN PROGRESS"


# -- progress --------------------------------------------------------------------


def test_progress_is_told(anna):
    uid = created()
    does(anna, uid, "claim")
    shown = does(anna, uid, "progress", percent="60", description="Half <of> it")
    assert 'value="60"' in shown
    assert "Half &lt;of&gt; it" in shown


@pytest.mark.parametrize("form", [{"percent": "101"}, {"percent": "-1"}, {"percent": "x"}, {"description": "x" * 1025}])
def test_progress_that_cannot_be_is_said_beside_it(anna, form):
    uid = created()
    does(anna, uid, "claim")
    assert "text-danger" in does(anna, uid, "progress", **form)
    assert progress_item(stored(uid)) == {}


# -- complete --------------------------------------------------------------------


def test_a_step_says_in_plain_words_what_it_needs(anna):
    uid = created()
    does(anna, uid, "claim")
    assert (
        "A completed step says what was done, where it was done, when it began, when it ended"
        " and what came out of it, or that nothing did." in page(anna, uid)
    )


def test_a_step_is_completed_with_what_was_performed(anna):
    uid = created(ScheduledStationNameCodeSequence=[code("ROOM1", "Reading room")])
    does(anna, uid, "claim")
    shown = does(anna, uid, "complete", **performance(station="99TEST:ROOM1"))
    assert "The step is completed." in shown
    item = performed_item(stored(uid))
    assert item["00404028"]["Value"] == [code("ROOM1", "Reading room")]
    assert "Berg^Anna" in str(item)
    assert state(uid) == "COMPLETED"


def test_what_came_out_is_chosen_among_the_series_of_the_study(anna):
    study = factories.study()
    read, made = (factories.series(study) for _ in range(2))
    factories.instance(made)
    uid = created(
        InputInformationSequence=[references(IMAGE, study=study.study_instance_uid, series=read.series_instance_uid)]
    )
    does(anna, uid, "claim")
    chosen = f"{study.study_instance_uid}/{made.series_instance_uid}"
    shown = page(anna, uid)
    assert f'value="{chosen}"' in shown
    assert f'value="{study.study_instance_uid}/{read.series_instance_uid}"' not in shown
    assert "completed" in does(anna, uid, "complete", **performance(nothing="", output=chosen))
    [output] = outputs(stored(uid))
    assert (output.study, output.series, output.instances) == (study.study_instance_uid, made.series_instance_uid, 1)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"nothing": ""}, "Say what came out of it, or that there is nothing to store."),
        ({"output": "1.2/3"}, "not one of the available choices"),
        ({"began": "2999-01-01T00:00"}, "It cannot have ended before it began."),
        ({"began": "2998-01-01T00:00", "ended": "2999-01-01T00:00"}, "this is in the future"),
        ({"began": ""}, "This field is required."),
        ({"began": "yesterday"}, "Enter a valid date/time."),
        ({"work": "DCM:0"}, "not one of the available choices"),
        ({"station": "99ARCHIVE:OTHER"}, "not one of the available choices"),
    ],
)
def test_what_is_missing_or_cannot_be_is_said_and_nothing_happens(anna, changes, said):
    uid = created()
    does(anna, uid, "claim")
    shown = does(anna, uid, "complete", **performance(**changes))
    assert said in shown
    assert '<details class="act" open>' in shown
    assert state(uid) == "IN PROGRESS"
    assert performed_item(stored(uid)) == {}


# -- cancel ----------------------------------------------------------------------


def test_who_performs_a_step_cancels_it_with_a_reason(anna):
    uid = created()
    does(anna, uid, "claim")
    shown = does(anna, uid, "cancel", **WHY)
    assert "The step is canceled." in shown
    assert "Incorrect worklist entry selected" in shown
    item = progress_item(stored(uid))
    assert value(item, "ReasonForCancellation") == "The wrong one"
    assert "mailto:anna@example.org" in str(item)


def test_a_scheduled_step_is_canceled_at_once(scheduler):
    uid = created()
    assert "The step is canceled." in does(scheduler, uid, "ask-to-cancel", **WHY)
    assert state(uid) == "CANCELED"


def test_who_performs_a_step_is_asked_to_cancel_it(anna, scheduler):
    uid = created()
    does(anna, uid, "claim")
    assert "has been asked" in does(scheduler, uid, "ask-to-cancel", **WHY)
    assert state(uid) == "IN PROGRESS"
    assert "ARCHIVE asks to cancel: Incorrect worklist entry selected. The wrong one" in page(anna, uid)
    assert "Asked to cancel" in anna.get("/worklist/").content.decode()


def test_a_reason_that_is_none_is_refused(scheduler):
    uid = created()
    assert "not one of the available choices" in does(scheduler, uid, "ask-to-cancel", why="because")
    assert state(uid) == "SCHEDULED"


def test_an_administrator_cancels_by_force_and_takes_over(anna, administrator):
    first, second = created(), created()
    for uid in (first, second):
        does(anna, uid, "claim")
    does(administrator, first, "force-cancel", **WHY)
    assert state(first) == "CANCELED"
    assert "The step is yours now." in does(administrator, second, "take-over")
    assert "Somebody else has claimed" in does(anna, second, "progress", percent="1")
    assert "completed" in does(administrator, second, "complete", **performance(station="99ARCHIVE:ARCHIVE"))


# -- who may do what -------------------------------------------------------------

ACTS = {
    "claim": {"anna", "administrator"},
    "progress": {"anna", "administrator"},
    "complete": {"anna", "administrator"},
    "cancel": {"anna", "administrator"},
    "ask-to-cancel": {"scheduler", "administrator"},
    "force-cancel": {"administrator"},
    "take-over": {"administrator"},
}


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("who", ["viewer", "anna", "scheduler", "administrator"])
def test_who_may_not_is_refused(request, who, act):
    client, uid = request.getfixturevalue(who), created()
    assert (client.post(f"/worklist/{uid}/{act}").status_code == 403) == (who not in ACTS[act])
    assert client.get(f"/worklist/{uid}/{act}").status_code == 405


@pytest.mark.parametrize("state", ["SCHEDULED", "IN PROGRESS", "COMPLETED", "CANCELED"])
def test_only_what_somebody_may_do_is_offered(viewer, scheduler, anna, administrator, state):
    uid = in_state(state)
    for client, name in (
        (viewer, "viewer"),
        (scheduler, "scheduler"),
        (anna, "anna"),
        (administrator, "administrator"),
    ):
        shown = page(client, uid)
        offered = {act for act in ACTS if f'/{act}"' in shown}
        assert all(name in ACTS[act] for act in offered)
        assert not (state in {"COMPLETED", "CANCELED"} and offered)


# -- what has changed ------------------------------------------------------------


def look(client, shown: str) -> tuple[int, str]:
    version = re.search(r'data-version="([^"]+)"', shown)[1]
    acts = re.search(r'data-acts="([^"]+)"', shown)[1]
    uid = re.search(r"/worklist/([\d.]+)/changes", shown)[1]
    answer = client.get(f"/worklist/{uid}/changes", {"shown": version, "acts": acts}, headers=FRAGMENT)
    return answer.status_code, answer.content.decode()


def test_progress_is_shown_and_forms_stay_as_they_are(viewer):
    uid = claimed()
    shown = page(viewer, uid)
    assert look(viewer, shown) == (204, "")
    update(uid, progress("60"), transaction_uid=LOCK)
    _, changed = look(viewer, shown)
    assert 'id="step-head"' in changed
    assert 'id="step-acts"' not in changed


def test_forms_that_make_no_sense_any_more_are_replaced(anna, scheduler):
    uid = created()
    shown = page(scheduler, uid)
    does(anna, uid, "claim")
    _, changed = look(scheduler, shown)
    assert "Ask to cancel" in changed


def test_texts_of_odd_elements_are_shown_as_far_as_they_say_something(viewer):
    uid = claimed()
    row = Workitem.objects.get(sop_instance_uid=uid)
    row.dicom_json = row.dicom_json.replace(b'"00741002":{"vr":"SQ"}', b'"00741002":{"vr":"SQ","Value":[null]}')
    row.save()
    page(viewer, uid)
    assert element("ProcedureStepLabel", "x")
