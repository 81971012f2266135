"""Links into the viewer."""

import pytest

from archive.pages.viewer_links import MPR, viewer_url


@pytest.mark.parametrize(
    ("studies", "options", "url"),
    [
        (["1.2"], {}, "/viewer/viewer?StudyInstanceUIDs=1.2"),
        (["1.2", "3.4"], {}, "/viewer/viewer?StudyInstanceUIDs=1.2,3.4"),
        (["1.2"], {"hanging_protocol": MPR}, "/viewer/viewer?StudyInstanceUIDs=1.2&hangingprotocolId=mpr"),
        (["1.2"], {"modalities": ["CT", "SEG"]}, "/viewer/viewer?StudyInstanceUIDs=1.2"),
        (["1.2"], {"modalities": ["SM"]}, "/viewer/microscopy?StudyInstanceUIDs=1.2"),
    ],
)
def test_a_link_names_the_mode_and_the_studies(studies, options, url):
    assert viewer_url(*studies, **options) == url
