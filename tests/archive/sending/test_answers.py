"""What destinations say, in plain words: codes of Table I.2-2, statuses, and response modules that may be anything."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.sending.failure_reasons import reason
from archive.sending.statuses import Verdict, verdict, words
from archive.sending.store_answer import StoreAnswer, read
from archive.services.outcomes import FailureReason
from tests.destination import answer

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["00081198", "00081199", "00081155", "00081197", "Value", "x"]), inner, max_size=3
        )
    ),
    max_leaves=12,
)


@pytest.mark.parametrize("code", FailureReason)
def test_every_reason_that_this_archive_gives_has_words(code):
    assert f"{code:04X}" not in reason(code).words


@pytest.mark.parametrize(
    ("code", "said", "passes"),
    [
        (0xA700, "room", True),
        (0xA7FF, "room", True),
        (0x0213, "room", True),
        (0xA9FE, "does not fit", False),
        (0xC001, "cannot understand", False),
        (0xC122, "transfer syntax", False),
        (0x0122, "SOP Class", False),
        (0x1234, "code 1234", False),
        (None, "did not say why", False),
    ],
)
def test_a_reason_says_what_is_wrong_and_whether_it_passes(code, said, passes):
    assert said in reason(code).words
    assert reason(code).passes is passes


def test_an_answer_says_what_was_stored_and_what_was_not():
    assert read(answer(202, ["1.2", "1.3"], {"1.4": 0xA700}).body) == StoreAnswer(
        frozenset({"1.2", "1.3"}), {"1.4": 0xA700}
    )


def test_an_answer_in_a_list_is_read_too():
    body = b"[" + answer(200, ["1.2"]).body + b"]"

    assert read(body).stored == {"1.2"}


def test_what_is_said_both_ways_has_failed():
    assert read(answer(202, ["1.2"], {"1.2": 0x0110}).body) == StoreAnswer(frozenset(), {"1.2": 0x0110})


@given(anything)
def test_an_answer_can_be_any_json(document):
    read(json.dumps(document).encode())


@given(st.binary())
def test_an_answer_can_be_any_bytes(body):
    read(body)


@pytest.mark.parametrize(
    ("expected", "statuses"),
    [
        (Verdict.HEARD, [200, 202, 204, 409]),
        (Verdict.LATER, [408, 425, 429, 502, 503, 504, 507]),
        (Verdict.NEVER, [301, 302, 307, 308, 401, 403, 404, 405, 407, 410, 501, 505]),
        (Verdict.REFUSED, [400, 406, 411, 412, 413, 415, 422, 431, 451, 500]),
    ],
)
def test_every_status_has_a_verdict_and_words(expected, statuses):
    assert {verdict(status) for status in statuses} == {expected}
    assert all(f"(HTTP {status})." in words(status) for status in statuses)
