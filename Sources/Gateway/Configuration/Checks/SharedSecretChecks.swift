/// `shared_secret_file`: a secret that can be a header's value and that nobody guesses.
struct SharedSecretChecks {
    /// Visible characters that a secret has at least: 128 bits where they are hexadecimal digits.
    static let fewestCharacters = 32
    /// Bytes of the file.
    static let longestFile = 4096

    let reader: ConfigurationReader
    let files: ConfigurationFiles

    /// The secret without white space at either end; nil where the key is "" or the file was refused.
    func secret(_ place: Located<String>) -> String? {
        guard !place.value.isEmpty,
            let content = files.read(place, kind: .sharedSecret, mostBytes: Self.longestFile)
        else { return nil }
        let shown = files.shown(place.value)
        if content.permissions & 0o006 != 0 {
            reader.warn(place, "\(shown) can be read or written by everybody; chmod 600 \(shown)")
        }
        let isSpace = { (octet: UInt8) in octet == 0x20 || (0x09...0x0D).contains(octet) }
        let octets = content.bytes.drop(while: isSpace).reversed().drop(while: isSpace).reversed()
        guard octets.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            reader.report(
                place, "\(shown) holds spaces or characters that are not visible ASCII",
                allowed: "allowed: one secret of \(Self.fewestCharacters) or more visible ASCII characters",
                remedy: "openssl rand -hex 32 > \(shown)")
            return nil
        }
        guard octets.count >= Self.fewestCharacters else {
            reader.report(
                place, "\(shown) holds \(ShownText.count(octets.count, "character"))",
                allowed: "allowed: \(Self.fewestCharacters) or more visible ASCII characters",
                remedy: "openssl rand -hex 32 > \(shown)")
            return nil
        }
        return String(decoding: Array(octets), as: UTF8.self)
    }
}
