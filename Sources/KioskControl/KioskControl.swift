// The control socket: the language `kioskctl`, `kiosk-agent` and a display speak with `kioskd`, its server and its client.
// One JSON object a line in each direction over a unix stream socket; what may be asked is `ControlRequest`, what comes
// back is `ControlReply` or, after `watch`, a run of `Activity` lines.
//
// What does not live here: what the daemon does with a request (`KioskDaemon`), how a reply is printed (`kioskctl`).
