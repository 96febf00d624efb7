import NIOCore

/// A part of the page. All of them are in the program: there is no file to be missing, and none to be changed.
struct PageFile: Sendable {
  var type: String
  var content: ByteBuffer

  private init(_ type: String, _ bytes: [UInt8]) {
    self.type = "\(type); charset=utf-8"
    content = ByteBuffer(bytes: bytes)
  }

  /// By path.
  static let all: [String: PageFile] = [
    "/": PageFile("text/html", PackageResources.index_html),
    "/page.css": PageFile("text/css", PackageResources.page_css),
    "/page.js": PageFile("text/javascript", PackageResources.page_js),
    "/phrases.js": PageFile("text/javascript", PackageResources.phrases_js),
    "/drawings.js": PageFile("text/javascript", PackageResources.drawings_js),
    "/fit.js": PageFile("text/javascript", PackageResources.fit_js),
  ]
}
