"""Softcopy presentation states (PS3.3 Section A.33): what they are for, and which kinds of them are rendered."""

import re
from dataclasses import dataclass, replace
from typing import Self

from archive.dicom.dicom_json import DataSet
from archive.dicom.errors import NotRenderable
from archive.dicom.rendering.attributes import Attributes
from archive.dicom.rendering.presentation.mask import Subtraction
from archive.dicom.rendering.presentation.references import Reference, relationship

SOP_CLASS_UID, SOP_INSTANCE_UID, NUMBER_OF_FRAMES = "00080016", "00080018", "00280008"
GRAPHIC_ANNOTATION_SEQUENCE, TEXT_OBJECT_SEQUENCE = "00700001", "00700008"
#: In each of the groups that repeat (PS3.3 Section C.11.7).
_ACTIVATION_LAYER = re.compile("60[01][0-9A-F]1001")

_STORAGE = "1.2.840.10008.5.1.4.1.1."
_GRAYSCALE, _COLOR, _PSEUDO_COLOR = (f"{_STORAGE}11.{number}" for number in (1, 2, 3))
RENDERED = frozenset({_GRAYSCALE, _COLOR, _PSEUDO_COLOR})
#: PS3.4 Table B.5-1: those above, blending, XA/XRF, volumetric, advanced blending, variable Modality LUT; Basic
#: Structured Display.
PRESENTATION_STATES = frozenset({*(f"{_STORAGE}11.{number}" for number in range(1, 13)), f"{_STORAGE}131"})


@dataclass(frozen=True, slots=True)
class PresentationState:
    """How some images are shown, as it was recorded. `attributes` are those of its data set."""

    attributes: Attributes
    references: tuple[Reference, ...]

    @property
    def is_color(self) -> bool:
        """Whether it is for images in color."""
        return self.attributes.plain_text(SOP_CLASS_UID) == _COLOR

    @property
    def is_pseudo_color(self) -> bool:
        """Whether it makes colors of gray."""
        return self.attributes.plain_text(SOP_CLASS_UID) == _PSEUDO_COLOR

    @classmethod
    def of(cls, attributes: Attributes) -> Self:
        """The presentation state of a data set.

        Raises:
            NotRenderable: it is of a kind that is not rendered.
        """
        sop_class = attributes.plain_text(SOP_CLASS_UID)
        if sop_class not in RENDERED:
            raise NotRenderable(
                f"Presentation states of SOP Class {sop_class} are not rendered, but Grayscale, Color and Pseudo-Color "
                "Softcopy Presentation States."
            )
        return cls(attributes, relationship(attributes))

    def applies(self, instance: str, number: int) -> bool:
        """Whether it is for a frame of an image."""
        return any(
            reference.instance == instance and (not reference.frames or number in reference.frames)
            for reference in self.references
        )

    def without_words(self) -> Self:
        """The same, but for its texts, and for overlays, which may have words in them."""
        data_set = self.attributes.data_set
        kept = {key: element for key, element in data_set.items() if not _ACTIVATION_LAYER.fullmatch(key)}
        if annotations := kept.get(GRAPHIC_ANNOTATION_SEQUENCE):
            items = [_without_texts(item or {}) for item in annotations.get("Value", ())]
            kept[GRAPHIC_ANNOTATION_SEQUENCE] = annotations | {"Value": items}
        return replace(self, attributes=replace(self.attributes, data_set=kept))

    def others(self, image: Attributes, number: int) -> frozenset[int]:
        """The frames of an image that have to be at hand to show one: those that are subtracted from it or averaged.

        Raises:
            NotRenderable: the image has not all of them.
        """
        subtraction = self.subtraction(image, number)
        return subtraction.frames - {number} if subtraction else frozenset()

    def subtraction(self, image: Attributes, number: int) -> Subtraction | None:
        """What is subtracted from a frame of an image; errors as those of `others`."""
        return Subtraction.of(self.attributes, number, image.integer(NUMBER_OF_FRAMES) or 1)


def _without_texts(item: DataSet) -> DataSet:
    return {key: element for key, element in item.items() if key != TEXT_OBJECT_SEQUENCE}


def is_presentation_state(sop_class_uid: str) -> bool:
    """Whether it is one of the storage classes of presentation states, rendered or not (WADO-98)."""
    return sop_class_uid in PRESENTATION_STATES
