// The vocabulary of the product: time as the kernel stamps it, buttons, scales, surveys, presses, verdicts, contacts, what
// lamps and buzzers say, and journal events. Pure values that every other module speaks in.
//
// What does not live here: anything that reads a clock, a file, a socket or a line; the rules that turn edges into
// presses (`Panel`); how events are stored (`Journal`). This module imports nothing.
