"""What the page says when nothing is asked, or something has happened."""

import datetime
import signal

from kiosk import eventually
from page import case, expect, expect_equal

WAIT = "One moment, please: that was a little too quick."


@case("a press too many: please wait, in words, and then no longer")
def please_wait(page):
    page.show(example="simulated-five-faces", filter='[filter]\nresponse_interval = "60s"\n')
    page.wait("How was your visit today?")
    page.press("happy")
    eventually(lambda: page.question != "How was your visit today?", lambda: page.question)
    eventually(lambda: page.question == "How was your visit today?", "the next visitor is asked")
    page.press("happy")
    eventually(lambda: page.read("#notice") == WAIT, lambda: f"notice: {page.read('#notice')!r}")
    page.look("please-wait")
    eventually(lambda: page.read("#notice") is None, "the notice is over")


@case("staff are called, and come")
def staff(page):
    page.show(example="simulated-showroom")
    page.wait("How was your visit today?")
    page.press("call-staff")
    eventually(lambda: page.read("#staff"), "the page says that staff are called")
    expect_equal(page.read("#staff"), "Our staff have been called.", "words")
    page.look("staff-called")
    page.press("staff-here")
    eventually(lambda: page.read("#staff") is None, "it says so no longer")


@case("closed: outside the opening hours")
def closed(page):
    # Open the day before yesterday, closed today.
    day = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")[(datetime.date.today().weekday() + 5) % 7]
    kiosk = page.kiosk
    page.show(survey="faces-5", more=f'[opening_hours]\n{day} = ["09:00-18:00"]\n')
    kiosk.end(kiosk.kioskd)
    kiosk.start_kioskd(keeps_time=True)
    page.wait("We are closed")
    expect_equal(page.answers, [], "answers")
    page.press("happy")
    page.look("closed")
    kiosk.end(kiosk.kioskd)
    kiosk.configure(survey="faces-5")
    kiosk.start_kioskd()
    page.wait("How was your visit today?")


@case("service: technicians are at work")
def service(page):
    page.show(survey="faces-5")
    page.wait("How was your visit today?")
    page.kiosk.ask("service", minutes=5)
    page.wait("Maintenance")
    page.look("service")
    page.kiosk.ask("service", minutes=0)
    page.wait("How was your visit today?")


@case("out of service while the journal cannot be written, and back in service by itself")
def out_of_service(page):
    kiosk = page.kiosk
    page.show(survey="faces-5")
    page.wait("How was your visit today?")
    kiosk.end(kiosk.kioskd)
    missing = kiosk.directory / "no-card"
    kiosk.start_kioskd(state=missing)
    try:
        page.wait("Out of service")
        page.look("out-of-service")
        missing.mkdir()
        page.press("happy")
        eventually(lambda: page.question != "Out of service", "back in service")
    finally:
        kiosk.end(kiosk.kioskd)
        kiosk.start_kioskd()
    page.wait("How was your visit today?")


@case("kioskd is killed: out of service in the visitor's language; started again, the page goes on by itself")
def kioskd_gone(page):
    kiosk = page.kiosk
    page.show(example="simulated-showroom")
    page.wait("How was your visit today?")
    page.press("language")
    page.wait("Wie war Ihr Besuch heute?")
    kiosk.kioskd.kill()
    kiosk.kioskd.wait()
    page.wait("Außer Betrieb")
    expect_equal(page.browser.run("document.documentElement.lang"), "de", "language")
    page.look("kioskd-gone")
    kiosk.start_kioskd()
    page.wait("How was your visit today?")


@case("kiosk-agent is killed: one moment, please; started again, the page goes on by itself")
def agent_gone(page):
    kiosk = page.kiosk
    page.show(survey="faces-5")
    page.wait("How was your visit today?")
    kiosk.agent.kill()
    kiosk.agent.wait()
    page.wait("One moment, please")
    page.look("agent-gone")
    kiosk.start_agent()
    page.wait("How was your visit today?")
    kiosk.agent.send_signal(signal.SIGHUP)
    page.press("happy")
    page.wait("Thank you!")
    expect(page.kiosk.agent.poll() is None, "kiosk-agent runs")
