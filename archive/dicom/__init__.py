"""Pure DICOM: no Django, no storage."""

import archive.dicom.added_attributes  # noqa: F401 - for what it does to pydicom's dictionary
