// The kiosk's TOML files as checked values: device, panel and surveys, merged with their drop-ins, held against what
// the board can do. Whoever holds a `KioskSettings` needs to check nothing again. Everything that is wrong is found in
// one go, and each problem names file, line and column, what is wrong and what to write instead.
//
// What does not live here: opening lines (`GPIO`), judging presses by the numbers read here (`Panel`), the tables of
// other programs such as `[sync]`. The format is described in docs/CONFIGURATION.md.
