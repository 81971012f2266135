"""What a viewer knows of frames besides their pixels."""

import numpy as np
import pytest

from archive.dicom.rendering import frame_facts
from archive.dicom.rendering.frame_facts import facts_of_frames, is_gray
from archive.dicom.rendering.voi_lut import VoiLutFunction, Window
from tests.archive.dicom.rendering.shown import attributes_in, item, lut
from tests.builders import instance, part10


def facts(count: int = 1, **elements: object) -> list[frame_facts.FrameFacts]:
    return facts_of_frames(attributes_in(part10(instance(**elements))), count)


def test_an_image_says_when_and_how_it_was_taken() -> None:
    (found,) = facts(
        AcquisitionDate="20240131", AcquisitionTime="101530", KVP=120, SliceThickness=5, SliceLocation=-12.5
    )

    assert found.lines == ("2024-01-31 10:15:30", "120 kV", "Thickness 5 mm, Location -12.5 mm")


def test_windows_have_the_names_that_the_data_set_gives_them() -> None:
    (found,) = facts(
        WindowCenter=[40, -600, 1], WindowWidth=[400, 1500, 0], WindowCenterWidthExplanation=["Soft", "Lung", "None"]
    )

    assert found.windows == (("Soft", Window(40, 400)), ("Lung", Window(-600, 1500)))
    assert found.by_window


def test_without_names_there_are_windows_too() -> None:
    (found,) = facts(WindowCenter=40, WindowWidth=400, VOILUTFunction="SIGMOID")

    assert found.windows == (("", Window(40, 400, VoiLutFunction.SIGMOID)),)


def test_a_table_goes_before_windows() -> None:
    (found,) = facts(WindowCenter=40, WindowWidth=400, VOILUTSequence=[lut(np.arange(4), 0, bits=8)])

    assert found.windows
    assert not found.by_window


@pytest.mark.parametrize("color", ["RGB", "YBR_FULL", "PALETTE COLOR"])
def test_colors_have_no_windows(color: str) -> None:
    elements = {"PhotometricInterpretation": color, "WindowCenter": 40, "WindowWidth": 400}
    (found,) = facts(**elements)

    assert (found.windows, found.by_window) == ((), False)
    assert not is_gray(attributes_in(part10(instance(**elements))))


def test_frames_are_described_one_by_one_where_they_differ() -> None:
    groups = [item(FrameVOILUTSequence=[item(WindowCenter=center, WindowWidth=10)]) for center in (5, 6)]

    found = facts(2, PerFrameFunctionalGroupsSequence=groups)

    assert [one.windows[0][1].center for one in found] == [5, 6]
    assert len(facts(2)) == 1


def test_of_very_many_frames_only_is_said_what_holds_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frame_facts, "MOST_DESCRIBED", 1)
    groups = [item(FrameVOILUTSequence=[item(WindowCenter=center, WindowWidth=10)]) for center in (5, 6)]

    (found,) = facts(2, PerFrameFunctionalGroupsSequence=groups, KVP=120)

    assert found.windows == ()
    assert "120 kV" in found.lines
