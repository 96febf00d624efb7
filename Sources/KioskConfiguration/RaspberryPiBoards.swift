// The four Raspberry Pi boards. Sources:
// - Names and uses of lines: the boards' device trees in the Raspberry Pi kernel (bcm2710-rpi-3-b-plus.dts,
//   bcm2710-rpi-zero-2-w.dts, bcm2711-rpi-4-b.dts, bcm2712-rpi-5-b.dts) and in the mainline kernel
//   (bcm2837-rpi-3-b-plus.dts, bcm2837-rpi-zero-2-w.dts, bcm2711-rpi-4-b.dts, bcm2712-rpi-5-b.dts). The Raspberry Pi kernel
//   says GPIO2 where mainline says SDA1; mainline names no line of the Raspberry Pi 5 at all, so the offset must do.
// - Chip labels: the drivers pinctrl-bcm2835.c (which labels the Raspberry Pi 4's chip pinctrl-bcm2711, and on older kernels
//   pinctrl-bcm2835) and pinctrl-rp1.c.
// - Pins, the ID EEPROM, the fixed pull-ups, the serial console, waking by GPIO3: Raspberry Pi documentation, "GPIO and the
//   40-pin header", "HAT+ specification", "Configure UARTs" (raspberrypi.com/documentation).
// The offset of a header line equals its BCM number on all four.

extension BoardProfile {
  static let raspberryPi3BPlus = BoardProfile(
    title: "Raspberry Pi 3B+",
    chipLabels: ["pinctrl-bcm2835"],
    header: fortyPinHeader,
    internal: lines(
      from: 28,
      [
        ("HDMI_HPD_N", "to sense the HDMI plug"), ("STATUS_LED_G", "for the activity lamp"),
        ("CTS0", bluetooth), ("RTS0", bluetooth), ("TXD0", bluetooth), ("RXD0", bluetooth),
        ("SD1_CLK", wifi), ("SD1_CMD", wifi), ("SD1_DATA0", wifi), ("SD1_DATA1", wifi), ("SD1_DATA2", wifi),
        ("SD1_DATA3", wifi),
        ("PWM0_OUT", audio), ("PWM1_OUT", audio), ("ETH_CLK", ethernet), ("WIFI_CLK", wifi),
        ("SDA0", camera), ("SCL0", camera), ("SMPS_SCL", power), ("SMPS_SDA", power),
        ("SD_CLK_R", card), ("SD_CMD_R", card), ("SD_DATA0_R", card), ("SD_DATA1_R", card), ("SD_DATA2_R", card),
        ("SD_DATA3_R", card),
      ]),
    supplyPins: supplyPins)

  static let raspberryPiZero2W = BoardProfile(
    title: "Raspberry Pi Zero 2 W",
    chipLabels: ["pinctrl-bcm2835"],
    header: fortyPinHeader,
    internal: lines(
      from: 28,
      [
        ("HDMI_HPD_N", "to sense the HDMI plug"), ("STATUS_LED_N", "for the activity lamp"),
        ("CTS0", bluetooth), ("RTS0", bluetooth), ("TXD0", bluetooth), ("RXD0", bluetooth),
        ("SD1_CLK", wifi), ("SD1_CMD", wifi), ("SD1_DATA0", wifi), ("SD1_DATA1", wifi), ("SD1_DATA2", wifi),
        ("SD1_DATA3", wifi),
        ("CAM_GPIO1", camera), ("WL_ON", wifi), ("BT_ON", bluetooth), ("WIFI_CLK", wifi),
        ("SDA0", camera), ("SCL0", camera), ("SMPS_SCL", power), ("SMPS_SDA", power),
        ("SD_CLK_R", card), ("SD_CMD_R", card), ("SD_DATA0_R", card), ("SD_DATA1_R", card), ("SD_DATA2_R", card),
        ("SD_DATA3_R", card),
      ]),
    supplyPins: supplyPins)

  static let raspberryPi4 = BoardProfile(
    title: "Raspberry Pi 4",
    chipLabels: ["pinctrl-bcm2711", "pinctrl-bcm2835"],
    header: fortyPinHeader,
    internal: lines(
      from: 28,
      [
        ("RGMII_MDIO", ethernet), ("RGMII_MDC", ethernet),
        ("CTS0", bluetooth), ("RTS0", bluetooth), ("TXD0", bluetooth), ("RXD0", bluetooth),
        ("SD1_CLK", wifi), ("SD1_CMD", wifi), ("SD1_DATA0", wifi), ("SD1_DATA1", wifi), ("SD1_DATA2", wifi),
        ("SD1_DATA3", wifi),
        ("PWM0_MISO", audio), ("PWM1_MOSI", audio), ("STATUS_LED_G_CLK", "for the activity lamp"),
        ("SPIFLASH_CE_N", "for the boot loader's flash"), ("SDA0", camera), ("SCL0", camera),
        ("RGMII_RXCLK", ethernet), ("RGMII_RXCTL", ethernet), ("RGMII_RXD0", ethernet), ("RGMII_RXD1", ethernet),
        ("RGMII_RXD2", ethernet), ("RGMII_RXD3", ethernet), ("RGMII_TXCLK", ethernet), ("RGMII_TXCTL", ethernet),
        ("RGMII_TXD0", ethernet), ("RGMII_TXD1", ethernet), ("RGMII_TXD2", ethernet), ("RGMII_TXD3", ethernet),
      ]),
    supplyPins: supplyPins)

  static let raspberryPi5 = BoardProfile(
    title: "Raspberry Pi 5",
    chipLabels: ["pinctrl-rp1"],
    header: fortyPinHeader,
    internal: lines(
      from: 28,
      [
        ("PCIE_RP1_WAKE", "to link its two chips"), ("FAN_TACH", "for the fan"),
        ("HOST_SDA", "to link its two chips"), ("HOST_SCL", "to link its two chips"), ("ETH_RST_N", ethernet),
        ("", nothing), ("CD0_IO0_MICCLK", camera), ("CD0_IO0_MICDAT0", camera),
        ("RP1_PCIE_CLKREQ_N", "to link its two chips"), ("", nothing), ("CD0_SDA", camera), ("CD0_SCL", camera),
        ("CD1_SDA", camera), ("CD1_SCL", camera), ("USB_VBUS_EN", usb), ("USB_OC_N", usb),
        ("RP1_STAT_LED", "for the activity lamp"), ("FAN_PWM", "for the fan"), ("CD1_IO0_MICCLK", camera),
        ("2712_WAKE", "to wake up"), ("CD1_IO1_MICDAT1", camera), ("EN_MAX_USB_CUR", usb),
        ("", nothing), ("", nothing), ("", nothing), ("", nothing),
      ]),
    supplyPins: supplyPins)

  // MARK: - What the boards share

  /// Pins of GPIO0 to GPIO27, and the name mainline kernels give where it is another one.
  private static let headerTable: [(pin: Int, mainline: [String])] = [
    (27, ["ID_SDA", "ID_SD"]), (28, ["ID_SCL", "ID_SC"]), (3, ["SDA1"]), (5, ["SCL1"]), (7, ["GPIO_GCLK"]), (29, []),
    (31, []), (26, ["SPI_CE1_N"]), (24, ["SPI_CE0_N"]), (21, ["SPI_MISO"]), (19, ["SPI_MOSI"]), (23, ["SPI_SCLK"]),
    (32, []), (33, []), (8, ["TXD1"]), (10, ["RXD1"]), (36, []), (11, []), (12, []), (35, []), (38, []), (40, []),
    (15, []), (16, []), (18, []), (22, []), (37, []), (13, []),
  ]

  private static let reserved: [Int: String] = [
    0: "the board reads at start to find a HAT (ID EEPROM, data)",
    1: "the board reads at start to find a HAT (ID EEPROM, clock)",
    14: "the serial console sends boot messages on",
    15: "the serial console listens on: a press there would be typed into it",
  ]

  private static let fortyPinHeader: [HeaderLine] = headerTable.enumerated().map { offset, line in
    HeaderLine(
      offset: offset, pin: line.pin, names: ["GPIO\(offset)"] + line.mainline, reservedBecause: reserved[offset],
      hasFixedPullUp: offset == 2 || offset == 3)
  }

  private static let supplyPins: [Int: String] = {
    var pins = [1: "3.3 V", 17: "3.3 V", 2: "5 V", 4: "5 V"]
    for ground in [6, 9, 14, 20, 25, 30, 34, 39] { pins[ground] = "ground" }
    return pins
  }()

  private static let bluetooth = "for Bluetooth"
  private static let wifi = "for Wi-Fi"
  private static let audio = "for sound"
  private static let ethernet = "for Ethernet"
  private static let camera = "for cameras and displays"
  private static let power = "to control its power supply"
  private static let card = "for the SD card"
  private static let usb = "for USB power"
  private static let nothing = "for nothing: it ends inside the chip"

  private static func lines(from first: Int, _ table: [(name: String, use: String)]) -> [InternalLine] {
    table.enumerated().map { index, line in
      let offset = first + index
      let names = ["GPIO\(offset)"] + (line.name.isEmpty ? [] : [line.name])
      return InternalLine(offset: offset, names: names, use: line.use)
    }
  }
}
