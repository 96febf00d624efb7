// swift-tools-version:6.2
import PackageDescription

// Warnings stop the build in our own lanes (`make` sets the variable); somebody building with a newer compiler that
// knows new warnings still gets a kiosk.
let strict: [SwiftSetting] =
  Context.environment["KIOSK_WARNINGS_AS_ERRORS"] == nil ? [] : [.treatAllWarnings(as: .error)]

let package = Package(
  name: "feedback-kiosk",
  products: [
    .executable(name: "kioskd", targets: ["kioskd"]),
    .executable(name: "kioskctl", targets: ["kioskctl"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
  ],
  targets: [
    // C boundary: system libraries and the small shims over them.
    .systemLibrary(name: "CLibGpiod", pkgConfig: "libgpiod", providers: [.apt(["libgpiod-dev"])]),
    .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
    .systemLibrary(name: "CMessageDigest", pkgConfig: "libmd", providers: [.apt(["libmd-dev"])]),
    .target(name: "CGpiod", dependencies: ["CLibGpiod"]),
    .target(name: "CTOML"),
    .target(name: "CKioskPlatform"),

    // Pure values and state machines.
    .target(name: "Feedback", swiftSettings: strict),
    .target(name: "Panel", dependencies: ["Feedback"], swiftSettings: strict),

    // One module per outside thing.
    .target(name: "GPIO", dependencies: ["CGpiod", "CKioskPlatform", "Feedback"], swiftSettings: strict),
    .target(name: "Journal", dependencies: ["CSQLite", "CMessageDigest", "Feedback"], swiftSettings: strict),
    .target(name: "KioskConfiguration", dependencies: ["CTOML", "Feedback"], swiftSettings: strict),
    .target(name: "KioskControl", dependencies: ["CKioskPlatform", "Feedback"], swiftSettings: strict),
    .target(name: "AgentControl", dependencies: ["KioskControl"], swiftSettings: strict),
    .target(name: "Wire", dependencies: ["Feedback"], swiftSettings: strict),
    .target(
      name: "KioskService",
      dependencies: ["CKioskPlatform", .product(name: "Logging", package: "swift-log")], swiftSettings: strict),
    .target(name: "JournalExport", dependencies: ["Feedback", "Journal", "Wire"], swiftSettings: strict),

    // Programs.
    .target(
      name: "KioskDaemon",
      dependencies: [
        "CKioskPlatform", "Feedback", "GPIO", "Journal", "KioskConfiguration", "KioskControl", "KioskService", "Panel",
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: strict),
    .executableTarget(name: "kioskd", dependencies: ["KioskDaemon"], swiftSettings: strict),
    .executableTarget(
      name: "kioskctl",
      dependencies: [
        "AgentControl", "CKioskPlatform", "Feedback", "Journal", "JournalExport", "KioskConfiguration", "KioskControl",
        "Panel", "Wire",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: strict),

    // Measurements.
    .target(name: "CAllocationCount", path: "Benchmarks/CAllocationCount"),
    .executableTarget(
      name: "panel-bench", dependencies: ["CAllocationCount", "Feedback", "Panel"], path: "Benchmarks/PanelBench",
      swiftSettings: strict),

    // Tests.
    .target(name: "CFaultVFS", dependencies: ["CSQLite"]),
    .target(
      name: "JournalTestKit", dependencies: ["CFaultVFS", "CSQLite", "Feedback", "Journal"], swiftSettings: strict),
    .target(
      name: "KioskTestKit",
      dependencies: ["CKioskPlatform", "CSQLite", "Feedback", "GPIO", "Journal", "JournalTestKit", "KioskControl"],
      swiftSettings: strict),
    .testTarget(name: "FeedbackTests", dependencies: ["Feedback"], swiftSettings: strict),
    .testTarget(name: "PanelTests", dependencies: ["Panel", "KioskTestKit"], swiftSettings: strict),
    .testTarget(name: "GPIOTests", dependencies: ["CGpiod", "GPIO", "KioskTestKit"], swiftSettings: strict),
    .executableTarget(
      name: "journal-writer", dependencies: ["CKioskPlatform", "Feedback", "Journal", "JournalTestKit"],
      path: "Tests/JournalWriter", swiftSettings: strict),
    .executableTarget(
      name: "journal-faults", dependencies: ["CKioskPlatform", "Feedback", "Journal", "JournalTestKit"],
      path: "Tests/JournalFaults", swiftSettings: strict),
    .executableTarget(
      name: "fuzz",
      dependencies: [
        "CKioskPlatform", "Feedback", "Journal", "JournalTestKit", "KioskConfiguration", "KioskControl",
      ],
      path: "Tests/Fuzz", swiftSettings: strict),
    .testTarget(
      name: "JournalTests", dependencies: ["CFaultVFS", "CSQLite", "Journal", "KioskTestKit", "journal-writer"],
      swiftSettings: strict),
    .testTarget(
      name: "KioskConfigurationTests", dependencies: ["KioskConfiguration", "KioskTestKit"], swiftSettings: strict),
    .testTarget(name: "WireTests", dependencies: ["Feedback", "KioskTestKit", "Wire"], swiftSettings: strict),
    .testTarget(
      name: "JournalExportTests",
      dependencies: ["CSQLite", "Feedback", "Journal", "JournalExport", "KioskTestKit", "Wire"], swiftSettings: strict),
    .testTarget(name: "KioskControlTests", dependencies: ["KioskControl", "KioskTestKit"], swiftSettings: strict),
    .testTarget(
      name: "KioskDaemonTests",
      dependencies: ["CSQLite", "Journal", "KioskDaemon", "KioskTestKit", "kioskd", "kioskctl"], swiftSettings: strict),
  ],
  swiftLanguageModes: [.v6],
  cLanguageStandard: .gnu11,
  cxxLanguageStandard: .cxx17
)

// The network side. kioskd and what it is made of have none of it, so the lanes that build the capture side a second time
// leave it out.
if Context.environment["KIOSK_CAPTURE_ONLY"] == nil {
  package.dependencies += [
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
    .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    // Without its traits: no full Foundation.
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
  ]
  package.products.append(.executable(name: "kiosk-agent", targets: ["kiosk-agent"]))
  package.targets += [
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .target(
      name: "Uplink",
      dependencies: [
        "CSQLite", "CZlib", "Feedback", "Journal", "Wire",
        .product(name: "AsyncHTTPClient", package: "async-http-client"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
      ],
      swiftSettings: strict),
    .target(
      name: "KioskAgent",
      dependencies: [
        "AgentControl", "CKioskPlatform", "Feedback", "Journal", "KioskConfiguration",
        "KioskControl", "KioskService",
        "Uplink", "Wire",
        .product(name: "Hummingbird", package: "hummingbird"),
        .product(name: "HummingbirdCore", package: "hummingbird"),
        .product(name: "HummingbirdTLS", package: "hummingbird"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
        .product(name: "UnixSignals", package: "swift-service-lifecycle"),
      ],
      // The visitor's page, in the program itself.
      resources: [.embedInCode("Display/Page")],
      swiftSettings: strict),
    .executableTarget(
      name: "kiosk-agent",
      dependencies: ["KioskAgent", .product(name: "ArgumentParser", package: "swift-argument-parser")],
      swiftSettings: strict),
    .testTarget(
      name: "KioskAgentTests",
      dependencies: [
        "AgentControl", "Feedback", "Journal", "JournalTestKit", "KioskAgent", "KioskConfiguration", "KioskControl",
        "KioskTestKit",
        "Uplink", "Wire", "kiosk-agent", "kioskd",
        .product(name: "AsyncHTTPClient", package: "async-http-client"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOEmbedded", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
      ],
      swiftSettings: strict),
    .testTarget(
      name: "UplinkTests",
      dependencies: [
        "CSQLite", "CZlib", "Feedback", "Journal", "JournalTestKit", "KioskTestKit", "Uplink", "Wire",
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
      ],
      swiftSettings: strict),
  ]
}
