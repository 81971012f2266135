"""Which images, and which frames of them, something is said of: PS3.3 Section C.11.11 and Table 10-3."""

from dataclasses import dataclass

from archive.dicom.rendering.attributes import Attributes

REFERENCED_SERIES_SEQUENCE, REFERENCED_IMAGE_SEQUENCE = "00081115", "00081140"
REFERENCED_SOP_INSTANCE_UID, REFERENCED_FRAME_NUMBER = "00081155", "00081160"
STUDY_INSTANCE_UID, SERIES_INSTANCE_UID = "0020000D", "0020000E"


@dataclass(frozen=True, slots=True)
class Reference:
    """An image of the presentation state's study; `frames`, counted from 1, is empty where all are meant."""

    study: str
    series: str
    instance: str
    frames: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame of an image, counted from 1."""

    instance: str
    number: int = 1


def relationship(attributes: Attributes) -> tuple[Reference, ...]:
    """What a presentation state is for: the Presentation State Relationship Module."""
    study = attributes.plain_text(STUDY_INSTANCE_UID)
    return tuple(
        Reference(study, series.plain_text(SERIES_INSTANCE_UID), image.plain_text(REFERENCED_SOP_INSTANCE_UID), frames)
        for series in attributes.items(REFERENCED_SERIES_SEQUENCE)
        for image in series.items(REFERENCED_IMAGE_SEQUENCE)
        if (frames := _frames(image)) is not None
    )


def applies(item: Attributes, frame: Frame) -> bool:
    """Whether an item of a module is about a frame. One that names no images is about all."""
    return REFERENCED_IMAGE_SEQUENCE not in item or _names(item, frame)


def items_for(attributes: Attributes, key: str, frame: Frame) -> list[Attributes]:
    """The items of a sequence that are about a frame, those that name its image first."""
    items = [item for item in attributes.items(key) if applies(item, frame)]
    return sorted(items, key=lambda item: REFERENCED_IMAGE_SEQUENCE not in item)


def _names(item: Attributes, frame: Frame) -> bool:
    for image in item.items(REFERENCED_IMAGE_SEQUENCE):
        if image.plain_text(REFERENCED_SOP_INSTANCE_UID) == frame.instance:
            frames = _frames(image)
            if frames is not None and (not frames or frame.number in frames):
                return True
    return False


def _frames(image: Attributes) -> tuple[int, ...] | None:
    """Referenced Frame Number; empty where it is absent, None where it has no number that a frame can have."""
    numbers = image.numbers(REFERENCED_FRAME_NUMBER)
    frames = tuple(int(number) for number in numbers if number >= 1 and number.is_integer())
    return None if numbers and not frames else frames
