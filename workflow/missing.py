"""What there is to say of a workitem that is not there."""

from workflow.errors import WorkitemDeleted, WorkitemNotFound
from workflow.models import WorkitemTombstone


def missing(workitem: str) -> WorkitemNotFound | WorkitemDeleted:
    """To be raised: there is no such workitem, or there was."""
    if WorkitemTombstone.objects.filter(sop_instance_uid=workitem).exists():
        return WorkitemDeleted(workitem)
    return WorkitemNotFound(workitem)
