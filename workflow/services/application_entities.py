"""AEs come to be when they subscribe for the first time, unless an administrator has registered them before."""

from django.conf import settings

from workflow.errors import UnknownSubscriber
from workflow.models import ApplicationEntity


def registered(ae_title: str) -> ApplicationEntity:
    """The AE of this title. Whether somebody may act under it, `selectors/application_entities.py` says.

    Raises:
        UnknownSubscriber: the archive is closed to it (PS3.4 Section CC.2.3.3, 0xC308).
    """
    if settings.ARCHIVE_UPS_AE_TITLES and ae_title not in settings.ARCHIVE_UPS_AE_TITLES:
        raise UnknownSubscriber(ae_title)
    return ApplicationEntity.objects.get_or_create(ae_title=ae_title)[0]
