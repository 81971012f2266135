"""How each category of instances is shown (PS3.18 Section 8.7.4)."""

from collections.abc import Sequence

from archive.dicom.rendering.categories import Category
from archive.selectors import presented
from archive.selectors.rendered import Shown
from dicomweb.errors import NotAcceptable
from dicomweb.http.rendering_parameters import RenderingParameters
from dicomweb.links import Links
from dicomweb.renditions.as_stored import document, video
from dicomweb.renditions.images import images, presentation
from dicomweb.renditions.plot import plot
from dicomweb.renditions.rendition import Rendition
from dicomweb.renditions.report import ReportPage


def rendition(
    shown: Shown, links: Links, parameters: RenderingParameters, numbers: Sequence[int] | None = None
) -> Rendition:
    """What is seen of an instance.

    Args:
        numbers: of the frames that are asked for; None for the whole instance.

    Raises:
        NotRenderable: there is nothing to see.
        NoPixelData, FrameNotFound: there are no such frames.
        NotAcceptable: they are of a video.
    """
    stored = shown.stored
    url = links.instance(stored.study, stored.series, stored.instance)
    location = f"{url}/rendered"
    if numbers is not None:
        if shown.category is Category.VIDEO:
            raise NotAcceptable([f"the whole video at {location}"])
        return images(shown, url, parameters, numbers)
    match shown.category:
        case Category.IMAGE:
            return images(shown, url, parameters)
        case Category.VIDEO:
            return video(shown, location)
        case Category.REPORT:
            return ReportPage(shown, links, location)
        case Category.DOCUMENT:
            return document(shown, location)
        case Category.WAVEFORM:
            return plot(shown, location, parameters)
        case Category.PRESENTATION_STATE:
            return presentation(presented.all_pictures(stored), location, parameters)
