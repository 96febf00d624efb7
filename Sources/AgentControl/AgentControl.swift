// What may be asked of kiosk-agent over its own socket, and what it answers: shared by the agent and kioskctl. A line of JSON
// each way, as on kioskd's socket (`KioskControl`); apart from it, because kioskd needs none of this.
//
// What does not live here: serving it (`KioskAgent`), showing it (`kioskctl`).
