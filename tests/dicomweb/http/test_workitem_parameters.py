"""The queries of the worklist: every spelling of PS3.18 Section 11 and of the clients that there are."""

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dicomweb.http import workitem_parameters as parameters
from dicomweb.http.search_parameters import MalformedParameters

UID = "1.2.840.99"


@pytest.mark.parametrize(
    "query",
    [
        f"workitem={UID}",
        f"Workitem={UID}",
        f"AffectedSOPInstanceUID={UID}",
        f"affectedsopinstanceuid={UID}",
        f"SOPInstanceUID={UID}",
        f"00080018={UID}",
        UID,
        f"{UID}=",
        f"accept=application/dicom%2Bjson&{UID}&charset=UTF-8",
        f"workitem={UID}&AffectedSOPInstanceUID={UID}&{UID}",
        f"workitem=%20{UID}%20",
    ],
)
def test_the_uid_of_a_new_workitem_in_every_spelling(query):
    assert parameters.workitem(query) == UID


@pytest.mark.parametrize(
    "query",
    [
        f"transaction={UID}",
        f"transaction-uid={UID}",
        f"Transaction-uid={UID}",
        f"TransactionUID={UID}",
        f"TransactionUid={UID}",
        f"TRANSACTION-UID={UID}",
        f"00081195={UID}",
        UID,
        f"transaction={UID}&transaction-uid={UID}",
    ],
)
def test_the_lock_in_every_spelling(query):
    assert parameters.transaction_uid(query) == UID


@pytest.mark.parametrize("read", [parameters.workitem, parameters.transaction_uid])
@pytest.mark.parametrize("query", ["", "x=1", "accept=application/json", "&&", "limit=5"])
def test_nothing_is_given(read, query):
    assert read(query) is None


@pytest.mark.parametrize("read", [parameters.workitem, parameters.transaction_uid])
@pytest.mark.parametrize(
    "text", ["1..2", "01.2", "1.02", "1.2.", "1.a", "1.2 3", "1." + "1" * 64, "1.2,1.3", "1.2%00", "1.2%ff"]
)
@pytest.mark.parametrize("query", ["{}", "workitem={}&transaction={}"])
def test_what_is_no_uid_is_refused(read, text, query):
    with pytest.raises(MalformedParameters):
        read(query.replace("{}", text))


@pytest.mark.parametrize(
    "query", ["workitem=1.2&AffectedSOPInstanceUID=1.3", "1.2&1.3", "workitem=1.2&1.3", "workitem="]
)
def test_one_workitem_is_meant(query):
    with pytest.raises(MalformedParameters):
        parameters.workitem(query)


@pytest.mark.parametrize("query", ["requester=RIS", "Requester=RIS", "REQUESTER=%20RIS"])
def test_the_requester(query):
    assert parameters.requester(query) == "RIS"
    assert parameters.subscriber(query) == "RIS"


@pytest.mark.parametrize("query", ["aetitle=RIS", "AETitle=RIS", "requester=RIS&aetitle=RIS"])
def test_the_subscriber_beside_the_path(query):
    assert parameters.subscriber(query) == "RIS"


@pytest.mark.parametrize("title", ["SEVENTEEN_LETTERS", "A%5CB", "%C3%84", "A%0AB", "", "%20%20"])
def test_what_is_no_ae_title_is_refused(title):
    with pytest.raises(MalformedParameters):
        parameters.requester(f"requester={title}")


# -- subscriptions ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "lock"),
    [("", False), ("deletionlock=true", True), ("deletionlock=false", False), ("DeletionLock=TRUE", True),
     ("deletionlock=False", False), ("deletionlock=true&deletionlock=true", True)],
)  # fmt: skip
def test_the_deletion_lock_is_true_or_false_in_any_case(query, lock):
    assert parameters.subscription(query, filtered=False).deletion_lock is lock


@pytest.mark.parametrize(
    "query",
    ["deletionlock=yes", "deletionlock=1", "deletionlock=", "deletionlock", "deletionlock=true&deletionlock=false"],
)
def test_any_other_deletion_lock_is_refused(query):
    with pytest.raises(MalformedParameters):
        parameters.subscription(query, filtered=False)


KEYS = {"WorklistLabel": ("AI",), "ScheduledStationNameCodeSequence.CodeValue": ("CT*",)}


@pytest.mark.parametrize(
    "query",
    [
        "WorklistLabel=AI&ScheduledStationNameCodeSequence.CodeValue=CT*",
        "filter=WorklistLabel%3DAI%2CScheduledStationNameCodeSequence.CodeValue%3DCT%2A",
        "filter=WorklistLabel=AI,ScheduledStationNameCodeSequence.CodeValue=CT*",
        "FILTER=WorklistLabel%3DAI&filter=ScheduledStationNameCodeSequence.CodeValue%3DCT*",
        "filter=WorklistLabel%3DAI&ScheduledStationNameCodeSequence.CodeValue=CT*",
    ],
)
def test_a_filter_in_both_spellings(query):
    assert parameters.subscription(f"deletionlock=true&{query}", filtered=True) == parameters.SubscriptionParameters(
        True, KEYS
    )


@pytest.mark.parametrize(
    ("query", "values"),
    [
        ("SOPInstanceUID=1.2,1.3", ("1.2", "1.3")),
        ("filter=SOPInstanceUID%3D1.2%2C1.3", ("1.2", "1.3")),
        ("filter=SOPInstanceUID%3D1.2%252C1.3", ("1.2,1.3",)),
        ("filter=SOPInstanceUID%3D", ()),
    ],
)
def test_a_key_can_have_several_values_or_commas_in_one(query, values):
    assert parameters.subscription(query, filtered=True).keys == {"SOPInstanceUID": values}


@given(st.dictionaries(st.sampled_from(["WorklistLabel", "PatientID", "00404041"]), st.text(min_size=1), min_size=1))
def test_a_filter_whose_values_are_encoded_says_what_was_meant(keys):
    keys = {name: value.replace("\0", "0").encode("utf-8", "replace").decode() for name, value in keys.items()}
    text = ",".join(f"{name}={quote(value, safe='')}" for name, value in keys.items())

    found = parameters.subscription(f"filter={quote(text, safe='')}", filtered=True)

    assert found.keys == {name: (value,) for name, value in keys.items()}


@pytest.mark.parametrize(
    "query",
    [
        pytest.param("", id="none"),
        pytest.param("deletionlock=true", id="only-a-lock"),
        pytest.param("filter=", id="empty"),
        pytest.param("filter", id="bare"),
        pytest.param("filter=WorklistLabel", id="no-value"),
        pytest.param("filter=WorklistLabel%3DA%2CWorklistLabel%3DB", id="repeated"),
        pytest.param("WorklistLabel=A&WorklistLabel=B", id="repeated-as-parameter"),
        pytest.param("filter=WorklistLabel%3DA&WorklistLabel=A", id="repeated-in-both"),
        pytest.param("filter=WorklistLabel%3D%ff", id="no-utf-8"),
        pytest.param("filter=WorklistLabel%3DA%2500", id="nul-encoded-twice"),
    ],
)
def test_a_filter_that_is_none_is_refused(query):
    with pytest.raises(MalformedParameters):
        parameters.subscription(query, filtered=True)


@pytest.mark.parametrize("query", ["filter=WorklistLabel%3DA", "WorklistLabel=A", "00741202=A", "0074120=A"])
def test_a_subscription_to_all_or_one_has_no_filter(query):
    with pytest.raises(MalformedParameters):
        parameters.subscription(query, filtered=False)


def test_events_are_asked_for_by_numbers_in_any_case():
    assert (parameters.after("after=17&limit=5"), parameters.limit("After=17&LIMIT=5")) == (17, 5)
    assert (parameters.after("limit=5"), parameters.limit("after=17")) == (None, None)


@pytest.mark.parametrize("query", ["limit=0", "limit=00", "limit=", "limit", "limit=5&limit=6"])
def test_a_limit_is_one_number_and_one_at_least(query):
    with pytest.raises(MalformedParameters):
        parameters.limit(query)


def test_what_nobody_knows_is_ignored():
    assert parameters.subscription("_=17&x=y", filtered=False) == parameters.SubscriptionParameters()
