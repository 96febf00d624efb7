import ArgumentParser

@main struct Kioskctl: ParsableCommand {
}
