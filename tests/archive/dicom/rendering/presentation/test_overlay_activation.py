"""Overlays of the image and of the presentation state, in layers."""

import numpy as np
from pydicom.dataset import Dataset

from tests.archive.dicom.rendering.presentation.states import area, image, layer, presented, state_of
from tests.archive.dicom.rendering.test_overlay_planes import with_overlay

VALUES = np.full((8, 8), 50, np.uint8)
MASK = np.random.default_rng(3).integers(0, 2, (8, 8), np.uint8)


def add_overlay(dataset: Dataset, mask: np.ndarray, group: int = 0x6000, layer_name: str | None = None) -> Dataset:
    for element in with_overlay(mask, group=group).group_dataset(group):
        dataset[element.tag] = element
    return activate(dataset, group, layer_name) if layer_name else dataset


def activate(dataset: Dataset, group: int, layer_name: str) -> Dataset:
    dataset.add_new(group << 16 | 0x1001, "CS", layer_name)
    return dataset


def test_an_overlay_of_the_image_is_shown_where_it_is_activated() -> None:
    target = add_overlay(image(VALUES), MASK)
    layers = [layer("ONE", 1, GraphicLayerRecommendedDisplayGrayscaleValue=0xC000)]
    state = state_of(target, GraphicLayerSequence=layers)
    assert np.array_equal(presented(target, state), VALUES)
    assert np.array_equal(presented(target, activate(state, 0x6000, "ONE")), np.where(MASK, 191, 50))


def test_an_overlay_of_the_presentation_state_is_shown_in_its_layer() -> None:
    target = image(VALUES)
    assert np.array_equal(presented(target, add_overlay(state_of(target), MASK)), VALUES)
    assert np.array_equal(
        presented(target, add_overlay(state_of(target), MASK, 0x6002, "ONE")), np.where(MASK, 255, 50)
    )


def test_an_overlay_of_the_presentation_state_goes_before_that_of_the_image() -> None:
    target = add_overlay(image(VALUES), MASK)
    state = add_overlay(state_of(target), 1 - MASK, 0x6000, "ONE")
    assert np.array_equal(presented(target, state), np.where(MASK, 50, 255))


def test_overlays_lie_in_the_order_of_their_layers() -> None:
    target = image(VALUES)
    full = np.ones((8, 8), np.uint8)
    layers = [
        layer("ONE", 2, GraphicLayerRecommendedDisplayGrayscaleValue=0x2020),
        layer("TWO", 1, GraphicLayerRecommendedDisplayGrayscaleValue=0x8080),
    ]
    state = state_of(target, GraphicLayerSequence=layers)
    add_overlay(add_overlay(state, MASK, 0x6000, "ONE"), full, 0x6002, "TWO")
    assert np.array_equal(presented(target, state), np.where(MASK, 32, 128))


def test_overlays_turn_with_the_image_and_are_cut_with_it() -> None:
    target = image(VALUES)
    state = state_of(target, ImageRotation=90, DisplayedAreaSelectionSequence=[area((2, 3), (7, 8))])
    shown = presented(target, add_overlay(state, MASK, 0x6000, "ONE"))
    assert np.array_equal(shown, np.where(np.rot90(MASK[2:, 1:7], -1), 255, 50))
