import Glibc
import KioskDaemon

/// The capture daemon. Everything it does is in `KioskDaemon`, so that tests can reach it.
@main
struct Kioskd {
  static func main() {
    exit(KioskDaemon.main(arguments: CommandLine.arguments).rawValue)
  }
}
