// What tests are made of: seeded random numbers, waveforms, a storage layer that fails and cuts the power, the real
// programs started in directories of their own, and waiting by looking instead of sleeping.
//
// What does not live here: anything a program of the product links. Only test targets import this module.
