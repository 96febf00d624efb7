// What every long-running program of the kiosk has in common towards the system it runs on: log records for journald, and
// telling systemd how the service is.
//
// What does not live here: what a program does, its command line and its exit codes. No network, no full Foundation: kioskd
// is made of this too.
