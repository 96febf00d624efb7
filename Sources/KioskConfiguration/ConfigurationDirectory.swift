import Glibc

/// The configuration directory on disk: which files belong to it, and what they hold.
struct ConfigurationDirectory {
  let path: String

  /// Every file there is, in the order in which they take effect; none behind the one with which there are more than a
  /// configuration may have. What cannot be read becomes a problem.
  /// - Parameter offered: what stands in the place of the surveys of the directory, which are then not looked at.
  func sources(offered: OfferedSurveys? = nil, problems: ProblemList) -> [ConfigurationSource] {
    var found: [ConfigurationSource] = []
    var status = stat()
    guard stat(path, &status) == 0 else {
      problems.add(
        errno == ENOENT ? .missingFile : .unreadable, at: .whole(path),
        "the configuration directory cannot be opened: \(errorText(errno))",
        write: "create it with kiosk.toml, panel.toml and surveys/ in it (docs/examples has complete ones), or name "
          + "another directory")
      return []
    }
    guard isKind(status, S_IFDIR) else {
      problems.add(
        .unreadable, at: .whole(path), "this is not a directory",
        write: "name the directory that holds kiosk.toml and panel.toml, such as /etc/kiosk")
      return []
    }
    for name in ["kiosk", "panel"] {
      if let source = read("\(name).toml", isRequired: true, problems: problems) { found.append(source) }
      readAll(in: "\(name).d", into: &found, problems: problems)
    }
    if let offered {
      found += offered.files
    } else {
      readAll(in: "surveys", into: &found, problems: problems)
    }
    return found
  }

  /// The `*.toml` files of a directory below, in the order of their names' bytes; none when there is no such directory.
  private func readAll(in directory: String, into found: inout [ConfigurationSource], problems: ProblemList) {
    guard !found.isBeyondLimits else { return }
    guard let stream = opendir("\(path)/\(directory)") else {
      if errno != ENOENT {
        problems.add(
          .unreadable, at: .whole(directory), "the directory cannot be opened: \(errorText(errno))",
          write: "make it a directory that the kiosk's user may read and enter (mode 0755), or remove it")
      }
      return
    }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: UInt8.self, capacity: 256) { bytes in
          String(decoding: UnsafeBufferPointer(start: bytes, count: strnlen(bytes, 256)), as: UTF8.self)
        }
      }
      // Editors and package tools leave .name.swp, name.toml~ and name.toml.dpkg-dist behind; none is meant.
      guard name.hasSuffix(".toml"), !name.hasPrefix(".") else { continue }
      names.append(name)
      guard names.count <= 4 * ConfigurationSource.mostFiles else { break }
    }
    names.sort { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    for name in names.prefix(ConfigurationSource.mostFiles + 1) where !found.isBeyondLimits {
      if let source = read("\(directory)/\(name)", isRequired: false, problems: problems) { found.append(source) }
    }
  }

  private func read(_ name: String, isRequired: Bool, problems: ProblemList) -> ConfigurationSource? {
    let file = "\(path)/\(name)"
    // Non-blocking, so that a fifo in the place of a file does not hold up the start.
    let descriptor = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
    guard descriptor >= 0 else {
      reportUnopened(name, errno, isRequired: isRequired, problems: problems)
      return nil
    }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, isKind(status, S_IFREG) else {
      let kind = isKind(status, S_IFDIR) ? "a directory" : "no regular file"
      problems.add(
        .unreadable, at: .whole(name), "this is \(kind)", write: "put a text file in its place, or remove it")
      return nil
    }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 16_384)
    while bytes.count <= ConfigurationSource.mostBytes {
      let count = Glibc.read(descriptor, &chunk, chunk.count)
      if count == 0 { return ConfigurationSource(path: name, bytes: bytes) }
      guard count > 0 else {
        if errno == EINTR { continue }
        problems.add(
          .unreadable, at: .whole(name), "reading it failed: \(errorText(errno))",
          write: "copy the file anew; where that fails too, the disk or card is damaged")
        return nil
      }
      bytes += chunk.prefix(count)
    }
    problems.add(
      .tooLarge, at: .whole(name), "the file has more than \(ConfigurationSource.mostBytes / 1024) KiB",
      write: "keep it below that; is it a configuration file at all?")
    return nil
  }

  private func reportUnopened(_ name: String, _ error: Int32, isRequired: Bool, problems: ProblemList) {
    let place = SourcePosition.whole(name)
    var status = stat()
    switch error {
    case ENOENT where lstat("\(path)/\(name)", &status) == 0:
      problems.add(
        .missingFile, at: place, "this is a link to a file that does not exist",
        write: "point the link at a file (ln -sf FILE \(path)/\(name)), or put the file itself there")
    case ENOENT where !isRequired: break  // Removed since the directory was listed.
    case ENOENT:
      problems.add(
        .missingFile, at: place, "the file is missing",
        write: "create \(path)/\(name); docs/examples has complete ones to start from")
    case EACCES, EPERM:
      problems.add(
        .unreadable, at: place, "the kiosk's user may not read it (permission denied)",
        write: "allow it: chown root:kiosk \(path)/\(name) and chmod 0640")
    default:
      problems.add(
        .unreadable, at: place, "it cannot be opened: \(errorText(error))",
        write: "put a readable text file in its place")
    }
  }
}

/// Whether a file's status says it is of that kind (`S_IFREG`, `S_IFDIR`).
func isKind(_ status: stat, _ kind: mode_t) -> Bool { status.st_mode & S_IFMT == kind }

private func errorText(_ error: Int32) -> String {
  String(cString: strerror(error))
}
