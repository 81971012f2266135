"""Whether a destination would store something: asked with a request that has nothing in it."""

from archive.models import Destination
from archive.sending import client
from archive.sending.sign_in import service
from archive.sending.statuses import Verdict, verdict, words


def trial(destination: Destination) -> str:
    """What is wrong, in plain words; empty when the destination answers and knows this archive.

    Nothing is stored. Who reads a request without instances as a wrong one has let it in all the same.

    Raises:
        SecretUnreadable, DestinationAway: the messages say why it cannot be asked.
    """
    status = client.store(service(destination), []).status
    return "" if verdict(status) in {Verdict.HEARD, Verdict.REFUSED} and status != 500 else words(status)
