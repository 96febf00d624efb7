#!/usr/bin/env python3
"""Starts machines, kills them, and keeps account of what they had acknowledged. Called by run.sh.

    kill.py KERNEL CACHE MACHINES SEED
"""

import os
import pathlib
import random
import signal
import subprocess
import sys
import time

LIMIT_SECONDS = 120  # A machine takes 5 to 10 s to its first line here; the limit is for one that hangs.


class Disk:
    """One of the two journals: what it has acknowledged last, and how it fared."""

    def __init__(self, name, cache):
        self.name = name
        self.image = cache / f"{name}.img"
        self.port = cache / f"{name}.txt"
        self.sequence, self.chain = 0, ""
        self.acknowledged = self.lost = 0
        self.epochs = set()
        self.findings = []
        self.refusal = ""

    def lines(self):
        """What it said so far, without the line that was cut off."""
        return self.port.read_text(errors="replace").split("\n")[:-1]

    def is_checked(self):
        return any(line.startswith(("check", "failed")) for line in self.lines())

    def account(self, machine, is_read_only):
        """Reads what the machine found on the disk, and what it acknowledged before it died."""
        is_checked = True
        for line in self.lines():
            words = line.split()
            if words == ["check", "none"] and self.sequence == 0:
                # Nothing had been acknowledged; what an earlier machine stored and had no time to tell may be there.
                is_checked = False
                continue
            is_told = words[:2] in (["check", "kept"], ["check", "lost"]) and len(words) == 9
            if is_told and int(words[3]) == self.sequence:
                self.lost += int(words[7])
                self.sequence, self.chain = int(words[5]), words[8]
            elif words[:1] == ["open"] and len(words) == 5:
                # Events that were on their way when the machine died are stored, too; the check has told of them.
                if is_checked and int(words[3]) != self.sequence + 1:
                    self.findings.append(f"machine {machine}: went on with {words[3]} after {self.sequence}")
                self.epochs.add(words[2])
                if words[1] == "replaced":
                    self.findings.append(f"machine {machine}: the journal was set aside")
                self.take(words[3], words[4])
            elif len(words) == 2 and words[0].isdigit() and len(words[1]) == 64:
                if int(words[0]) <= self.sequence:
                    self.findings.append(f"machine {machine}: number {words[0]} was given twice")
                self.take(*words)
            elif words[:1] == ["failed:"] and is_read_only:
                self.refusal = line
            else:
                self.findings.append(f"machine {machine}: {line}")
                if line.startswith(("check broken", "failed")):
                    self.lost += self.sequence
                    self.sequence, self.chain = 0, ""

    def take(self, sequence, chain):
        # An append acknowledges all its events; only the last one's number is told.
        self.acknowledged += int(sequence) - self.sequence
        self.sequence, self.chain = int(sequence), chain


def start(kernel, cache, disks, seed, is_read_only):
    product, control = disks
    for disk in disks:
        disk.port.write_text("")
    words = [f"kiosk.seed={seed}"] + ["kiosk.readonly=1"] * is_read_only
    for disk in disks:
        words += [f"kiosk.{disk.name}={disk.sequence}"] + [f"kiosk.{disk.name}_chain={disk.chain}"] * bool(disk.chain)
    command = [
        "qemu-system-x86_64", "-M", "q35,accel=tcg", "-cpu", "max", "-m", "256", "-smp", "1", "-nodefaults",
        "-no-user-config", "-nographic", "-no-reboot", "-serial", f"file:{cache}/console.log",
        "-serial", f"file:{product.port}", "-serial", f"file:{control.port}",
        "-kernel", str(kernel), "-initrd", f"{cache}/initrd.gz",
        "-append", "console=ttyS0 quiet panic=-1 mitigations=off random.trust_cpu=on " + " ".join(words)]
    for disk in disks:
        command += [
            "-drive", f"file={disk.image},format=raw,if=none,id={disk.name},cache=writeback",
            "-device", f"virtio-blk-pci,drive={disk.name}"]
    return subprocess.Popen(command, stdin=subprocess.DEVNULL)


def run_machine(kernel, cache, disks, seed, life, is_read_only):
    """One machine, from power on until it is killed: `life` seconds after it has checked its disks, or once the product
    has told that its disk became read-only."""
    machine = start(kernel, cache, disks, seed, is_read_only)
    try:
        wait(machine, cache, lambda: all(disk.is_checked() for disk in disks))
        if is_read_only:
            wait(machine, cache, lambda: any(line.startswith("failed:") for line in disks[0].lines()))
            return
        try:
            machine.wait(life)
            sys.exit(f"killed machines: the machine ended by itself; see {cache}/console.log")
        except subprocess.TimeoutExpired:
            pass
    finally:
        if machine.poll() is None:
            os.kill(machine.pid, signal.SIGKILL)
        machine.wait()


def wait(machine, cache, condition):
    end = time.monotonic() + LIMIT_SECONDS
    while not condition():
        if machine.poll() is not None and not condition() or time.monotonic() > end:
            sys.exit(f"killed machines: the machine did not come that far; see {cache}/console.log")
        time.sleep(0.02)


def main():
    kernel, cache = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    machines, seed = int(sys.argv[3]), int(sys.argv[4])
    disks = product, control = Disk("product", cache), Disk("control", cache)
    chance = random.Random(seed)
    started = time.monotonic()
    for number in range(1, machines + 3):
        # After the kills, one whose disks become read-only, and one that only looks at what that one left.
        is_read_only, is_last = number == machines + 1, number == machines + 2
        life = 0.01 if is_last else chance.uniform(0, 4)
        run_machine(kernel, cache, disks, seed * 1000 + number, life, is_read_only)
        for disk in disks:
            disk.account(number, is_read_only)
    findings = product.findings
    if product.lost != 0:
        findings.append(f"{product.lost} events are lost")
    # It may show as a sync that fails or as a write that is refused; what the technician has to do is the same.
    if "look for disk errors" not in product.refusal:
        findings.append(f"a disk that became read-only was reported as: {product.refusal}")
    if len(product.epochs) != 1:
        findings.append(f"{len(product.epochs)} epochs")
    if product.acknowledged == 0 or control.acknowledged == 0:
        findings.append("nothing was acknowledged, so nothing is proved")
    if control.lost == 0:
        findings.append("the control lost nothing, so nothing is proved")
    for finding in findings:
        print(f"finding: seed {seed}: {finding}")
    print(f"figures: killed machines: {machines} killed, one more with its disk made read-only; "
          f"with FULL {product.acknowledged} events acknowledged, {product.lost} lost; control with NORMAL: {control.acknowledged} acknowledged, {control.lost} lost; "
          f"{(time.monotonic() - started) / (machines + 2):.1f} s a machine")
    sys.exit(1 if findings else 0)


if __name__ == "__main__":
    main()
