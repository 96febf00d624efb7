// KioskTestKit
