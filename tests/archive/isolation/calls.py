"""What is called in child processes by tests: functions that do harm."""

import ctypes
import os
import signal
import socket
import sys
import time
from typing import Never

from archive.dicom.errors import MalformedAttribute
from archive.dicom.pixel_description import PixelDescription
from archive.errors import FrameNotFound


def process() -> int:
    return os.getpid()


def echo(value: object) -> object:
    return value


def wait(seconds: float) -> int:
    time.sleep(seconds)
    return os.getpid()


def spin() -> None:
    while True:
        sum(range(1 << 20))


def spin_in_c() -> None:
    """As a library does that holds the interpreter's lock and never returns."""
    ctypes.PyDLL(None).pause()


def kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def leave() -> None:
    os._exit(3)


def crash() -> None:
    ctypes.string_at(0)


def swell() -> int:
    return len(bytes(1 << 34))


def frame_not_found() -> Never:
    error = FrameNotFound("1.2.3", [7, 8], 5)
    error.frames = [7, 8]  # type: ignore[attr-defined]
    raise error


def malformed_attribute() -> Never:
    raise MalformedAttribute("00280010", "has no value")


def bug() -> int:
    return 1 // 0


def foreign_error() -> Never:
    raise ctypes.ArgumentError("of a library")


def narrower(pixels: PixelDescription) -> tuple[PixelDescription, list[bytes]]:
    return PixelDescription(pixels.rows, 1, 1, "MONOCHROME2", 8, 8, 7, 0), [b"\1", b"\2"]


def attack() -> object:
    """What makes its reader call a function of the system."""
    return Attack()


class Attack:
    def __reduce__(self) -> tuple[object, ...]:
        return os.system, ("true",)


def answer(said: bytes) -> Never:
    """What somebody says who has got hold of the process: the bytes, and then nothing."""
    socket.socket(fileno=0).sendall(said)
    time.sleep(60)
    raise AssertionError


def drip() -> Never:
    """A byte now and then of an answer that never ends."""
    end = socket.socket(fileno=0)
    end.sendall(b"\x80\x04\x8e" + (1 << 20).to_bytes(8, "little"))
    while True:
        end.sendall(b"x")
        time.sleep(0.2)


def environment() -> dict[str, str]:
    return dict(os.environ)


def modules() -> list[str]:
    return sorted(sys.modules)
