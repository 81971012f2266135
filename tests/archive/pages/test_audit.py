"""The audit trail of a study, on its page."""

import pytest

from archive.audit.acting import Actor, acting
from archive.audit.events import Action, Way
from archive.audit.trail import note
from archive.selectors import audit
from tests import factories
from tests.people import signed_in

pytestmark = pytest.mark.django_db


def looked(study: str, person: str = "reader", **options: object) -> None:
    with acting(lambda: Actor(person, "token 1a2b3c4d", "192.0.2.7", Way.DICOMWEB)):
        note(Action.RETRIEVED, study, **options)


def test_who_has_done_what_with_a_study_is_on_its_page(administrator, trail):
    study = factories.study().study_instance_uid
    looked(study)
    looked(study)
    looked(study, "<b>stranger", succeeded=False)
    looked("1.2.3", "somebody-else")
    trail()

    page = administrator.get(f"/studies/{study}/audit").content.decode()

    assert f"/studies/{study}/audit" in administrator.get(f"/studies/{study}").content.decode()
    assert page.count("<tr>") == 3
    assert "<bdi>reader</bdi>" in page
    assert "token 1a2b3c4d" in page
    assert "192.0.2.7" in page
    assert "<td>2</td>" in page
    assert "<strong>refused:</strong> retrieved" in page
    assert "&lt;b&gt;stranger" in page
    assert "somebody-else" not in page
    assert [event.person for event in trail(action="trail read")] == ["administrator"]


def test_what_was_done_with_a_study_stays_when_that_is_gone(administrator, trail):
    looked("1.2.3")
    trail()

    assert "reader" in administrator.get("/studies/1.2.3/audit").content.decode()


def test_no_more_than_the_newest_are_listed(administrator, trail, monkeypatch):
    monkeypatch.setattr(audit, "MOST_EVENTS", 2)
    for person in "abc":
        looked("1.2.3", person)
        trail()

    page = administrator.get("/studies/1.2.3/audit").content.decode()

    assert [person for person in "abc" if f"<bdi>{person}</bdi>" in page] == ["b", "c"]
    assert "/admin/archive/auditevent/?q=1.2.3" in page


def test_the_trail_is_for_who_may_see_it(viewer):
    study = factories.study().study_instance_uid

    assert viewer.get(f"/studies/{study}/audit").status_code == 403
    assert "audit" not in viewer.get(f"/studies/{study}").content.decode()
    assert signed_in("uploader", "uploaders").get(f"/studies/{study}/audit").status_code == 403
