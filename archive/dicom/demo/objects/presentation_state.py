"""How the nodule is to be shown: Grayscale Softcopy Presentation State IOD (PS3.3 Section A.33.1)."""

from collections.abc import Iterator

from pydicom.dataset import Dataset
from pydicom.uid import GrayscaleSoftcopyPresentationStateStorage

from archive.dicom.demo.data_sets import data_set, part10
from archive.dicom.demo.grids import Grid
from archive.dicom.demo.objects import computed_tomography, segmentation
from archive.dicom.demo.phantoms import chest
from archive.dicom.demo.studies import Series, Study

_LAYER = "FINDINGS"
_CENTER, _WIDTH = "-500", "1500"


def series(study: Study, number: int = 14) -> Series:
    return Series(
        study=study,
        number=number,
        modality="PR",
        sop_class=GrayscaleSoftcopyPresentationStateStorage,
        description="Lung window with the nodule",
        body_part="CHEST",
        model="Reporter",
    )


def objects(of: Series, images: Series, grid: Grid) -> Iterator[bytes]:
    began, slices = of.study.began, segmentation.slices(grid)
    middle = slices[len(slices) // 2]
    yield part10(
        of.instance(
            1,
            ContentDate=None,
            ContentTime=None,
            PresentationCreationDate=f"{began:%Y%m%d}",
            PresentationCreationTime=f"{began:%H%M%S}",
            ContentLabel="NODULE",
            ContentDescription="Nodule, right upper lobe",
            ContentCreatorName="Reader^Ruth",
            ReferencedSeriesSequence=[images.references([middle], sequence="ReferencedImageSequence")],
            DisplayedAreaSelectionSequence=[
                data_set(
                    DisplayedAreaTopLeftHandCorner=[1, 1],
                    DisplayedAreaBottomRightHandCorner=[grid.cells, grid.cells],
                    PresentationSizeMode="SCALE TO FIT",
                    PresentationPixelSpacing=[f"{grid.spacing:.6g}"] * 2,
                )
            ],
            GraphicLayerSequence=[
                data_set(
                    GraphicLayer=_LAYER,
                    GraphicLayerOrder="1",
                    GraphicLayerRecommendedDisplayCIELabValue=[56000, 33000, 50000],
                )
            ],
            GraphicAnnotationSequence=[_annotation(grid)],
            # A presentation state says it all: what the image says of its modality LUT does not count.
            RescaleIntercept=str(computed_tomography.RESCALE_INTERCEPT),
            RescaleSlope="1",
            RescaleType="HU",
            SoftcopyVOILUTSequence=[data_set(WindowCenter=_CENTER, WindowWidth=_WIDTH)],
            PresentationLUTShape="IDENTITY",
        )
    )


def _annotation(grid: Grid) -> Dataset:
    """A circle around the nodule, and a word with a line to it."""
    x, y = (grid.column_of(place) for place in chest.NODULE[:2])
    radius = (chest.NODULE_RADIUS + 6) / grid.spacing
    circle = data_set(
        GraphicAnnotationUnits="PIXEL",
        GraphicDimensions=2,
        NumberOfGraphicPoints=2,
        GraphicData=[x, y, x + radius, y],
        GraphicType="CIRCLE",
        GraphicFilled="N",
    )
    label = data_set(
        BoundingBoxAnnotationUnits="PIXEL",
        AnchorPointAnnotationUnits="PIXEL",
        UnformattedTextValue=f"Nodule, {2 * chest.NODULE_RADIUS:.0f} mm",
        BoundingBoxTopLeftHandCorner=[0.04 * grid.cells, 0.05 * grid.cells],
        BoundingBoxBottomRightHandCorner=[0.38 * grid.cells, 0.10 * grid.cells],
        BoundingBoxTextHorizontalJustification="LEFT",
        AnchorPoint=[x - 0.7 * radius, y - 0.7 * radius],
        AnchorPointVisibility="Y",
    )
    return data_set(GraphicLayer=_LAYER, TextObjectSequence=[label], GraphicObjectSequence=[circle])
