"""The parameters of rendered images and thumbnails (PS3.18 Section 8.3.5), and those of the URI Service."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.dicom.rendering.viewport import WHOLE, Region, RelativeRegion, Viewport
from dicomweb.http.rendering_parameters import (
    MalformedRendering,
    PresentationState,
    RenderingParameters,
    Window,
    rendered,
    thumbnail,
    uri,
)


def one(name: str, value: str) -> RenderingParameters:
    return rendered({name: [value]})


def refused(read, query: dict[str, list[str]]) -> str:
    with pytest.raises(MalformedRendering) as problem:
        read(query)
    return str(problem.value)


def test_without_parameters_the_archive_decides():
    assert rendered({}) == RenderingParameters(WHOLE, None, None, (), (), None)
    assert thumbnail({}) == WHOLE


def test_NEG_19_other_parameters_are_ignored():
    assert rendered({"accept": ["image/png"], "Window": ["?"], "charset": ["x", "y"], "rows": ["-"]}) == rendered({})
    assert uri({"requestType": ["WADO"], "viewport": ["?"], "window": ["?"]}) == uri({})


# -- rendered --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "window"),
    [
        ("40,400,linear", Window(40, 400, "LINEAR")),
        ("-0.5,1e3,linear-exact", Window(-0.5, 1000, "LINEAR_EXACT")),
        ("+40,.5,sigmoid", Window(40, 0.5, "SIGMOID")),
        ("0,1,linear", Window(0, 1, "LINEAR")),
    ],
)
def test_WADO_88_a_window_is_a_center_a_width_and_a_function(text: str, window: Window):
    assert one("window", text).window == window


@pytest.mark.parametrize(
    "text",
    [
        *("", ",", "40", "40,400", "40,400,", "40,400,linear,", ",400,linear", "40,,linear", "40,400,LINEAR"),
        *("40,400,linear_exact", "40,400,gamma", "nan,400,linear", "40,inf,linear", "40,1e999,linear", "0x10,1,linear"),
        *("40,0,linear", "40,-1,sigmoid", "40,0,linear-exact", "40,0.5,linear", "40, 400,linear", "４０,400,linear"),
    ],
)
def test_WADO_88_a_window_that_is_none_is_refused(text: str):
    assert "window" in refused(rendered, {"window": [text]})


def test_WADO_89_a_viewport_is_a_width_and_a_height():
    assert one("viewport", "256,128").viewport == Viewport(256, 128)


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("512,512,10,20,30,40", Region(10, 20, 30, 40)),
        ("512,512,10.5,.5,30.25,4e1", Region(10.5, 0.5, 30.25, 40)),
        ("512,512,,,30,40", Region(0, 0, 30, 40)),
        ("512,512,10", Region(10, 0)),
        ("512,512,,20", Region(0, 20)),
        ("512,512,10,20,30", Region(10, 20, 30)),
        ("512,512,10,20,,40", Region(10, 20, None, 40)),
        ("512,512,10,,,", Region(10)),
        ("512,512,,,,", None),
    ],
)
def test_WADO_90_the_values_of_a_source_region_may_be_left_out(text: str, region: Region | None):
    assert one("viewport", text).viewport == Viewport(512, 512, region)


def test_WADO_91_a_negative_size_of_the_source_region_flips():
    assert one("viewport", "512,512,,,-30,-40").viewport.region == Region(0, 0, -30, -40)


@pytest.mark.parametrize(
    "text",
    [
        *("", ",", "512", "512,", ",512", ",,1,1,1,1", "0,512", "512,0", "-512,512", "512.5,512", "1e2,512", "512;512"),
        *("512,512,1,1,0,1", "512,512,1,1,1,0", "512,512,a", "512,512,1,1,nan", "512,512,1,1,1,inf", "512 ,512"),
        *("512,512,1,1,1,1,1", "512,512,1,1,1,1,", "99999999999,1", "512,512,1,1,1,1e999", "五,512", "²,512"),
    ],
)
def test_WADO_92_a_viewport_that_is_none_is_refused(text: str):
    assert "viewport" in refused(rendered, {"viewport": [text]})
    assert "viewport" in refused(thumbnail, {"viewport": [text]})


def test_WADO_92_WADO_97_a_presentation_state_has_windows_and_a_displayed_area_of_its_own():
    one("viewport", "512,512").check_presentation_state()
    with pytest.raises(MalformedRendering, match="region"):
        one("viewport", "512,512,1").check_presentation_state()
    with pytest.raises(MalformedRendering, match="window"):
        one("window", "40,400,linear").check_presentation_state()


@pytest.mark.parametrize("quality", [1, 50, 100])
def test_WADO_94_quality_is_from_1_to_100(quality: int):
    assert one("quality", str(quality)).quality == quality


@pytest.mark.parametrize("text", ["", "0", "101", "50.0", "-1", "+5", "9" * 5000, "high", "٥٠"])
def test_WADO_94_another_quality_is_refused(text: str):
    assert "quality" in refused(rendered, {"quality": [text]})
    assert "imageQuality" in refused(uri, {"imageQuality": [text]})


@pytest.mark.parametrize(
    ("text", "supported", "unsupported"),
    [
        ("patient", ("patient",), ()),
        ("technique,patient", ("technique", "patient"), ()),
        ("patient,patient", ("patient",), ()),
        ("patient,dose,x-ours", ("patient",), ("dose", "x-ours")),
        ("Patient", (), ("Patient",)),
    ],
)
def test_WADO_95_annotations_are_keywords_some_of_which_are_supported(
    text: str, supported: tuple[str, ...], unsupported: tuple[str, ...]
):
    parameters = one("annotation", text)

    assert (parameters.annotation, parameters.unsupported_annotation) == (supported, unsupported)


@pytest.mark.parametrize(
    "text", ["", ",", "patient,", "patient,,technique", 'a"b', "a b", "patient\r\nX: y", "1", "a" * 65, "é"]
)
def test_WADO_95_what_is_no_keyword_is_refused(text: str):
    assert "annotation" in refused(rendered, {"annotation": [text]}).lower()
    assert "annotation" in refused(uri, {"annotation": [text]}).lower()


def test_WADO_95_so_many_keywords_are_refused():
    assert "annotation" in refused(rendered, {"annotation": [",".join(f"k{number}" for number in range(17))]})


@pytest.mark.parametrize("name", ["no", "yes", "srgb", "adobergb", "rommrgb"])
def test_WADO_96_icc_profiles_are_asked_for_by_name(name: str):
    assert one("iccprofile", name).icc_profile == name


@pytest.mark.parametrize("text", ["", "sRGB", "p3", "yes,no", "true"])
def test_WADO_96_another_icc_profile_is_refused(text: str):
    assert "iccprofile" in refused(rendered, {"iccprofile": [text]})


def test_WADO_96_a_profile_needs_a_type_that_can_have_one():
    one("iccprofile", "srgb").check_profile(can_embed=True)
    one("iccprofile", "no").check_profile(can_embed=False)
    rendered({}).check_profile(can_embed=False)
    with pytest.raises(MalformedRendering):
        one("iccprofile", "yes").check_profile(can_embed=False)


@pytest.mark.parametrize("name", ["window", "viewport", "quality", "annotation", "iccprofile"])
def test_a_parameter_that_is_repeated_is_refused(name: str):
    assert "more than once" in refused(rendered, {name: ["1", "1"]})


# -- thumbnails ------------------------------------------------------------------


def test_WADO_112_the_viewport_of_a_thumbnail_has_no_source_region():
    assert thumbnail({"viewport": ["128,128"]}) == Viewport(128, 128)
    assert "thumbnail" in refused(thumbnail, {"viewport": ["128,128,1,1,10,10"]})


def test_WADO_111_nothing_else_changes_a_thumbnail():
    assert thumbnail({"annotation": ["patient"], "window": ["?"], "quality": ["0"]}) == WHOLE


# -- the URI Service -------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "viewport"),
    [
        ({}, WHOLE),
        ({"rows": ["100"]}, Viewport(None, 100)),
        ({"columns": ["200"]}, Viewport(200, None)),
        ({"rows": ["100"], "columns": ["200"]}, Viewport(200, 100)),
        ({"region": ["0,0.25,0.5,1"]}, Viewport(region=RelativeRegion(0, 0.25, 0.5, 1))),
        ({"region": ["0,0,1,1.0"], "rows": ["8"]}, Viewport(None, 8, RelativeRegion(0, 0, 1, 1))),
    ],
)
def test_OTH_16_rows_columns_and_a_region_are_a_viewport(query: dict[str, list[str]], viewport: Viewport):
    assert uri(query).parameters.viewport == viewport


def test_OTH_16_a_window_is_linear():
    assert uri({"windowCenter": ["40"], "windowWidth": ["400.5"]}).parameters.window == Window(40, 400.5, "LINEAR")


def test_OTH_16_quality_annotation_and_frame():
    asked = uri({"imageQuality": ["70"], "imageAnnotation": ["patient,dose"], "frameNumber": ["3"]})

    assert asked.parameters == RenderingParameters(
        quality=70, annotation=("patient",), unsupported_annotation=("dose",)
    )
    assert asked.frame == 3
    assert uri({"annotation": ["technique"]}).parameters.annotation == ("technique",)


def test_OTH_16_a_presentation_state_is_named_with_its_series():
    asked = uri({"presentationSeriesUID": ["1.2"], "presentationUID": ["1.3"], "rows": ["100"]})

    assert asked.presentation_state == PresentationState(series="1.2", instance="1.3")
    assert uri({}).presentation_state is None


STATE = {"presentationSeriesUID": ["1.2"], "presentationUID": ["1.3"]}


@pytest.mark.parametrize(
    "query",
    [
        pytest.param({"rows": ["0"]}, id="no-rows"),
        pytest.param({"columns": ["x"]}, id="columns-that-are-no-number"),
        pytest.param({"columns": ["8", "8"]}, id="columns-twice"),
        pytest.param({"frameNumber": ["0"]}, id="frame-0"),
        pytest.param({"frameNumber": ["1,2"]}, id="several-frames"),
        pytest.param({"region": [""]}, id="empty-region"),
        pytest.param({"region": ["0,0,1"]}, id="three-edges"),
        pytest.param({"region": ["0,0,1,1,1"]}, id="five-edges"),
        pytest.param({"region": ["0.5,0,0.5,1"]}, id="region-without-width"),
        pytest.param({"region": ["0,0.6,1,0.5"]}, id="region-upside-down"),
        pytest.param({"region": ["-0.1,0,1,1"]}, id="region-from-outside"),
        pytest.param({"region": ["0,0,1,1.1"]}, id="region-beyond"),
        pytest.param({"region": ["0,0,nan,1"]}, id="region-of-no-number"),
        pytest.param({"windowCenter": ["40"]}, id="center-without-width"),
        pytest.param({"windowWidth": ["40"]}, id="width-without-center"),
        pytest.param({"windowCenter": ["40"], "windowWidth": ["0"]}, id="window-without-width"),
        pytest.param({"windowCenter": [""], "windowWidth": ["9"]}, id="empty-center"),
        pytest.param({"imageAnnotation": ["patient"], "annotation": ["patient"]}, id="annotation-by-both-names"),
        pytest.param({"presentationUID": ["1.2"]}, id="state-without-series"),
        pytest.param({"presentationSeriesUID": ["1.2"]}, id="series-without-state"),
        pytest.param(STATE | {"presentationUID": ["1/2"]}, id="state-that-is-no-uid"),
        pytest.param(STATE | {"windowCenter": ["40"], "windowWidth": ["400"]}, id="state-and-window"),
        pytest.param(STATE | {"region": ["0,0,1,1"]}, id="state-and-region"),
    ],
)
def test_OTH_16_a_query_that_cannot_be_meant_is_refused(query: dict[str, list[str]]):
    refused(uri, query)


# -- any query -------------------------------------------------------------------

RENDERED = ["viewport", "window", "quality", "annotation", "iccprofile"]
URI = ["rows", "columns", "region", "windowCenter", "windowWidth", "imageQuality", "imageAnnotation", "frameNumber"]
names = st.sampled_from([*RENDERED, *URI, *STATE])
pieces = st.one_of(
    st.text(max_size=8), st.floats().map(str), st.integers().map(str), st.sampled_from(["linear", "patient", "1.2", ""])
)
values = st.lists(pieces, max_size=8).map(",".join)


@given(st.dictionaries(names, st.lists(values, max_size=2)))
def test_any_query_is_read_or_refused_without_being_repeated(query: dict[str, list[str]]):
    for read in (rendered, thumbnail, uri):
        message = ""
        try:
            read(query)
        except MalformedRendering as problem:
            message = str(problem)
        assert re.fullmatch(r"[A-Za-z0-9 .,:-]*", message)
