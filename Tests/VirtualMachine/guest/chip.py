"""Chips made of nothing by the kernel's gpio-sim: their lines are pulled up and down here, and a lamp that a program
switches on is read back here."""

import contextlib
import fcntl
import os
import struct
import time

CONFIGFS = "/sys/kernel/config/gpio-sim"


class SimulatedChip:
    """One gpio-sim chip. `lines` maps offsets to names, `hogs` maps offsets to the name of a user inside the kernel."""

    created = 0

    def __init__(self, label, lines, count=32, hogs=None):
        SimulatedChip.created += 1
        self.label = label
        self.folder = f"{CONFIGFS}/chip{SimulatedChip.created}"
        self.bank = f"{self.folder}/bank"
        os.makedirs(self.bank)
        _write(f"{self.bank}/num_lines", str(count))
        _write(f"{self.bank}/label", label)
        self.lines = dict(lines)
        self.hogs = dict(hogs or {})
        for offset in sorted(set(self.lines) | set(self.hogs)):
            os.mkdir(f"{self.bank}/line{offset}")
            if offset in self.lines:
                _write(f"{self.bank}/line{offset}/name", self.lines[offset])
            if offset in self.hogs:
                os.mkdir(f"{self.bank}/line{offset}/hog")
                _write(f"{self.bank}/line{offset}/hog/name", self.hogs[offset])
        _write(f"{self.folder}/live", "1")
        self.name = _read(f"{self.bank}/chip_name")
        self.path = f"/dev/{self.name}"
        device = _read(f"{self.folder}/dev_name")
        self.sysfs = f"/sys/devices/platform/{device}/{self.name}"

    def line(self, offset):
        return SimulatedLine(f"{self.sysfs}/sim_gpio{offset}")

    def remove(self):
        _write(f"{self.folder}/live", "0")
        for offset in set(self.lines) | set(self.hogs):
            if offset in self.hogs:
                os.rmdir(f"{self.bank}/line{offset}/hog")
            os.rmdir(f"{self.bank}/line{offset}")
        os.rmdir(self.bank)
        os.rmdir(self.folder)


class SimulatedLine:
    """One line as the world outside the chip sees it. The file stays open: an edge costs one system call."""

    def __init__(self, folder):
        self.folder = folder
        self.descriptor = os.open(f"{folder}/pull", os.O_RDWR)

    def high(self):
        os.pwrite(self.descriptor, b"pull-up\n", 0)

    def low(self):
        os.pwrite(self.descriptor, b"pull-down\n", 0)

    def set(self, level):
        self.high() if level else self.low()

    @property
    def pull(self):
        return os.pread(self.descriptor, 32, 0).decode().strip()

    @property
    def value(self):
        """The level: of the pull for an input, of the driving program for an output."""
        return int(_read(f"{self.folder}/value"))

    def close(self):
        os.close(self.descriptor)


@contextlib.contextmanager
def held_by(path, offset, consumer):
    """Holds a line as another program would, under that consumer name (struct gpio_v2_line_request, linux/gpio.h)."""
    chip = os.open(path, os.O_RDWR)
    as_input = 1 << 2  # GPIO_V2_LINE_FLAG_INPUT
    config = struct.pack("=QI5I", as_input, 0, 0, 0, 0, 0, 0) + bytes(10 * 24)
    request = bytearray(
        struct.pack("=64I", offset, *([0] * 63)) + consumer.encode().ljust(32, b"\0") + config
        + struct.pack("=II5Ii", 1, 0, 0, 0, 0, 0, 0, 0)
    )
    get_line = (3 << 30) | (len(request) << 16) | (0xB4 << 8) | 0x07  # GPIO_V2_GET_LINE_IOCTL
    try:
        fcntl.ioctl(chip, get_line, request, True)
    finally:
        os.close(chip)
    descriptor = struct.unpack_from("=i", request, len(request) - 4)[0]
    try:
        yield
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def undisturbed():
    """Runs before every ordinary program, so that what is under test does not stop the hand that moves the line. For
    milliseconds only: the kernel's interrupt threads still come first."""
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    try:
        yield
    finally:
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))


def spin(microseconds):
    """Lets that much time go by without giving up the processor: a sleep of this machine takes 50 ms."""
    end = time.monotonic_ns() + microseconds * 1000
    while time.monotonic_ns() < end:
        pass


def _read(path):
    with open(path) as file:
        return file.read().strip()


def _write(path, text):
    with open(path, "w") as file:
        file.write(text)
