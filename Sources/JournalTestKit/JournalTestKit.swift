// What tests and fault programs need to torment a journal: a storage layer that fails or loses power on demand, random
// events that are the same for the same seed, and plain models of what must come out. No Foundation, so that a program
// with it starts in milliseconds and fits into the first file system of an emulated machine.
//
// What does not live here: anything about panels, kioskd or the control socket (`KioskTestKit`).
