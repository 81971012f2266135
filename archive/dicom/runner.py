"""Where work on frames is done, which may take long and go wrong: whoever asks for it says how it is called."""

from collections.abc import Callable
from typing import Protocol, TypeVar, TypeVarTuple

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


class Runner(Protocol):
    """Calls a function, which like its arguments and its result can be pickled."""

    def __call__(self, function: Callable[[*Ts], T], /, *arguments: *Ts) -> T: ...


def directly(function: Callable[[*Ts], T], /, *arguments: *Ts) -> T:
    """Here and now."""
    return function(*arguments)
