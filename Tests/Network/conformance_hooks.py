"""Makes the batches that schemathesis invents consistent where a description cannot say so, so that many of them are taken and
stored and not only refused: the device that sends them, the number in `id` and in `sequence`, the moment in `time` and in
`wall_ms`. What is wrong in form is left as it is."""

import os
import pathlib
import re
import sys

import schemathesis

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "docs/examples/upstream"))
import kiosk_events  # noqa: E402

SOURCE = "/kiosks/" + os.environ.get("CONFORMANCE_DEVICE", "kiosk-test")
CURSOR = os.environ.get("CONFORMANCE_CURSOR")
CURSOR_FORM = re.compile("[A-Za-z0-9._~-]{1,2000}")


@schemathesis.hook
def before_call(context, case, kwargs):
    # Nobody can invent a cursor that a kiosk has made; every second one of the right form becomes such.
    for holder, name in ((case.query, "after"), (case.body, "cursor")):
        if CURSOR and isinstance(holder, dict) and isinstance(holder.get(name), str) and CURSOR_FORM.fullmatch(holder[name]):
            if len(holder[name]) % 2:
                holder[name] = CURSOR
    if isinstance(case.body, list):
        for event in case.body:
            if isinstance(event, dict):
                mend(event)


def mend(event):
    def fits(name, pattern):
        return isinstance(event.get(name), str) and pattern.fullmatch(event[name])

    if fits("source", kiosk_events.SOURCE):
        event["source"] = SOURCE
    identity = fits("id", kiosk_events.EVENT_ID)
    if identity and fits("sequence", kiosk_events.SEQUENCE) and int(identity.group(2)) <= kiosk_events.LARGEST:
        event["sequence"] = f"{int(identity.group(2)):019}"
    data = event.get("data")
    if fits("time", kiosk_events.TIME) and isinstance(data, dict) and type(data.get("wall_ms")) is int:
        if event["time"] != kiosk_events.timestamp(data["wall_ms"]):
            del data["wall_ms"]
