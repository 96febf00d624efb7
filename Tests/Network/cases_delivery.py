"""Events on their way: networks that lose, servers that misbehave or die, and the oracle that must notice."""

import json
import signal
import subprocess
import sys
import threading

from harness import (EXAMPLES, NETWORK, SEED, Client, Program, case, expect, expect_equal, journal, lines, make_ca,
                     make_certificate, oracle, program, proxy, push, receiver)


def expect_all(found, count):
    wanted = {"recorded": count, "distinct": count, "missing": 0, "invented": 0, "altered": 0, "conflicts": 0}
    expect_equal({name: found[name] for name in wanted}, wanted, "oracle")


def share(counts, what):
    return counts.get(f"{what} lose", 0) / counts[what]


@case("10,000 events through a proxy that loses 30 % of requests and 30 % of replies: 0 missing, 0 invented, 0 altered")
def lossy(directory):
    path = journal(directory, 10_000, "--epochs", "2")
    with receiver(directory) as server, proxy(server.address) as network:
        pushed = push(directory, f"http://{network.address}", path, "--batch", "50")
        counts, totals = network.end(), server.end()
    found = oracle(path, directory / "events.db", "--expect", "10000")
    expect_all(found, 10_000)
    # The network was as bad as it should be, or this proves nothing.
    expect(counts["requests"] > 200, f"{counts}")
    expect(0.2 < share(counts, "requests") < 0.4 and 0.2 < share(counts, "replies") < 0.4, f"{counts}")
    for what in ("requests cut", "requests late", "requests delay", "late requests answered", "replies cut", "replies half"):
        expect(counts.get(what, 0) > 0, f"nothing of {what}: {counts}")
    expect(found["again"] > 0 and totals["again"] == found["again"], f"{found} {totals}")
    return (f"{counts['requests']} requests, {counts['requests lose']} lost; {counts['replies']} replies, "
            f"{counts['replies lose']} lost; {found['again']} events came again, {pushed['waits']} waits")


@case("the control: a pusher that does not try again loses events there, and the oracle says which")
def careless(directory):
    path = journal(directory, 2_000)
    with receiver(directory) as server, proxy(server.address) as network:
        push(directory, f"http://{network.address}", path, "--batch", "40", "--careless")
    found = oracle(path, directory / "events.db", status=3)
    expect(found["missing"] > 100 and found["invented"] == 0, f"{found}")
    return f"{found['missing']} of 2000 missing"


@case("so it is through TLS, where the handshake can be lost as well")
def encrypted(directory):
    ca = make_ca(directory)
    path = journal(directory, 1_000)
    with receiver(directory, "--tls", *make_certificate(directory, ca, "server", "127.0.0.1")) as server:
        with proxy(server.address, "--lose-requests", "0.2", "--lose-replies", "0.2") as network:
            push(directory, f"https://{network.address}", path, "--batch", "40", "--ca", ca[0])
            counts = network.end()
    expect_all(oracle(path, directory / "events.db"), 1_000)
    expect(counts["requests lose"] > 5 and counts["replies lose"] > 5, f"{counts}")
    return f"{counts['requests lose']} requests and {counts['replies lose']} replies lost"


@case("four devices at once, each at its own pace: the events of each, and of no other")
def several(directory):
    names = [f"kiosk-{number}" for number in range(4)]
    tokens = [option for name in names for option in ("--token", f"{name}=token-of-{name}")]
    with receiver(directory, *tokens) as server, proxy(server.address) as network:
        running = []
        for number, name in enumerate(names):
            path = journal(directory, 300 + number, "--device", name, name=f"{name}.json")
            (directory / f"{name}.token").write_text(f"token-of-{name}")
            running.append(subprocess.Popen(
                [sys.executable, NETWORK / "pusher.py", "--url", f"http://{network.address}", "--token-file",
                 directory / f"{name}.token", "--journal", path, "--batch", "30", "--seed", str(number)],
                stdout=subprocess.DEVNULL))
        for process in running:
            expect_equal(process.wait(120), 0, "exit code of a pusher")
    journals = [option for name in names[1:] for option in ("--journal", directory / f"{name}.json")]
    expect_all(oracle(directory / f"{names[0]}.json", directory / "events.db", *journals), 4 * 300 + 6)


@case("what is acknowledged is on disk: the receiver is killed at the moment of each answer")
def killed_at_the_answer(directory):
    path = journal(directory, 200)
    events = [json.loads(text) for text in lines(path)]
    for start in range(0, 200, 20):
        with receiver(directory) as server:
            status, _, answer = Client(server.address).push(events[start:start + 20])
            server.kill()
        expect_equal((status, answer["acked"]), (200, events[start + 19]["id"]), "answer")
    expect_all(oracle(path, directory / "events.db"), 200)


@case("the receiver is killed again and again in the middle of it, and nothing is lost")
def killed(directory):
    path = journal(directory, 3_000)
    deaths = 0
    options = ["serve", "--store", directory / "events.db", "--quiet", "--token", "kiosk-test=a-token-for-the-test",
               "--misbehave", "delay=0.02"]
    server = Program(EXAMPLES / "receiver.py", *options, "--listen", "127.0.0.1:0")
    address = server.address
    result = {}

    def deliver():
        result["pushed"] = push(directory, address, path, "--batch", "10")

    pusher = threading.Thread(target=deliver)
    pusher.start()
    try:
        while pusher.is_alive() and deaths < 5:
            pusher.join(0.5)
            server.process.send_signal(signal.SIGKILL)
            server.kill()
            deaths += 1
            server = Program(EXAMPLES / "receiver.py", *options, "--listen", address.removeprefix("http://"))
        pusher.join(120)
    finally:
        server.kill()
    expect("pushed" in result, "the pusher failed")
    found = oracle(path, directory / "events.db")
    expect_all(found, 3_000)
    expect(deaths >= 3 and found["again"] > 0, f"never between commit and answer: {deaths} deaths, {found}, {result}")
    return f"{deaths} deaths, {found['again']} events came again"


# The refusals come first, so that what is refused has not been stored by an answer that was lost.
SCRIPT = ("refuse=3,ok,refuse-unnamed=2," + "ok," * 14 + "503,ok,429/1,500,drop-request,drop-reply,cut-reply,garbage,nonsense,"
          "partial,duplicate,delay=0.1,foreign,ahead,413,413,503/1,ok,huge,502,408,425,partial,drop-reply")


@case("a server that misbehaves in every way gets every event, except those that it refuses for good")
def misbehaved(directory):
    path = journal(directory, 3_000)
    with receiver(directory, "--script", SCRIPT) as server:
        pushed = push(directory, server.address, path, "--batch", "50")
        totals = server.end()
    expect_equal(set(totals["misbehaved"]), {word.split("=")[0] for word in SCRIPT.split(",")}, "what it did")
    found = oracle(path, directory / "events.db", status=3)
    expect_equal((found["missing"], len(pushed["set aside"]), found["invented"], found["altered"]), (2, 2, 0, 0), "oracle")
    expect(pushed["wrong acknowledgements"] >= 2 and pushed["nonsense"] >= 1, f"{pushed}")
    return f"{pushed['requests']} requests"


@case("the control: a server that acknowledges what it does not store is found out")
def lied(directory):
    path = journal(directory, 500)
    with receiver(directory, "--script", "ok,ok,lie") as server:
        push(directory, server.address, path, "--batch", "50")
    found = oracle(path, directory / "events.db", status=3)
    expect_equal((found["missing"], found["invented"]), (50, 0), "oracle")


@case("the oracle tells missing, invented and altered events apart")
def told_apart(directory):
    path = journal(directory, 50)
    texts = [json.loads(line.rstrip(",\n")) for line in path.read_text("utf-8").splitlines() if len(line) > 2]
    texts[10]["data"]["wall_ms"] += 1
    texts[11]["id"] = texts[11]["id"][:-2] + "99"
    del texts[12:14]
    other = directory / "other.json"
    other.write_text("\n".join(json.dumps(text) for text in texts + texts[:3]), "utf-8")
    found = oracle(path, other, status=3)
    expect_equal({name: found[name] for name in ("recorded", "distinct", "missing", "invented", "altered", "again")},
                 {"recorded": 50, "distinct": 48, "missing": 3, "invented": 1, "altered": 1, "again": 3}, "oracle")


@case("the proxy does the same again for the same seed, and something else for another")
def seeded(directory):
    path = journal(directory, 200)
    seen = []
    for seed in (SEED, SEED, str(int(SEED) + 1)):
        store = directory / f"{len(seen)}"
        store.mkdir()
        # Without what depends on time, and in one connection at a time, the same happens at the same places.
        with receiver(store) as server, program(
                NETWORK / "lossy_proxy.py", "--to", server.address.removeprefix("http://"), "--late", "0", "--half", "0",
                "--seed", seed) as network:
            push(directory, f"http://{network.address}", path, "--batch", "10", "--careless")
            seen.append(network.end())
            # Whether there is still somebody to be reset is a matter of time.
            seen[-1].pop("resets", None)
    expect_equal(seen[0], seen[1], "what the proxy did")
    expect(seen[0] != seen[2], "another seed changes nothing")
