"""What people want to know of a workitem, out of its data set."""

import pytest

from tests.workitems import data_set, element, performed, progress, references, workitem
from workflow import readable_steps
from workflow.readable_steps import Contact, Progress, Reference

IMAGE = ("1.2.840.10008.5.1.4.1.1.2", "1.2.3.4.5")


@pytest.mark.parametrize(
    ("written", "percent"),
    [("50", 50), ("0.4", 0), (99.6, 100), ("-3", 0), ("1e9", 100), ("nan", None), ("inf", None), ("much", None)],
)
def test_progress_is_whole_percents_between_none_and_all(written, percent):
    assert Progress.of(progress(written)).percent == percent


def test_nobody_says_how_far_it_is():
    assert Progress.of(workitem()) == Progress(None, "", [])


def test_contacts_are_links_where_following_them_leads_to_somebody():
    uris = ["mailto:a@example.org", "TEL:+49", "https://x.example", "javascript:alert(1)", "data:text/html,x", "sip:x"]
    item = data_set(ProcedureStepCommunicationsURISequence=[data_set(ContactURI=uri) for uri in uris])
    contacts = Progress.of(data_set(ProcedureStepProgressInformationSequence=[item])).contacts
    assert [bool(contact.link) for contact in contacts] == [True, True, True, False, False, False]
    assert contacts[0] == Contact("", "mailto:a@example.org")


def test_references_are_counted():
    step = workitem(InputInformationSequence=[references(IMAGE, IMAGE, study="1.2", series="1.2.1")])
    step |= performed(OutputInformationSequence=[references(study="1.2", series="1.2.9")])
    assert readable_steps.inputs(step) == [Reference("1.2", "1.2.1", 2)]
    assert readable_steps.outputs(step) == [Reference("1.2", "1.2.9", 0)]
    assert readable_steps.studies(step) == ["1.2"]


def test_items_that_are_none_are_passed_over():
    assert readable_steps.inputs({"00404021": {"vr": "SQ", "Value": [None]}}) == []
    assert readable_steps.text({"00741204": element("ProcedureStepLabel", [None])}, "00741204") == ""
