// The forms in which journal events leave the kiosk: CloudEvents 1.0 in JSON (delivery and export), one plain JSON object
// a line, and comma-separated values for spreadsheets. Written the same way for ever, byte for byte, so that a receiver
// can compare and check them; docs/WIRE.md lists the fields.
//
// What does not live here: where the bytes go and when (`kioskctl`, later the uplink), and how the chain is checked
// (`Journal`). Nothing here touches a file or a clock.
