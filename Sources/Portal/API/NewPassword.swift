import Core
import Store

/// A password that somebody sets, in the form that is hashed.
enum NewPassword {
    /// Characters (Unicode scalars, after NFC), at least.
    static let fewestCharacters = 12
    /// Bytes, after NFC.
    static let mostBytes = 1024

    /// Brings the password into NFC and holds it against the bounds.
    static func judge(_ typed: consuming SecretBytes, field: String) throws(APIRefusal) -> SecretBytes {
        guard typed.count <= 4 * mostBytes else { throw tooLong(field) }
        let (isASCII, characters) = typed.withBytes { bytes in
            let octets = Span<UInt8>(_bytes: bytes)
            var (isASCII, characters) = (true, 0)
            for index in octets.indices {
                if octets[index] >= 0x80 { isASCII = false }
                // Every byte but a continuation begins a scalar.
                if octets[index] & 0xC0 != 0x80 { characters += 1 }
            }
            return (isASCII, characters)
        }
        if isASCII {
            guard typed.count <= mostBytes else { throw tooLong(field) }
            guard characters >= fewestCharacters else { throw tooShort(characters, field) }
            return typed
        }
        // Text beyond ASCII passes through a String, which cannot be wiped; it lives for this call only.
        var octets: [UInt8] = []
        typed.withBytes { bytes in
            let span = Span<UInt8>(_bytes: bytes)
            for index in span.indices { octets.append(span[index]) }
        }
        let text = CanonicalComposition.of(String(decoding: octets, as: UTF8.self))
        Wiping.wipe(&octets)
        var composed = Array(text.utf8)
        let count = text.unicodeScalars.count
        let password = SecretBytes(wiping: &composed)
        guard password.count <= mostBytes else { throw tooLong(field) }
        guard count >= fewestCharacters else { throw tooShort(count, field) }
        return password
    }

    private static func tooShort(_ count: Int, _ field: String) -> APIRefusal {
        APIRefusal(
            .passwordRefused, "the password has \(count) characters; allowed: \(fewestCharacters) at least",
            field: field)
    }

    private static func tooLong(_ field: String) -> APIRefusal {
        APIRefusal(.passwordRefused, "the password is too long; allowed: \(mostBytes) bytes", field: field)
    }
}
