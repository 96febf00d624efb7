"""A whole kiosk that is fetched from: the real kioskd on a simulated panel, and the real kiosk-agent on its journal."""

import contextlib
import socket
import threading
import time
import urllib.request

from agent import Agent
from harness import PATIENCE, TOKEN
from live_kiosk import LiveKiosk

HEAD_OFFICE = {"head-office": (TOKEN, ["events", "status", "metrics"])}


def free_port():
    with socket.socket() as place:
        place.bind(("127.0.0.1", 0))
        return place.getsockname()[1]


class ServingKiosk:
    """`consumers`: name to (token or None, scopes). `tls`: (CA, certificate, key of the server)."""

    def __init__(self, directory, consumers=None, tls=None):
        self.directory, self.port, self.tls = directory, free_port(), tls
        self.consumers = consumers or HEAD_OFFICE
        self.address = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}"
        self.stack = contextlib.ExitStack()
        self.presses, self.over = 0, threading.Event()

    def serve_table(self):
        text = f'[serve]\nlisten = "127.0.0.1:{self.port}"\n'
        text += f'client_authorities = "{self.tls[0]}"\n' if self.tls else "allow_plain_text = true\n"
        for name, (_, scopes) in self.consumers.items():
            text += f'[[serve.consumer]]\nname = "{name}"\nscopes = {list(scopes)}\n'
        return text

    def __enter__(self):
        with contextlib.ExitStack() as stack:
            self.live = stack.enter_context(LiveKiosk(self.directory))
            credentials = {f"consumer-{name}": token for name, (token, _) in self.consumers.items() if token}
            if self.tls:
                credentials |= {"serve-certificate.pem": self.tls[1].read_text(), "serve-key.pem": self.tls[2].read_text()}
            self.agent = stack.enter_context(Agent(
                self.directory, None, credentials, journal=self.live.state, device="kiosk-showroom",
                more=self.serve_table(), control=self.live.runtime / "control.sock"))
            self.wait_until_served()
            self.stack = stack.pop_all()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.stack.close()

    # As programs of the harness are ended.
    kill = close = lambda self: self.__exit__()

    def wait_until_served(self):
        limit = time.monotonic() + PATIENCE
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE).close()
                return
            except ConnectionRefusedError:
                if time.monotonic() > limit:
                    raise AssertionError(f"nobody listens: {self.agent.said()}") from None
                time.sleep(0.02)

    def keep_pressing(self, pause):
        """Presses now and then until the end, as visitors do."""
        def run():
            while not self.over.wait(pause):
                with contextlib.suppress(OSError, ValueError):
                    self.live.press("happy", hold_ms=60)
                    self.presses += 1
        self.visitors = threading.Thread(target=run, daemon=True)
        self.visitors.start()

    def stop_pressing(self):
        self.over.set()
        self.visitors.join(PATIENCE)

    def cursor(self, token=TOKEN):
        """One after the first few events."""
        request = urllib.request.Request(self.address + "/v1/events?limit=3", headers={"Authorization": f"Bearer {token}"})
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return answer.headers["Kiosk-Cursor"]

    def metrics(self, token=TOKEN):
        request = urllib.request.Request(self.address + "/metrics", headers={"Authorization": f"Bearer {token}"})
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return answer.read().decode("utf-8")
