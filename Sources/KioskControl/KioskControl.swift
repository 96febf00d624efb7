// KioskControl
