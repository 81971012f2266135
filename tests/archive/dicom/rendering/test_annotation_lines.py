"""The words of annotations, out of data sets as the archive has them."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.dataset import Dataset

from archive.dicom.dicom_json import DataSet
from archive.dicom.errors import NotRenderable
from archive.dicom.rendering.annotation_lines import patient_lines, technique_lines
from archive.dicom.rendering.attributes import Attributes
from archive.dicom.rendering.voi_lut import VoiLutFunction, Window
from tests.archive.dicom.rendering.shown import attributes, attributes_in, item, lut
from tests.archive.dicom.rendering.test_frames import DATA_SETS
from tests.archive.dicom.rendering.test_palette_color_lut import RAMPS, palette
from tests.builders import instance, part10

NOTHING = {"StudyDate": None, "StudyTime": None, "Modality": None, "SeriesNumber": None}


def described(**elements: Any) -> Attributes:
    return attributes_in(part10(instance(**elements)))


def technique(number: int = 1, window: Window | None = None, **elements: Any) -> list[str]:
    return technique_lines(described(**NOTHING | elements), number, window)


# -- patient ---------------------------------------------------------------------


def test_WADO_95_patient_is_who_it_is() -> None:
    found = described(
        PatientName="Doe^Jane^^Dr.", PatientID="ID-1", PatientBirthDate="19700131", PatientSex="F", PatientAge="054Y"
    )
    assert patient_lines(found) == ["Doe, Jane, Dr.", "ID ID-1", "born 1970-01-31, female, 54 years"]


def test_WADO_95_what_is_not_known_of_a_patient_is_left_out() -> None:
    assert patient_lines(described(PatientName=None, PatientID="")) == []
    assert patient_lines(described(PatientName="", PatientID="7", PatientSex="M")) == ["ID 7", "male"]


@pytest.mark.parametrize(
    ("name", "readable"),
    [
        ("Doe^John", "Doe, John"),
        ("Smith Fido", "Smith Fido"),
        ("Yamada^Tarou=山田^太郎=やまだ^たろう", "Yamada, Tarou (山田 太郎, やまだ たろう)"),
        ("Hong^Gildong=洪^吉洞", "Hong, Gildong (洪 吉洞)"),
        ("=山田^太郎=やまだ^たろう", "山田 太郎 (やまだ たろう)"),
        ("Doe^^^^", "Doe"),
    ],
)
def test_WADO_95_names_are_readable(name: str, readable: str) -> None:
    """The examples of PS3.5 Section 6.2.1, and others."""
    found = described(SpecificCharacterSet="ISO_IR 192", PatientName=name, PatientID=None)
    assert patient_lines(found) == [readable]


@pytest.mark.parametrize("name", ["", {}, {"Alphabetic": None}, {"Phonetic": ""}, {"Alphabetic": "^^^"}])
def test_no_name_is_no_line(name: Any) -> None:
    assert patient_lines(attributes({"00100010": {"vr": "PN", "Value": [name]}})) == []


@pytest.mark.parametrize(
    ("age", "readable"),
    [
        ("003D", "3 days"),
        ("012W", "12 weeks"),
        ("018M", "18 months"),
        ("045Y", "45 years"),
        ("45", "45"),
        ("Y", "Y"),
        ("000D", "0 days"),
        ("1" * 5000 + "Y", f"{'1' * 5000} years"),
    ],
)
def test_WADO_95_ages_are_readable(age: str, readable: str) -> None:
    assert patient_lines(attributes({"00101010": {"vr": "AS", "Value": [age]}})) == [readable]


@pytest.mark.parametrize("date", ["19700131", "1970.01.31"])
def test_WADO_95_dates_are_those_of_iso_8601(date: str) -> None:
    found = attributes({"00100030": {"vr": "DA", "Value": [date]}})
    assert patient_lines(found) == ["born 1970-01-31"]


# -- technique -------------------------------------------------------------------


def test_WADO_95_technique_is_what_was_done() -> None:
    assert technique(
        Modality="CT",
        StudyDescription="Chest",
        SeriesDescription="Lung 1.0",
        SeriesNumber=3,
        AcquisitionDate="20240131",
        AcquisitionTime="101530.5",
        KVP=120,
        XRayTubeCurrent=200,
        Exposure=95,
        SliceThickness="1.25",
        SliceLocation="-12.50",
        WindowCenter=40,
        WindowWidth=400,
    ) == [
        "CT Chest",
        "Series 3 Lung 1.0",
        "2024-01-31 10:15:30",
        "120 kV, 200 mA, 95 mAs",
        "Thickness 1.25 mm, Location -12.5 mm",
        "Window 40 / 400",
    ]


def test_WADO_95_of_resonance_it_is_the_times() -> None:
    assert technique(RepetitionTime=500, EchoTime=15) == ["TR 500 ms, TE 15 ms"]


def test_nothing_known_is_nothing_said() -> None:
    assert technique() == []


def group(frame_time: str, current: float) -> Dataset:
    return item(
        FrameContentSequence=[item(FrameAcquisitionDateTime=frame_time)],
        CTExposureSequence=[item(XRayTubeCurrentInmA=current, ExposureInmAs=current / 2)],
        FrameVOILUTSequence=[item(WindowCenter=current, WindowWidth=100)],
    )


def test_WADO_95_a_frame_has_its_own_technique() -> None:
    elements = {
        "NumberOfFrames": 2,
        "SharedFunctionalGroupsSequence": [
            item(
                CTXRayDetailsSequence=[item(KVP=100)],
                PixelMeasuresSequence=[item(SliceThickness=2)],
                MRTimingAndRelatedParametersSequence=[item(RepetitionTime=7)],
                MREchoSequence=[item(EffectiveEchoTime=3.5)],
            )
        ],
        "PerFrameFunctionalGroupsSequence": [group("20240131101530.250", 80), group("20240131101531+0100", 90)],
    }
    assert technique(2, **elements) == [
        "2024-01-31 10:15:31",
        "100 kV, 90 mA, 45 mAs",
        "TR 7 ms, TE 3.5 ms",
        "Thickness 2 mm",
        "Frame 2 of 2",
        "Window 90 / 100",
    ]
    assert technique(1, **elements)[1] == "100 kV, 80 mA, 40 mAs"


MOMENTS = {
    "AcquisitionDateTime": ("20240101010101", "2024-01-01 01:01:01"),
    "AcquisitionDate": ("20240102", "2024-01-02"),
    "ContentDate": ("20240103", "2024-01-03"),
    "SeriesDate": ("20240104", "2024-01-04"),
    "StudyDate": ("20240105", "2024-01-05"),
}


@pytest.mark.parametrize("first", range(len(MOMENTS)))
def test_WADO_95_the_moment_is_the_one_nearest_to_the_acquisition(first: int) -> None:
    known = list(MOMENTS.items())[first:]
    assert technique(**{keyword: value for keyword, (value, _) in known}) == [known[0][1][1]]


def test_WADO_95_the_window_is_the_one_that_is_seen() -> None:
    window = Window(50, 80.5, VoiLutFunction.SIGMOID)
    elements = {"WindowCenter": [40, -600], "WindowWidth": [400, 1600]}
    assert technique(**elements) == ["Window 40 / 400"]
    assert technique(window=window, **elements) == ["Window 50 / 80.5"]


def test_WADO_95_there_is_no_window_of_tables_and_colors() -> None:
    table = lut(RAMPS[0], 0, 8)
    assert technique(VOILUTSequence=[table], WindowCenter=40, WindowWidth=400) == []
    assert technique(window=Window(40, 400), **palette(RAMPS, 8)) == []


@given(DATA_SETS, st.integers(1, 3))
def test_attributes_without_sense_are_left_out(data_set: DataSet, number: int) -> None:
    """But for tables that make no sense, with which there is no image to write on."""
    given = attributes(data_set | {key: {"vr": "DS", "Value": ["x" * 9]} for key in ("00180060", "00100030")})
    assert patient_lines(given) == [f"born {'x' * 9}"]
    assert all(technique_lines(given, number))
    with suppress(NotRenderable):
        gray = {"00280004": {"vr": "CS", "Value": ["MONOCHROME2"]}}
        assert all(technique_lines(attributes(data_set | gray), number))
