/// Hands one mail to a mail server (RFC 5321), by libcurl, over a connection of its own.
///
/// It blocks its thread and is bounded in time and size.  TLS is verified wherever it is spoken; no proxy of the
/// environment is heeded and no `.netrc` read.  The server is the operator's word, so private networks are not
/// refused (security rule 29 is for everybody else's URLs).
public struct SMTPDelivery: Sendable {
    /// Bytes of all that a server says in one conversation; one that says more is not listened to.
    public static let longestConversation = 64 * 1024
    /// Bytes of a mail.
    public static let longestMessage = 256 * 1024
    /// Until there is a connection, TLS included.
    public static let connectMilliseconds = 10_000

    public let server: SMTPServer

    public init(_ server: SMTPServer) { self.server = server }

    /// Sends the mail; when it returns, the server has taken it.
    public func send(_ message: MailMessage) throws(DeliveryFailure) {
        let octets = message.octets
        guard octets.count <= Self.longestMessage else { throw .refused(code: 0, "the mail is too long") }
        let transfer = try prepared()
        try transfer.send(octets, from: message.from.address, to: message.to.address)
    }

    /// Greets, turns to TLS and says who we are, as for a mail, and sends none.
    /// - Returns: the version of TLS that was spoken; nil in clear.
    public func greet() throws(DeliveryFailure) -> TLSVersion? {
        let transfer = try prepared()
        return try transfer.greet()
    }

    private func prepared() throws(DeliveryFailure) -> MailTransfer {
        // The configuration does not let this through; a secret in clear is worth a second look.
        guard server.credentials == nil || server.mayTellSecrets else {
            throw .unavailable("name and password would be sent in clear; write starttls: required")
        }
        let transfer = try MailTransfer()
        try transfer.set(server)
        return transfer
    }
}

/// Why a mail was not taken.
public enum DeliveryFailure: Error, Sendable, Hashable {
    /// The server does not take mail from us now: it cannot be reached, does not verify, does not let us in.  Every other
    /// mail would meet the same.
    case unavailable(String)
    /// This mail is not taken now (a code of 4xx, RFC 5321 §4.2.1), others may be.
    case deferred(code: Int, String)
    /// This mail will never be taken (a code of 5xx).
    case refused(code: Int, String)
}

extension DeliveryFailure: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unavailable(let words): words
        case .deferred(let code, let words), .refused(let code, let words):
            code == 0 ? words : "the server answered \(code): \(words)"
        }
    }
}
