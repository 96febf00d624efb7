"""Headless Chromium, driven by the DevTools protocol over a pipe: nothing but the standard library."""

import base64
import json
import os
import select
import shutil
import subprocess
import time

PATIENCE = 30


class Browser:
    """One browser with one page."""

    def __init__(self, profile, language="en"):
        program = shutil.which("chromium") or shutil.which("chromium-browser")
        if not program:
            raise AssertionError("there is no chromium")
        to_browser, self.writing = os.pipe()
        self.reading, from_browser = os.pipe()
        arguments = [
            program, "--headless=new", "--remote-debugging-pipe", f"--user-data-dir={profile}", f"--lang={language}",
            "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
            "--disable-gpu", "--hide-scrollbars", "--disable-dev-shm-usage",
        ]
        if os.geteuid() == 0:
            # Its sandbox needs a user; what it is shown here is our own page.
            arguments.append("--no-sandbox")
        self.log = open(os.path.join(profile, "chromium.log"), "w")

        def place_pipes():
            # The protocol is spoken on 3 and 4. Copies first: the ends may be those numbers already.
            heard, said = os.dup(to_browser), os.dup(from_browser)
            high_heard, high_said = os.dup2(heard, 103), os.dup2(said, 104)
            os.dup2(high_heard, 3)
            os.dup2(high_said, 4)

        self.process = subprocess.Popen(
            arguments + ["about:blank"], stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log,
            close_fds=False, preexec_fn=place_pipes)
        os.close(to_browser)
        os.close(from_browser)
        self.pending, self.events, self.number, self.session = b"", [], 0, None
        target = next(t for t in self.call("Target.getTargets")["targetInfos"] if t["type"] == "page")
        self.session = self.call("Target.attachToTarget", targetId=target["targetId"], flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log", "Performance"):
            self.call(f"{domain}.enable")

    # MARK: the protocol

    def call(self, method, **parameters):
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.writing, json.dumps(message).encode() + b"\0")
        end = time.monotonic() + PATIENCE
        while True:
            heard = self.hear(end)
            if heard.get("id") == self.number:
                if "error" in heard:
                    raise AssertionError(f"{method}: {heard['error']['message']}")
                return heard["result"]
            self.events.append(heard)

    def hear(self, end):
        while b"\0" not in self.pending:
            if not select.select([self.reading], [], [], max(0, end - time.monotonic()))[0]:
                raise AssertionError("the browser does not answer")
            heard = os.read(self.reading, 1 << 16)
            if not heard:
                raise AssertionError("the browser has ended")
            self.pending += heard
        message, self.pending = self.pending.split(b"\0", 1)
        return json.loads(message)

    # MARK: the page

    def open(self, url):
        self.call("Page.navigate", url=url)

    def size(self, width, height):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def media(self, **features):
        self.call("Emulation.setEmulatedMedia",
                  features=[{"name": name.replace("_", "-"), "value": value} for name, value in features.items()])

    def run(self, script):
        """The value of an expression in the page; promises are awaited."""
        result = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in result:
            raise AssertionError(f"{script[:80]}: {result['exceptionDetails']}")
        return result["result"].get("value")

    def picture(self, path):
        path.write_bytes(base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"]))

    def metric(self, name):
        return {m["name"]: m["value"] for m in self.call("Performance.getMetrics")["metrics"]}[name]

    def told(self, method):
        """What the browser has told of its own accord."""
        return [event["params"] for event in self.events if event.get("method") == method]

    def close(self):
        try:
            self.session = None
            self.call("Browser.close")
            self.process.wait(PATIENCE)
        except (AssertionError, OSError, subprocess.TimeoutExpired):
            self.process.kill()
            self.process.wait()
        for descriptor in (self.writing, self.reading):
            os.close(descriptor)
        self.log.close()
