import Core

/// The header lines that tell the application who is asking (interfaces, "What the application receives").
///
/// They are rendered once a session and copied into each request; values are encoded so that no name, in
/// whatever alphabet, can end a line or forge a list.
public enum IdentityHeaders {
    /// The lines of a session, each ended by CRLF: `X-Tenant-ID`, `X-User-ID`, `X-User-External-ID` where
    /// there is one, `X-User-Email`, `X-User-Name`, `X-User-Roles`, `X-Auth-Factors`, `X-Session-ID`.
    public static func lines(of session: SessionEntry, encoding: IdentityEncoding) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(384)
        append("X-Tenant-ID", session.tenant.text, encoding, to: &bytes)
        append("X-User-ID", session.user.description, encoding, to: &bytes)
        if let externalID = session.externalID, !externalID.isEmpty {
            append("X-User-External-ID", externalID, encoding, to: &bytes)
        }
        append("X-User-Email", session.email, encoding, to: &bytes)
        append("X-User-Name", session.name, encoding, to: &bytes)
        append(list: "X-User-Roles", session.roles.map(\.text), to: &bytes)
        append(list: "X-Auth-Factors", session.assurance.factors.map(\.rawValue), to: &bytes)
        append("X-Session-ID", session.handle.description, encoding, to: &bytes)
        return bytes
    }

    private static func append(
        _ name: String, _ value: String, _ encoding: IdentityEncoding, to bytes: inout [UInt8]
    ) {
        bytes.append(contentsOf: name.utf8)
        bytes.append(contentsOf: ": ".utf8)
        append(value: value, encoding: encoding, to: &bytes)
        bytes.append(contentsOf: "\r\n".utf8)
    }

    /// A comma-separated list of words whose grammar has no comma.
    private static func append(list name: String, _ words: [String], to bytes: inout [UInt8]) {
        bytes.append(contentsOf: name.utf8)
        bytes.append(contentsOf: ": ".utf8)
        bytes.append(contentsOf: words.joined(separator: ",").utf8)
        bytes.append(contentsOf: "\r\n".utf8)
    }

    /// Appends one value.
    ///
    /// `percent` encodes every byte outside printable ASCII, `%`, `,`, and a blank at either end, which a
    /// parser would trim (RFC 9110 §5.5).  `raw` appends UTF-8 as it is; but a value with a control, C1
    /// included, is percent-encoded all the same.
    public static func append(value: String, encoding: IdentityEncoding, to bytes: inout [UInt8]) {
        if encoding == .raw, !hasControl(value) {
            bytes.append(contentsOf: value.utf8)
            return
        }
        let octets = Array(value.utf8)
        for (index, octet) in octets.enumerated() {
            let isOuterBlank = octet == 0x20 && (index == 0 || index == octets.count - 1)
            if octet < 0x20 || octet >= 0x7F || octet == UInt8(ascii: "%") || octet == UInt8(ascii: ",")
                || isOuterBlank
            {
                ASCII.appendPercentEncoded(octet, to: &bytes)
            } else {
                bytes.append(octet)
            }
        }
    }

    private static func hasControl(_ value: String) -> Bool {
        value.unicodeScalars.contains { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) }
    }
}
