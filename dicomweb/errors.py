"""What can be wrong with a request itself; `dicomweb/exceptions.py` gives each its status."""

from collections.abc import Sequence


class RequestError(Exception):
    """The base of what is the client's to mend."""


class BadRequest(RequestError):
    """The request breaks the syntax of its transaction."""


class NotAcceptable(RequestError):
    """Nothing of what the client accepts can be given (PS3.18 Section 8.7.8.1)."""

    def __init__(
        self, available: Sequence[str], problem: str = "None of the accepted media types can be given."
    ) -> None:
        super().__init__(f"{problem} Available: {'; '.join(available)}." if available else problem)


class UnsupportedMediaType(RequestError):
    """The request's Content-Type is none that the resource takes."""

    def __init__(self, supported: Sequence[str]) -> None:
        super().__init__(f"This resource does not take the request's Content-Type. It takes: {'; '.join(supported)}.")


class EncodedBody(RequestError):
    """The request has a Content-Encoding (RFC 9110 Section 15.5.16)."""

    def __init__(self) -> None:
        super().__init__("The body of the request is encoded; bodies are taken as they are, without Content-Encoding.")


class RequestTooLarge(RequestError):
    def __init__(self, limit: int) -> None:
        super().__init__(f"The request is larger than this archive takes ({limit} bytes).")


class AnswerTooLarge(RequestError):
    """The answer would have more parts than are put together."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"There are more than {limit} bulk values; ask for those of a series or of an instance.")


class LengthRequired(RequestError):
    def __init__(self) -> None:
        super().__init__("The request has neither a Content-Length nor chunked transfer coding.")


class ClientGone(RequestError):
    """The client stopped sending before its request was complete."""

    def __init__(self) -> None:
        super().__init__("The request ended before it was complete.")
