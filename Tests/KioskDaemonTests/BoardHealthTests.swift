import Feedback
import KioskTestKit
import Testing

@testable import KioskDaemon

@Suite("The board's own health")
struct BoardHealthTests {
  @Test("is read where the kernel tells it, and is nothing where it does not")
  func reading() throws {
    let directory = try TemporaryDirectory()
    let health = BoardHealth(root: directory.path, state: directory.path)
    #expect(health.read().degrees == nil)
    #expect(health.read().isVoltageLow == nil)
    #expect((health.read().freeMebibytes ?? 0) > 0)
    try directory.write([
      "class/thermal/thermal_zone0/temp": "48312\n", "class/thermal/thermal_zone1/temp": "61000\n",
      "class/hwmon/hwmon0/name": "cpu_thermal\n", "class/hwmon/hwmon3/name": "rpi_volt\n",
      "class/hwmon/hwmon3/in0_lcrit_alarm": "0\n",
    ])
    #expect(health.read().degrees == 61)
    #expect(health.read().isVoltageLow == false)
    try directory.write(["class/hwmon/hwmon3/in0_lcrit_alarm": "1\n", "class/thermal/thermal_zone1/temp": "rubbish"])
    #expect(health.read().isVoltageLow == true)
    #expect(health.read().degrees == 48)
    #expect(BoardHealth(root: directory.path, state: "\(directory.path)/gone").read().freeMebibytes == nil)
  }

  @Test("is raised once, kept while it wavers, and told when it is over")
  func states() throws {
    let kiosk = try CaptureUnderTest()
    kiosk.start()
    func tell(_ degrees: Int?, low: Bool? = nil, free: Int? = nil) {
      kiosk.capture.commands.post(
        .board(BoardHealth.Reading(degrees: degrees, isVoltageLow: low, freeMebibytes: free)))
      kiosk.settle()
    }
    tell(79)
    #expect(kiosk.health.isEmpty)
    tell(80, low: true, free: 63)
    #expect(Set(kiosk.health) == [.overTemperature, .underVoltage, .diskShort])
    tell(76, low: true, free: 63)
    #expect(kiosk.health.contains(.overTemperature))
    tell(74, low: false, free: 64)
    #expect(kiosk.health.isEmpty)
    #expect(kiosk.stop() == .success)
    let codes = try kiosk.events().filter { $0.content.kind == .health }.compactMap(\.content.code)
    #expect(
      codes == [
        "over-temperature", "under-voltage", "disk-short", "temperature-good", "voltage-good", "disk-roomy",
      ])
  }
}

@Suite("A watch for silence")
struct SilenceWatchTests {
  private func at(_ seconds: Int) -> MonotonicTime { MonotonicTime(nanoseconds: Int64(seconds) * 1_000_000_000) }

  @Test("counts opening time only, tells once, and ends with a press")
  func silence() {
    var watch = SilenceWatch()
    func look(_ seconds: Int, isOpen: Bool = true) -> Bool {
      watch.look(at: at(seconds), isOpen: isOpen, limit: .seconds(100))
    }
    func press(_ seconds: Int) -> Bool { watch.press(at: at(seconds)) }
    #expect(!look(0))
    #expect(!look(99))
    // A night does not count.
    #expect(!look(5000, isOpen: false))
    #expect(look(5001))
    #expect(!look(6000))
    #expect(press(6001))
    #expect(!press(6002))
    #expect(!look(6101))
    #expect(look(6102))
  }

  @Test("is off with a limit of zero")
  func off() {
    var watch = SilenceWatch()
    _ = watch.look(at: at(0), isOpen: true, limit: .zero)
    let isSilent = watch.look(at: at(1_000_000), isOpen: true, limit: .zero)
    #expect(!isSilent)
  }
}
