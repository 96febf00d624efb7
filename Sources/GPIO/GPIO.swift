// The lines of a chip: found by label and name, requested, read as a stream of stamped edges, set as outputs. Two chips
// stand behind the same interface: the kernel's (`KernelChip`, over `CGpiod`) and a simulated one (`SimulatedChip`).
//
// What does not live here: debouncing in software and everything a press means (`Panel`); which line is which button
// (`KioskConfiguration`).
