"""The query of WADO-URI (PS3.18 Section 9)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dicomweb.http.wado_parameters import MalformedWado, WadoRequest, parse

UIDS = {"requestType": ["WADO"], "studyUID": ["1.2"], "seriesUID": ["1.3"], "objectUID": ["1.4"]}
JPEG_LS = "1.2.840.10008.1.2.4.80"


def wado(accept: str | None = None, **parameters: list[str]) -> WadoRequest:
    return parse(UIDS | parameters, accept)


def test_OTH_12_the_uids_name_the_instance():
    request = wado()

    assert (request.study, request.series, request.instance) == ("1.2", "1.3", "1.4")


@pytest.mark.parametrize(
    "parameters",
    [
        pytest.param({"requestType": []}, id="OTH-12-no-request-type"),
        pytest.param({"requestType": ["wado"]}, id="OTH-12-another-request-type"),
        pytest.param({"requestType": ["WADO", "WADO"]}, id="OTH-12-request-type-twice"),
        pytest.param({"studyUID": []}, id="OTH-12-no-study"),
        pytest.param({"seriesUID": []}, id="OTH-12-no-series"),
        pytest.param({"objectUID": []}, id="OTH-12-no-object"),
        pytest.param({"objectUID": ["1.2/3"]}, id="NEG-20-no-uid"),
        pytest.param({"objectUID": [""]}, id="NEG-20-empty"),
        pytest.param({"objectUID": ["1.2", "1.3"]}, id="NEG-20-twice"),
        pytest.param({"transferSyntax": ["jpeg"]}, id="OTH-14-no-uid"),
        pytest.param({"transferSyntax": [""]}, id="OTH-14-empty"),
        pytest.param({"transferSyntax": ["1.2.840.10008.1.2.1,1.2.840.10008.1.2.4.80"]}, id="OTH-14-several"),
        pytest.param({"transferSyntax": ["1.2.840.10008.1.2.1"] * 2}, id="OTH-14-twice"),
        pytest.param({"contentType": ["application/dicom; transfer-syntax=1.2"]}, id="OTH-14-syntax-of-media-type"),
        pytest.param({"contentType": ["application/dicom;charset=utf-8"]}, id="OTH-14-charset-of-media-type"),
        pytest.param({"contentType": ["image/jpeg;charset=utf-8"]}, id="OTH-14-charset-of-rendered-type"),
        pytest.param({"contentType": ["application/dicom,image/jpeg"]}, id="NEG-08-both-kinds"),
        pytest.param({"contentType": ["dicom"]}, id="NEG-20-no-media-type"),
        pytest.param({"contentType": ["application/dicom"] * 2}, id="NEG-20-content-type-twice"),
        pytest.param({"anonymize": ["no"]}, id="OTH-15-another-value"),
        pytest.param({"anonymize": [""]}, id="OTH-15-empty"),
        pytest.param({"anonymize": ["yes", "yes"]}, id="OTH-15-twice"),
    ],
)
def test_what_a_parameter_cannot_be_is_refused(parameters):
    with pytest.raises(MalformedWado) as refused:
        wado("*/*", **parameters)

    assert "1.2/3" not in str(refused.value)


@pytest.mark.parametrize(
    ("content_type", "accept", "dicom"),
    [
        pytest.param("application/dicom", None, True, id="OTH-14-content-type"),
        pytest.param("Application/DICOM", "image/jpeg", True, id="the-parameter-before-the-header"),
        pytest.param("image/jpeg", "application/dicom", False, id="rendered"),
        pytest.param("image/png,image/jpeg;q=0.5", None, False, id="rendered-types"),
        pytest.param(None, None, False, id="OTH-13-no-accept"),
        pytest.param(None, "*/*", False, id="OTH-13-anything"),
        pytest.param(None, "application/dicom", True, id="header"),
        pytest.param(None, "application/*", True, id="range"),
        pytest.param(None, "*/*, application/dicom;q=0.5", True, id="header-among-anything"),
        pytest.param(None, "application/dicom;q=0, */*", False, id="excluded"),
        pytest.param(None, "image/*", False, id="images"),
    ],
)
def test_an_object_is_asked_for_by_its_media_type(content_type, accept, dicom):
    assert wado(accept, **({"contentType": [content_type]} if content_type else {})).dicom is dicom


def test_OTH_14_the_transfer_syntax_is_a_parameter_of_the_query():
    assert wado(transferSyntax=[JPEG_LS]).transfer_syntax == JPEG_LS
    assert wado().transfer_syntax is None


def test_OTH_15_anonymize_has_one_value_and_is_for_objects():
    assert wado(anonymize=["yes"], contentType=["application/dicom"]).anonymize
    assert not wado().anonymize
    with pytest.raises(MalformedWado, match="for objects"):
        wado(anonymize=["yes"], contentType=["image/jpeg"])


def test_NEG_19_other_parameters_are_ignored():
    assert wado(rows=["x"], windowCenter=["-"], studyuid=["?"]) == wado()


names = st.sampled_from([*UIDS, "contentType", "transferSyntax", "anonymize", "charset", "rows"])
values = st.one_of(st.text(), st.sampled_from(["WADO", "1.2", "application/dicom", "yes", "*/*"]))


@given(st.dictionaries(names, st.lists(values)), st.none() | values)
def test_any_query_is_read_or_refused(query, accept):
    try:
        request = parse(query, accept)
    except MalformedWado:
        return
    assert request.study
    assert request.instance
