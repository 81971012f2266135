"""The steps of the worklist on the page of a study."""

import pytest

from tests.people import signed_in
from tests.workitems import references
from tests.worklist import created

pytestmark = pytest.mark.django_db

STUDY = "1.2.3"
IMAGE = ("1.2.840.10008.5.1.4.1.1.2", "1.2.3.4.5")


def test_the_steps_about_a_study_are_listed_with_their_state():
    created(ProcedureStepLabel="Read <it>", InputInformationSequence=references(IMAGE, study=STUDY))
    created(ProcedureStepLabel="Another", InputInformationSequence=references(IMAGE, study="1.2.4"))

    text = signed_in("viewer", "viewers").get(f"/studies/{STUDY}/steps").content.decode()

    assert "Read &lt;it&gt;" in text
    assert "scheduled" in text
    assert "Another" not in text


@pytest.mark.parametrize("study", ["1.2.3", "%00", "no-uid"])
def test_a_study_without_steps_says_so(study):
    answer = signed_in("viewer", "viewers").get(f"/studies/{study}/steps")

    assert b"No step of the worklist is about this study" in answer.content


def test_who_may_not_see_the_worklist_is_refused():
    assert signed_in("stranger").get(f"/studies/{STUDY}/steps").status_code == 403
