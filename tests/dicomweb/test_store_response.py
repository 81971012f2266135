"""The Store Instances Response Module and its status, for every mix of outcomes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.services.outcomes import FailureReason, Identity, Outcome, Refused, Stored, WarningReason
from dicomweb import store_response
from dicomweb.links import Links

LINKS = Links("https://pacs.example/dicom-web")
GOOD = Stored(Identity("1", "1.1", "1.1.1", "1.2.840"))
KNOWN = Stored(Identity("1", "1.1", "1.1.2", "1.2.840"), created=False)
WARNED = Stored(
    Identity("1", "1.1", "1.1.5", "1.2.840"),
    warning=WarningReason.DATA_SET_DOES_NOT_MATCH_SOP_CLASS,
    explanation="Too few frames.",
)
PREVIOUS = {"04000565": {"vr": "CS", "Value": ["COERCE"]}}
COERCED = Stored(
    Identity("1", "1.1", "1.1.6", "1.2.840"),
    warning=WarningReason.COERCION_OF_DATA_ELEMENTS,
    explanation="Replaced.",
    original_attributes=PREVIOUS,
)
DUPLICATE = Refused(Identity("1", "1.1", "1.1.3", "1.2.840"), FailureReason.DUPLICATE_SOP_INSTANCE, "Other content.")
FULL = Refused(Identity("1", "1.1", "1.1.4", "1.2.840"), FailureReason.OUT_OF_RESOURCES, "No room.")
GARBAGE = Refused(Identity(), FailureReason.CANNOT_UNDERSTAND, "No DICOM.")


@pytest.mark.parametrize(
    ("outcomes", "status"),
    [
        pytest.param([GOOD], 200, id="STOW-40"),
        pytest.param([GOOD, KNOWN], 200, id="STOW-80"),
        pytest.param([GOOD, DUPLICATE], 202, id="STOW-41"),
        pytest.param([GOOD, WARNED], 202, id="STOW-42"),
        pytest.param([COERCED], 202, id="STOW-42-all"),
        pytest.param([KNOWN, GARBAGE], 202, id="STOW-46-mixed"),
        pytest.param([GOOD, FULL], 202, id="some-found-room"),
        pytest.param([DUPLICATE], 409, id="STOW-43"),
        pytest.param([GARBAGE], 409, id="STOW-46"),
        pytest.param([FULL, DUPLICATE], 409, id="STOW-43-mixed-reasons"),
        pytest.param([FULL, FULL], 503, id="STOW-51"),
    ],
)
def test_the_status_says_how_much_was_stored(outcomes, status):
    assert store_response.status(outcomes) == status


def test_the_module_of_a_mixed_request():
    module = store_response.module([GOOD, DUPLICATE, GARBAGE, KNOWN], LINKS)

    series = "https://pacs.example/dicom-web/studies/1/series/1.1"
    assert module == {
        "00081190": {"vr": "UR", "Value": ["https://pacs.example/dicom-web/studies/1"]},
        "00081198": {
            "vr": "SQ",
            "Value": [
                {
                    "00081150": {"vr": "UI", "Value": ["1.2.840"]},
                    "00081155": {"vr": "UI", "Value": ["1.1.3"]},
                    "00081197": {"vr": "US", "Value": [0x0111]},
                }
            ],
        },
        "00081199": {
            "vr": "SQ",
            "Value": [
                {
                    "00081150": {"vr": "UI", "Value": ["1.2.840"]},
                    "00081155": {"vr": "UI", "Value": [uid]},
                    "00081190": {"vr": "UR", "Value": [f"{series}/instances/{uid}"]},
                }
                for uid in ("1.1.1", "1.1.2")
            ],
        },
        "0008119A": {"vr": "SQ", "Value": [{"00081197": {"vr": "US", "Value": [0xC000]}}]},
    }


def test_STOW_42_STOW_76_a_warning_is_in_the_item_with_what_was_coerced():
    module = store_response.module([WARNED, COERCED, GOOD], LINKS)

    warned, coerced, good = module["00081199"]["Value"]
    assert warned["00081196"] == {"vr": "US", "Value": [0xB007]}
    assert coerced["00081196"] == {"vr": "US", "Value": [0xB000]}
    assert coerced["04000561"] == {"vr": "SQ", "Value": [PREVIOUS]}
    assert list(coerced) == sorted(coerced)
    assert not {"00081196", "04000561"} & good.keys()


def test_each_reason_is_explained_once():
    assert store_response.explanations([GARBAGE, GOOD, DUPLICATE, GARBAGE, WARNED]) == [
        "No DICOM.",
        "Other content.",
        "Too few frames.",
    ]


outcomes = st.lists(st.sampled_from([GOOD, KNOWN, WARNED, COERCED, DUPLICATE, FULL, GARBAGE]), min_size=1, max_size=9)


@given(outcomes)
def test_STOW_70_STOW_71_every_instance_has_one_item_and_no_sequence_is_empty(found: list[Outcome]):
    module = store_response.module(found, LINKS)

    sequences = {tag: element["Value"] for tag, element in module.items() if element["vr"] == "SQ"}
    assert all(sequences.values())
    for tag, kind in (("00081198", Refused), ("00081199", Stored)):
        items = [item["00081155"]["Value"][0] for item in sequences.get(tag, [])]
        of_kind = [outcome.identity.instance for outcome in found if isinstance(outcome, kind)]
        assert items == [uid for uid in dict.fromkeys(of_kind) if uid]
    assert len(sequences.get("0008119A", [])) == found.count(GARBAGE)
    assert list(module) == sorted(module)
    assert ("00081199" in sequences) == (store_response.status(found) in {200, 202})
