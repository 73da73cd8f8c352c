public import Core

/// The address that authenticator apps read from a QR code (the key URI format: `otpauth://totp/…`).
public enum OTPAuthURI {
    /// The address of a secret, with our parameters written out.
    ///
    /// It contains the secret: it belongs on the page and nowhere else.
    /// - Parameters:
    ///   - issuer: the tenant's display name; colons become blanks, since the format separates by one.
    ///   - account: the member's e-mail address; likewise.
    public static func text(secret: borrowing SecretBytes, issuer: String, account: String) -> String {
        var bytes = secret.withBytes { raw in
            let span = Span<UInt8>(_bytes: raw)
            return span.indices.map { span[$0] }
        }
        defer { Wiping.wipe(&bytes) }
        let (issuer, account) = (escaped(issuer), escaped(account))
        return "otpauth://totp/\(issuer):\(account)?secret=\(Base32.encode(bytes))&issuer=\(issuer)"
            + "&algorithm=SHA1&digits=\(TimeBasedCode.digitCount)&period=\(TimeBasedCode.period)"
    }

    private static let digits = Array("0123456789ABCDEF".utf8)

    /// Percent-encoded but for unreserved characters (RFC 3986 §2.3).
    private static func escaped(_ text: String) -> String {
        var octets: [UInt8] = []
        for octet in text.utf8.map({ $0 == UInt8(ascii: ":") ? UInt8(ascii: " ") : $0 }) {
            let isUnreserved =
                (0x61...0x7A).contains(octet) || (0x41...0x5A).contains(octet) || (0x30...0x39).contains(octet)
                || [0x2D, 0x2E, 0x5F, 0x7E].contains(octet)
            if isUnreserved {
                octets.append(octet)
            } else {
                octets += [UInt8(ascii: "%"), digits[Int(octet >> 4)], digits[Int(octet & 0x0F)]]
            }
        }
        return String(decoding: octets, as: UTF8.self)
    }
}
