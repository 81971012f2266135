"""Whatever is in a data set, there is a report of it, and it can be written."""

from typing import Any
from xml.etree.ElementTree import fromstring

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from archive.dicom.rendering.attributes import Attributes
from archive.dicom.rendering.reports.documents import report
from archive.dicom.rendering.reports.pages import html, xml
from archive.dicom.rendering.reports.plain_text import text
from tests.archive.dicom.models import VALUES, inline
from tests.archive.dicom.rendering.reports.test_pages import KNOWN_TAGS, link, outline

#: What a report is made of.
KEYS = [
    *("00080005", "00080016", "00100010", "00080020", "00080100", "00080104", "00081115", "00081150", "00081155"),
    *("00081160", "00081199", "0020000D", "004008EA", "0040A010", "0040A030", "0040A032", "0040A040", "0040A043"),
    *("0040A050", "0040A073", "0040A0B0", "0040A120", "0040A123", "0040A130", "0040A132", "0040A138", "0040A160"),
    *("0040A161", "0040A162", "0040A168", "0040A300", "0040A301", "0040A30A", "0040A360", "0040A375", "0040A730"),
    *("0040A801", "0040A804", "0040A805", "0040A806", "0040A807", "0040A808", "0040DB73", "0062000B", "00700022"),
    *("00700023", "0072006F", "00720074", "00720080"),
]
TERMS = st.sampled_from(
    ["CONTAINER", "TEXT", "NUM", "CODE", "TABLE", "IMAGE", "SCOORD", "SCOORD3D", "TCOORD", "CONTINUOUS", "CONTAINS"]
)


def element(vr: str, values: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.lists(st.none() | values, max_size=3).map(
        lambda found: {"vr": vr, "Value": found} if found else {"vr": vr}
    )


ELEMENTS = st.one_of(
    element("CS", TERMS),
    element("UT", st.text(max_size=12)),
    *(element(vr, values) for vr, values in VALUES.items()),
    st.binary(max_size=12).map(lambda data: inline("UN", data)),
    st.sampled_from(["UT", "UN", "FL", "FD", "OW", "UL", "DS"]).map(lambda vr: {"vr": vr, "BulkDataURI": "https://a"}),
)
DATA_SETS = st.recursive(
    st.dictionaries(st.sampled_from(KEYS), ELEMENTS, max_size=4),
    lambda inner: st.dictionaries(st.sampled_from(KEYS), ELEMENTS | element("SQ", inner), max_size=6),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(DATA_SETS, st.binary(max_size=20))
@example({key: {"vr": "UT", "Value": ["\x1b"]} for key in ("0040A010", "0040A040")}, b"")
def test_there_is_a_report_of_every_data_set_and_it_can_be_written(data_set, bulk):
    found = report(Attributes(data_set, lambda path: bulk))
    page = fromstring(xml(found, link))
    assert set(outline(html(found, link)).tags) <= KNOWN_TAGS
    assert page.tag.endswith("html")
    assert found.title in text(found)
