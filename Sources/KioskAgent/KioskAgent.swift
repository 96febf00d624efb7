// Everything kiosk-agent is: what it hears from kioskd (`Capture`), handing events on (`Delivery`), being fetched from
// (`Serving`), the page beside the buttons (`Display`), and what a technician may ask of it (`Control`). It reads the journal
// and never writes it; what it must remember is in `agent.db`. If it is killed, stopped or fed nonsense, no press is lost.
//
// What does not live here: deciding what comes next and what an answer means (`Uplink`), the forms of an event (`Wire`), the
// command line (`kiosk-agent`).
