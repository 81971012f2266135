"""The parameters of rendered images and thumbnails (PS3.18 Section 8.3.5), and those of the URI Service (Section 9.5).

What is none of a service's parameters is ignored (NEG-19).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NoReturn

from archive.dicom.errors import UnusableWindow
from archive.dicom.matching.numbers import number
from archive.dicom.rendering.pictures import ANNOTATIONS
from archive.dicom.rendering.viewport import WHOLE, Region, RelativeRegion, Viewport
from archive.dicom.rendering.voi_lut import VoiLutFunction, Window
from archive.dicom.uids import is_tolerable_uid

Query = Mapping[str, Sequence[str]]

#: The shapes of PS3.18 Section 8.3.5.1.4.
WINDOW_FUNCTIONS = {
    "linear": VoiLutFunction.LINEAR,
    "linear-exact": VoiLutFunction.LINEAR_EXACT,
    "sigmoid": VoiLutFunction.SIGMOID,
}

ICC_PROFILES = ("no", "yes", "srgb", "adobergb", "rommrgb")
#: The 2017 edition of the URI Service calls it `annotation`.
URI_ANNOTATION = ("imageAnnotation", "annotation")

_WHOLE = re.compile(r"[0-9]{1,9}")
_KEYWORD = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}")
_MOST_KEYWORDS = 16
_VIEWPORT, _SOURCE_REGION = 2, 4


class MalformedRendering(ValueError):
    """A parameter of rendering has a value that it cannot have. The message does not repeat it."""


@dataclass(frozen=True, slots=True)
class RenderingParameters:
    """How images are to be rendered; None is for what the client leaves to the archive.

    Args:
        annotation: those of `ANNOTATIONS` that are asked for.
        unsupported_annotation: keywords besides them, to be warned of (WADO-95).
        icc_profile: one of `ICC_PROFILES`.
    """

    viewport: Viewport = WHOLE
    window: Window | None = None
    quality: int | None = None
    annotation: tuple[str, ...] = ()
    unsupported_annotation: tuple[str, ...] = ()
    icc_profile: str | None = None

    def check_profile(self, *, can_embed: bool) -> None:
        """Refuse an ICC profile for a media type that cannot have one (WADO-96)."""
        if self.icc_profile not in {None, "no"} and not can_embed:
            raise MalformedRendering("The media type has no room for the ICC profile that iccprofile asks for.")

    def check_presentation_state(self) -> None:
        """Refuse what a presentation state says itself, when it is what is rendered (WADO-92, WADO-97)."""
        if self.window is not None:
            raise MalformedRendering("A presentation state has its own windows: there is no window parameter for it.")
        if self.viewport.region is not None:
            raise MalformedRendering("A presentation state has its own displayed area: a viewport has no region of it.")


@dataclass(frozen=True, slots=True)
class PresentationState:
    """Where the study has it."""

    series: str
    instance: str


@dataclass(frozen=True, slots=True)
class UriRendering:
    """What the query of the URI Service says of a rendered image.

    Args:
        frame: None for a single-frame image, or the whole of another.
    """

    parameters: RenderingParameters
    frame: int | None = None
    presentation_state: PresentationState | None = None


# -- rendered and thumbnail resources --------------------------------------------


def rendered(query: Query) -> RenderingParameters:
    """The parameters of `/rendered` (Section 8.3.5.1).

    Raises:
        MalformedRendering: one of them is repeated, or malformed (WADO-88 to WADO-96).
    """
    annotation, unsupported = _annotation(query, "annotation")
    return RenderingParameters(
        viewport=_viewport(query),
        window=_window(query),
        quality=_quality(query, "quality"),
        annotation=annotation,
        unsupported_annotation=unsupported,
        icc_profile=_icc_profile(query),
    )


def thumbnail(query: Query) -> Viewport:
    """The one parameter of `/thumbnail` (Section 8.3.5.2).

    Raises:
        MalformedRendering: it is repeated, malformed, or has a source region (WADO-92, WADO-112).
    """
    viewport = _viewport(query)
    if viewport.region is not None:
        raise MalformedRendering("The viewport of a thumbnail is a width and a height.")
    return viewport


def _viewport(query: Query) -> Viewport:
    """`vw,vh,sx,sy,sw,sh`: of the last four, each may be empty or, with its comma, not there."""
    text = _only(query, "viewport")
    if text is None:
        return WHOLE
    values = text.split(",")
    if not _VIEWPORT <= len(values) <= _VIEWPORT + _SOURCE_REGION:
        _refuse("viewport", "two to six numbers separated by commas")
    width, height = (_positive("viewport", value) for value in values[:_VIEWPORT])
    region = [_decimal("viewport", value) if value else None for value in values[_VIEWPORT:]]
    if not any(value is not None for value in region):
        return Viewport(width, height)
    left, top, across, down = region + [None] * (_SOURCE_REGION - len(region))
    if 0 in {across, down}:
        raise MalformedRendering("The source region of the viewport is empty.")
    return Viewport(width, height, Region(left or 0, top or 0, across, down))


def _window(query: Query) -> Window | None:
    text = _only(query, "window")
    if text is None:
        return None
    center, width, function = [*text.split(","), "", ""][:3]
    if text.count(",") != 2 or function not in WINDOW_FUNCTIONS:
        _refuse("window", "a center, a width, and linear, linear-exact or sigmoid")
    return _checked_window(_decimal("window", center), _decimal("window", width), WINDOW_FUNCTIONS[function])


def _icc_profile(query: Query) -> str | None:
    name = _only(query, "iccprofile")
    if name is not None and name not in ICC_PROFILES:
        _refuse("iccprofile", f"one of {', '.join(ICC_PROFILES)}")
    return name


# -- the URI Service -------------------------------------------------------------


def uri(query: Query) -> UriRendering:
    """The parameters of a rendered image of the URI Service (Section 9.5, OTH-16).

    Raises:
        MalformedRendering: one of them is repeated, malformed, without the one that it needs, or with one that excludes
            it.
    """
    annotation, unsupported = _annotation(query, *URI_ANNOTATION)
    parameters = RenderingParameters(
        viewport=Viewport(_optional(query, "columns"), _optional(query, "rows"), _region(query)),
        window=_center_and_width(query),
        quality=_quality(query, "imageQuality"),
        annotation=annotation,
        unsupported_annotation=unsupported,
    )
    presentation_state = _presentation_state(query)
    if presentation_state is not None:
        parameters.check_presentation_state()
    return UriRendering(parameters, _optional(query, "frameNumber"), presentation_state)


def _optional(query: Query, name: str) -> int | None:
    text = _only(query, name)
    return None if text is None else _positive(name, text)


def _region(query: Query) -> RelativeRegion | None:
    text = _only(query, "region")
    if text is None:
        return None
    edges = [_decimal("region", value) for value in text.split(",")]
    if len(edges) != 4 or not (0 <= edges[0] < edges[2] <= 1 and 0 <= edges[1] < edges[3] <= 1):
        _refuse("region", "xmin,ymin,xmax,ymax, from 0 to 1, each minimum less than its maximum")
    return RelativeRegion(*edges)


def _center_and_width(query: Query) -> Window | None:
    both = _together(query, "windowCenter", "windowWidth")
    if both is None:
        return None
    center, width = (_decimal(name, text) for name, text in zip(("windowCenter", "windowWidth"), both, strict=True))
    return _checked_window(center, width, VoiLutFunction.LINEAR)


def _presentation_state(query: Query) -> PresentationState | None:
    both = _together(query, "presentationSeriesUID", "presentationUID")
    if both is None:
        return None
    if not all(map(is_tolerable_uid, both)):
        raise MalformedRendering("The presentationSeriesUID and the presentationUID are UIDs.")
    return PresentationState(*both)


def _together(query: Query, name: str, other: str) -> tuple[str, str] | None:
    value, other_value = _only(query, name), _only(query, other)
    if value is None and other_value is None:
        return None
    if value is None or other_value is None:
        raise MalformedRendering(f"The {name} and {other} parameters are there together or not at all.")
    return value, other_value


# -- what both have --------------------------------------------------------------


def _only(query: Query, *names: str) -> str | None:
    """The one value of a parameter, by whichever name; None where it is not there."""
    values = [value for name in names for value in query.get(name, ())]
    if len(values) > 1:
        raise MalformedRendering(f"The query gives {names[0]} more than once.")
    return values[0] if values else None


def _annotation(query: Query, *names: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The keywords that are supported, and the others."""
    text = _only(query, *names)
    if text is None:
        return (), ()
    keywords = dict.fromkeys(text.split(","))
    if len(keywords) > _MOST_KEYWORDS or not all(map(_KEYWORD.fullmatch, keywords)):
        _refuse(names[0], "keywords separated by commas")
    supported = tuple(keyword for keyword in keywords if keyword in ANNOTATIONS)
    return supported, tuple(keyword for keyword in keywords if keyword not in ANNOTATIONS)


def _quality(query: Query, name: str) -> int | None:
    text = _only(query, name)
    if text is None:
        return None
    if not _WHOLE.fullmatch(text) or not 1 <= int(text) <= 100:
        _refuse(name, "a whole number from 1 to 100")
    return int(text)


def _positive(name: str, text: str) -> int:
    if not _WHOLE.fullmatch(text) or int(text) == 0:
        _refuse(name, "a whole number, 1 or more")
    return int(text)


def _decimal(name: str, text: str) -> float:
    value = number(text)
    if value is None:
        _refuse(name, "a decimal number")
    return value


def _checked_window(center: float, width: float, function: VoiLutFunction) -> Window:
    try:
        return Window(center, width, function)
    except UnusableWindow as error:
        raise MalformedRendering("The width of a window is above 0, and of a linear one at least 1.") from error


def _refuse(name: str, expected: str) -> NoReturn:
    raise MalformedRendering(f"The {name} parameter is not as it should be: {expected}.")
