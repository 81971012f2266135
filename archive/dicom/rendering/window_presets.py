"""Windows that readers choose among, besides those of the data set: by modality, in values of that modality."""

from archive.dicom.rendering.voi_lut import Window

#: Of CT in Hounsfield units. Which windows show an organ best is custom, not standard.
PRESETS: dict[str, tuple[tuple[str, Window], ...]] = {
    "CT": (
        ("Abdomen", Window(40, 400)),
        ("Lung", Window(-600, 1500)),
        ("Bone", Window(480, 2500)),
        ("Brain", Window(40, 80)),
        ("Mediastinum", Window(50, 350)),
    ),
}
