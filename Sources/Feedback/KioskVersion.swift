/// The version of all programs of the product (CHANGELOG.md).
public let kioskVersion = "0.1.0"
