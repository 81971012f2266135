"""What clients keep of pictures, and what they are told when they have them already (RFC 9110, RFC 9111)."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pydicom.uid import generate_uid

from archive.dicom.rendering import pictures
from archive.models import Instance
from archive.selectors.rendered import FramePicture, Picture
from tests.dicomweb.pictures import GIF, JPEG, PNG, WEBP, cine, get, image, patches, related, wedge

pytestmark = pytest.mark.django_db


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What has been looked at to be made into pictures, or for pictures that were kept."""
    parts: list[str] = []
    encoded, seen = Picture.encoded, FramePicture.seen

    def counted(method: Callable[..., Any]) -> Callable[..., Any]:
        def call(picture: Picture, *arguments: Any) -> Any:
            parts.append(picture.part)
            return method(picture, *arguments)

        return call

    monkeypatch.setattr(Picture, "encoded", counted(encoded))
    monkeypatch.setattr(FramePicture, "seen", counted(seen))
    return parts


def paths() -> Iterator[tuple[str, str]]:
    """Of every kind of answer, with what it is asked for as."""
    file, animation = image(wedge()), cine([10, 100])
    for below in ("rendered", "frames/1/rendered", "thumbnail", "frames/1/thumbnail"):
        yield f"{file.path}/{below}", JPEG
    yield f"{animation.path}/rendered", GIF
    yield f"{animation.path}/rendered", related(PNG)
    for path in (file.study_path, file.series_path):
        yield f"{path}/rendered", related(JPEG)
        yield f"{path}/thumbnail", JPEG


def test_WADO_120_what_the_client_has_is_304_and_not_made_again(archive, made):
    for path, accept in paths():
        tag = get(archive, path, accept)["ETag"]
        assert made
        made.clear()
        response = get(archive, path, accept, {"if-none-match": f'"other", {tag}'})

        assert (response.status_code, response.getvalue()) == (304, b"")
        assert response["ETag"] == tag
        assert response["Cache-Control"] == "private, no-cache"
        assert made == []


def test_WADO_122_head_has_the_headers_of_get_and_makes_nothing(archive, made):
    for path, accept in paths():
        got = get(archive, path, accept)
        assert made
        made.clear()
        head = archive.head(path, headers={"accept": accept})

        assert (head.status_code, head.getvalue()) == (200, b"")
        assert head["Content-Type"].partition("boundary")[0] == got["Content-Type"].partition("boundary")[0]
        for name in ("ETag", "Cache-Control", "Vary", "Content-Security-Policy"):
            assert head[name] == got[name]
        assert made == []


def test_WADO_121_each_representation_has_a_tag_of_its_own(archive):
    file, other = cine([10, 100]), image(patches())
    asked: list[tuple[str, str, dict[str, str]]] = [
        (f"{file.path}/rendered", GIF, {}),
        (f"{file.path}/rendered", related(PNG), {}),
        (f"{file.path}/rendered", related(JPEG), {}),
        (f"{file.path}/frames/1/rendered", PNG, {}),
        (f"{file.path}/frames/2/rendered", PNG, {}),
        (f"{file.path}/frames/1,2/rendered", GIF, {}),
        (f"{file.path}/frames/2,1/rendered", GIF, {}),
        *((f"{other.path}/rendered", media_type, {}) for media_type in (JPEG, PNG, GIF, WEBP)),
        (f"{other.path}/rendered", JPEG, {"quality": "20"}),
        (f"{other.path}/rendered", JPEG, {"viewport": "8,8"}),
        (f"{other.path}/rendered", JPEG, {"viewport": "8,8,,,-32"}),
        (f"{other.path}/rendered", JPEG, {"window": "1,2,linear"}),
        (f"{other.path}/rendered", JPEG, {"window": "1,2,sigmoid"}),
        (f"{other.path}/rendered", JPEG, {"annotation": "patient"}),
        (f"{other.path}/rendered", JPEG, {"annotation": "technique"}),
        (f"{other.path}/rendered", JPEG, {"iccprofile": "yes"}),
        (f"{other.path}/thumbnail", JPEG, {"viewport": "9,9"}),
        (f"{other.path}/thumbnail", JPEG, {}),
    ]  # fmt: skip

    tags = [get(archive, path, accept, **query)["ETag"] for path, accept, query in asked]

    assert len(set(tags)) == len(asked)


def test_WADO_121_the_same_again_has_the_same_tag(archive):
    for path, accept in paths():
        assert get(archive, path, accept)["ETag"] == get(archive, path, accept)["ETag"]


@pytest.mark.parametrize("below", ["rendered", "thumbnail"])
def test_WADO_121_a_study_has_another_tag_once_there_is_more_in_it(archive, below):
    file = image(wedge())
    before = get(archive, f"{file.study_path}/{below}", None)["ETag"]

    image(patches(), StudyInstanceUID=file.study, SeriesInstanceUID=generate_uid(), SeriesNumber=0)

    assert get(archive, f"{file.study_path}/{below}", None)["ETag"] != before


def test_WADO_121_a_picture_is_kept_by_what_it_was_asked_for_as(archive):
    for path, accept in paths():
        assert "Accept" in get(archive, path, accept)["Vary"].split(", ")


# -- for how long ----------------------------------------------------------------


def test_a_picture_whose_url_says_of_which_bytes_it_is_is_kept_for_ever(archive):
    file = image(wedge())
    version = pictures.version(Instance.objects.get().sha256)

    for below in ("rendered", "frames/1/rendered", "thumbnail", "frames/1/thumbnail"):
        response = get(archive, f"{file.path}/{below}", JPEG, v=version)
        assert response["Cache-Control"] == "private, max-age=31536000, immutable"


@pytest.mark.parametrize("version", ["", "1", "0-0123456789abcdef"])
def test_a_picture_of_other_bytes_is_asked_for_anew(archive, version):
    file = image(wedge())

    for below in ("rendered", "thumbnail"):
        assert get(archive, f"{file.path}/{below}", JPEG, v=version)["Cache-Control"] == "private, no-cache"


def test_pictures_of_several_instances_are_asked_for_anew(archive):
    file = image(wedge())
    version = pictures.version(Instance.objects.get().sha256)

    response = get(archive, f"{file.study_path}/rendered", related(JPEG), v=version)

    assert response["Cache-Control"] == "private, no-cache"


def test_nobody_but_the_client_may_keep_a_picture(archive):
    for path, accept in paths():
        assert get(archive, path, accept)["Cache-Control"].startswith("private")


def test_a_picture_is_not_compressed_on_the_way(archive):
    response = get(archive, f"{image(wedge(200, 200)).path}/rendered", PNG, {"accept-encoding": "gzip"})

    assert "Content-Encoding" not in response


def test_a_picture_is_given_whole_whatever_range_is_asked_for(archive):
    """Its tag is weak: another release of a codec may make other bytes."""
    response = get(archive, f"{image(wedge()).path}/rendered", PNG, {"range": "bytes=0-9"})

    assert response.status_code == 200
    assert response["ETag"].startswith("W/")
