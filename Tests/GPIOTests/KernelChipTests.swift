import Foundation
import Testing

@testable import GPIO

/// What can be said of the kernel's chips on a machine without one; the virtual machine lane does the rest.
@Suite struct KernelChipTests {
  func emptyDirectory() throws -> String {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    return path
  }

  @Test func oneOfTheTwoLibrariesIsCompiledIn() {
    let version = KernelChip.libraryVersion
    #expect(version.hasPrefix("1.6") || version.hasPrefix("2."))
    if let expected = ProcessInfo.processInfo.environment["KIOSK_EXPECTED_LIBGPIOD"] {
      #expect(version.hasPrefix(expected))
    }
  }

  @Test func aMissingNodeIsNoChip() {
    let error = #expect(throws: GPIOError.self) { try KernelChip.open(path: "/dev/gpiochip987654") }
    #expect(error?.code == .noChip)
    #expect(error?.message == "there is no /dev/gpiochip987654")
  }

  @Test(arguments: ["/dev/null", "/etc/passwd", "/tmp"])
  func anotherFileIsNoChip(path: String) {
    let error = #expect(throws: GPIOError.self) { try KernelChip.open(path: path) }
    #expect(error?.code == .noChip)
    #expect(error?.message == "\(path) is not a GPIO chip")
  }

  @Test func aLabelWithoutAnyChipSaysSo() throws {
    let directory = try emptyDirectory()
    defer { try? FileManager.default.removeItem(atPath: directory) }
    for name in ["gpiochip0", "gpiochip", "gpiochip01", "gpiochipx", "gpio"] {
      try Data().write(to: URL(fileURLWithPath: "\(directory)/\(name)"))
    }
    try FileManager.default.createSymbolicLink(atPath: "\(directory)/gpiochip4", withDestinationPath: "gpiochip0")
    let error = #expect(throws: GPIOError.self) { try KernelChip.find(label: "pinctrl-bcm2711", in: directory) }
    #expect(error?.code == .noChip)
    #expect(error?.message == "there is no GPIO chip labelled “pinctrl-bcm2711”")
    #expect(error?.hint.contains("no GPIO chip in \(directory) at all") == true)
    #expect(try KernelChip.all(in: directory).isEmpty)
    #expect(try KernelChip.all(in: "\(directory)/missing").isEmpty)
  }

  @Test(arguments: [
    (EACCES, GPIOError.Code.notPermitted), (EPERM, .notPermitted), (ENODEV, .noChip), (EINVAL, .system), (EIO, .system),
  ])
  func anErrnoBecomesACodeAndAHint(errno: Int32, code: GPIOError.Code) {
    let error = GPIOError.system(errno, "the lines cannot be had", path: "/dev/gpiochip0")
    #expect(error.code == code)
    #expect(error.message.hasPrefix("the lines cannot be had: "))
    #expect(!error.hint.isEmpty)
  }
}
