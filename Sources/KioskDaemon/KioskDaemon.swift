// kioskd: the one straight way from an edge to a committed event and a lamp, and what stands around it: the control
// socket, systemd's notifications, signals, health.
//
// Read `Capture` first: it is the way, top to bottom. Three threads: `edges` (in `GPIO`) blocks in poll and reads the
// lines; `capture` judges, commits and acknowledges, and waits for nothing but the disk; the main thread (`ServiceLoop`)
// does everything else.
//
// What does not live here: how edges are read (`GPIO`), what they mean (`Panel`), how events are kept (`Journal`), a
// network of any kind.
