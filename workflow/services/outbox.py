"""How long events are kept: so many days, and so many of each AE; those that have been sent too, to be asked for again.

An AE is offered no more than that when it connects (`selectors/events.py`). The rows of the others go a little later:
now and then when something is published, so that the outbox stays bounded where nothing runs in the background, and all
of them in `prune`.
"""

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from archive import rows
from archive.transactions import write
from workflow.models import ApplicationEntity, Event

log = logging.getLogger(__name__)

#: Whoever is connected still gets what was published within this time, however much it is: a subscription to all
#: workitems may report as many states as there are workitems.
GRACE = timedelta(hours=1)
#: An AE is tidied up once in so many events, and so many events at a time.
STEP = 100
#: So many events go in one transaction.
BATCH = 5000
