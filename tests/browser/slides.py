"""A whole slide image, PS3.3 Section A.32.8."""

from pydicom import Dataset
from pydicom.uid import VLWholeSlideMicroscopyImageStorage

from tests.builders import instance

SIDE = 64
RED = (220, 40, 40)


def slide_image() -> Dataset:
    """Two by two tiles, all of them red."""
    origin, path, light, measures, shared = Dataset(), Dataset(), Dataset(), Dataset(), Dataset()
    origin.XOffsetInSlideCoordinateSystem, origin.YOffsetInSlideCoordinateSystem = 20, 20
    light.CodeValue, light.CodingSchemeDesignator = "111744", "DCM"
    light.CodeMeaning = "Brightfield illumination"
    path.OpticalPathIdentifier, path.IlluminationTypeCodeSequence = "1", [light]
    measures.PixelSpacing, measures.SliceThickness = [0.001, 0.001], 0.001
    shared.PixelMeasuresSequence = [measures]
    return instance(
        SOPClassUID=VLWholeSlideMicroscopyImageStorage,
        Modality="SM",
        ImageType=["ORIGINAL", "PRIMARY", "VOLUME", "NONE"],
        DimensionOrganizationType="TILED_FULL",
        ImageOrientationSlide=[0, -1, 0, -1, 0, 0],
        ImagedVolumeWidth=0.128,
        ImagedVolumeHeight=0.128,
        ImagedVolumeDepth=0.001,
        TotalPixelMatrixRows=2 * SIDE,
        TotalPixelMatrixColumns=2 * SIDE,
        TotalPixelMatrixFocalPlanes=1,
        TotalPixelMatrixOriginSequence=[origin],
        NumberOfOpticalPaths=1,
        OpticalPathSequence=[path],
        SharedFunctionalGroupsSequence=[shared],
        NumberOfFrames=4,
        Rows=SIDE,
        Columns=SIDE,
        SamplesPerPixel=3,
        PhotometricInterpretation="RGB",
        PlanarConfiguration=0,
        BitsAllocated=8,
        BitsStored=8,
        HighBit=7,
        PixelData=bytes(RED) * (4 * SIDE * SIDE),
    )
