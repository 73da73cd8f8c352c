import Core
import TestSupport
import WebAuthn

/// One pair of `Tests/Vectors/webauthn/level3.txt`.
struct Level3Vector: Sendable {
    let name: String
    let parts: [String: [UInt8]]

    /// All fifteen.
    static func all() throws -> [Level3Vector] {
        let text = String(decoding: try TestFile.bytes("Vectors/webauthn/level3.txt"), as: UTF8.self)
        var vectors: [Level3Vector] = []
        var (name, parts) = ("", [String: [UInt8]]())
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            let words = line.split(separator: " ").map(String.init)
            if words[0] == "pair" {
                if !name.isEmpty { vectors.append(Level3Vector(name: name, parts: parts)) }
                (name, parts) = (words[1], [:])
            } else {
                parts[words[0]] = bytes(words[1])
            }
        }
        vectors.append(Level3Vector(name: name, parts: parts))
        return vectors
    }

    subscript(_ part: String) -> [UInt8] { parts[part] ?? [] }

    var registration: RegistrationResponse {
        RegistrationResponse(
            clientDataJSON: self["create.clientDataJSON"], attestationObject: self["create.attestationObject"])
    }

    /// An assertion names no credential here; it is the registration's.
    func assertion(credentialID: [UInt8]) -> AssertionResponse {
        AssertionResponse(
            credentialID: credentialID, clientDataJSON: self["get.clientDataJSON"],
            authenticatorData: self["get.authenticatorData"], signature: self["get.signature"], userHandle: nil)
    }
}

/// The bytes of a hexadecimal text that the test itself wrote.
func bytes(_ hexadecimal: String) -> [UInt8] {
    let digits = hexadecimal.utf8.compactMap(ASCII.hexadecimalValue)
    return stride(from: 0, to: digits.count - 1, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
}
