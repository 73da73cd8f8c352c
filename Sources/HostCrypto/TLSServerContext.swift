import COpenSSL

/// How a listener speaks TLS: protocol floor, certificates by server name, tickets, ALPN.
///
/// Only TLS 1.2 and 1.3 with forward-secret AEAD suites exist here, whatever a configuration says.  The
/// certificate is chosen when the client's hello arrives, before a ticket is read.  Shared by all loops;
/// replaced as a whole when a file changes.  Sessions keep the context they began with.
@safe public final class TLSServerContext: @unchecked Sendable {
    // `@unchecked`: an SSL_CTX may be used by many threads once it is set up, and it is not changed after
    // `init`.  The pointers are freed in `deinit`, when no session holds this object any more.
    let base: OpaquePointer
    private let selector: CertificateSelector
    private let tickets: TicketKeys
    private let selectorReference: Unmanaged<CertificateSelector>

    public struct Failure: Error, Sendable, Hashable {
        public let words: String
    }

    /// - Parameters:
    ///   - certificates: at least one; the first serves names that no certificate covers.
    ///   - offersHTTP2: ALPN takes h2 before http/1.1.
    public init(
        certificates: [CertificatePair], isTLS13Only: Bool, offersHTTP2: Bool = false, tickets: TicketKeys
    ) throws(Failure) {
        precondition(!certificates.isEmpty)
        var contexts: [OpaquePointer] = unsafe []
        var entries: [(names: [String], context: OpaquePointer)] = unsafe []
        for pair in certificates {
            guard let context = unsafe gh_tls_server_context(isTLS13Only ? 1 : 0) else {
                unsafe Self.free(contexts)
                throw Failure(words: Self.lastError())
            }
            unsafe contexts.append(context)
            let usesChain = unsafe pair.chain.withUnsafeBufferPointer {
                unsafe gh_tls_use_chain(context, $0.baseAddress, $0.count)
            }
            let usesKey = unsafe pair.key.withUnsafeBufferPointer {
                unsafe gh_tls_use_key(context, $0.baseAddress, $0.count)
            }
            // `tickets` is held by this object, which outlives its contexts.
            let argument = unsafe Unmanaged.passUnretained(tickets).toOpaque()
            let usesTickets = unsafe gh_tls_tickets(context, Self.findTicketKey, argument)
            guard usesChain == 1, usesKey == 1, usesTickets == 1, unsafe gh_tls_alpn(context, offersHTTP2 ? 1 : 0) == 1
            else {
                unsafe Self.free(contexts)
                throw Failure(words: Self.lastError())
            }
            unsafe entries.append((pair.names, context))
        }
        self.tickets = tickets
        unsafe base = contexts[0]
        unsafe selector = CertificateSelector(entries)
        unsafe selectorReference = Unmanaged.passRetained(selector)
        let chooses = unsafe gh_tls_select_by_name(
            base,
            { name, count, argument in
                guard let argument = unsafe argument else { return nil }
                // The selector is retained until the base context has been freed.
                let selector = unsafe Unmanaged<CertificateSelector>.fromOpaque(argument).takeUnretainedValue()
                return unsafe selector.context(UnsafeRawBufferPointer(start: name, count: count))
            }, selectorReference.toOpaque())
        precondition(chooses == 1)
    }

    deinit {
        unsafe Self.free(selector.contexts)
        unsafe selectorReference.release()
    }

    private static let findTicketKey: gh_ticket_find = { wanted, name, cipher, mac, argument in
        guard let argument = unsafe argument, let name = unsafe name, let cipher = unsafe cipher, let mac = unsafe mac
        else { return 0 }
        let keys = unsafe Unmanaged<TicketKeys>.fromOpaque(argument).takeUnretainedValue()
        return unsafe keys.find(wanted, name, cipher, mac)
    }

    /// Gives back one reference to each.
    private static func free(_ contexts: [OpaquePointer]) {
        for index in unsafe contexts.indices { unsafe SSL_CTX_free(contexts[index]) }
    }

    static func lastError() -> String {
        var buffer = [CChar](repeating: 0, count: 160)
        return unsafe buffer.withUnsafeMutableBufferPointer { pointer in
            guard let text = unsafe gh_last_error(pointer.baseAddress, pointer.count) else { return "no reason given" }
            return unsafe String(cString: text)
        }
    }
}

/// Certificates by server name: exact names first, then the wildcard of the name's parent (RFC 6125 §6.4.3).
@safe final class CertificateSelector {
    private var exact: [String: OpaquePointer] = unsafe [:]
    private var wildcard: [String: OpaquePointer] = unsafe [:]
    private let fallback: OpaquePointer
    let contexts: [OpaquePointer]

    init(_ entries: [(names: [String], context: OpaquePointer)]) {
        unsafe fallback = entries[0].context
        unsafe contexts = entries.map { unsafe $0.context }
        for index in unsafe entries.indices {
            let (names, context) = unsafe entries[index]
            for name in names {
                if name.hasPrefix("*.") {
                    let parent = String(name.dropFirst(2))
                    if unsafe wildcard[parent] == nil { unsafe wildcard[parent] = context }
                } else if unsafe exact[name] == nil {
                    unsafe exact[name] = context
                }
            }
        }
    }

    func context(_ name: UnsafeRawBufferPointer) -> OpaquePointer {
        guard unsafe !name.isEmpty, name.count <= 255 else { return unsafe fallback }
        let text = unsafe String(decoding: name, as: UTF8.self).lowercased()
        if let context = unsafe exact[text] { return unsafe context }
        guard let dot = text.firstIndex(of: ".") else { return unsafe fallback }
        return unsafe wildcard[String(text[text.index(after: dot)...])] ?? fallback
    }
}
