// The network side of handing events on: which event comes next for whom, how events become batches of bytes, when to
// try, what an answer means, and the connection itself. Everything that decides is a value without clock, socket or
// chance inside (`Backoff`, `BatchBuilder`, `PushMachine`); one file holds what talks to the network
// (`HTTPPushTransport`), behind the protocol `PushTransport`, so that another transport is one more file.
//
// What does not live here: the journal and its order of arrival (`Journal`), the forms of an event (`Wire`), the program
// that runs all this and what else it does (`KioskAgent`). Nothing here writes the journal.
