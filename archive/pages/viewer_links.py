"""Links into the viewer."""

from collections.abc import Collection
from urllib.parse import urlencode

from django.urls import reverse

#: The modality of whole slide images, for which the viewer has a mode of its own.
SLIDE_MICROSCOPY = "SM"

#: The viewer's hanging protocol for multiplanar reconstruction.
MPR = "mpr"


def viewer_url(*studies: str, modalities: Collection[str] = (), hanging_protocol: str = "") -> str:
    """Where the viewer shows these studies side by side.

    Args:
        studies: their Study Instance UIDs.
        modalities: those in the studies, as far as they are known.
        hanging_protocol: how the viewer lays out images, such as `MPR`; its own choice unless one is named.
    """
    mode = "microscopy" if SLIDE_MICROSCOPY in modalities else "viewer"
    query = {"StudyInstanceUIDs": ",".join(studies)}
    if hanging_protocol:
        query["hangingprotocolId"] = hanging_protocol
    return f"{reverse('archive:viewer')}{mode}?{urlencode(query, safe=',')}"
