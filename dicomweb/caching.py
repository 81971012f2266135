"""What browsers may keep of pictures: nothing that others could see, and nothing that may have changed unasked.

The URL of a picture says of which study, series or instance it is, not of which bytes. With `v`, which the archive's
own pages add, it does: such a picture can be kept for ever.
"""

from django.http.response import HttpResponseBase
from rest_framework.request import Request

from archive.dicom.rendering.pictures import version

YEAR = 31_536_000


def keep(request: Request, response: HttpResponseBase, sha256: str | None) -> None:
    """Say how long the answer can be kept, by the client alone; what is not kept is asked for anew with its tag.

    Args:
        sha256: of the one object that is seen; None for several.
    """
    known = sha256 is not None and request.GET.get("v") == version(sha256)
    response["Cache-Control"] = f"private, max-age={YEAR}, immutable" if known else "private, no-cache"
