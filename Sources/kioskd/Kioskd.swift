import KioskDaemon

@main struct Kioskd {
  static func main() {}
}
