import HostCrypto

extension HTTPSProbe {
    /// Asks, and waits for the answer.
    public func ask() throws(ProbeFailure) -> ProbeAnswer {
        let transfer = try prepared()
        try transfer.perform()
        guard let head = AnswerHead(transfer.head) else { throw .broken("the answer is no HTTP") }
        return ProbeAnswer(
            status: head.status, fields: head.fields, body: transfer.body, isBodyCut: transfer.isCut,
            version: TLSVersion(openSSLName: transfer.versionName), chain: transfer.chain)
    }

    /// Connects and shakes hands, and says nothing.
    public func handshake() throws(ProbeFailure) {
        let transfer = try prepared()
        try transfer.connect()
    }

    /// Sends these bytes as they are, over a connection of their own.
    /// - Returns: the head of the first answer, without a body; nil where the peer closed without one.
    public func exchange(_ bytes: [UInt8]) throws(ProbeFailure) -> ProbeAnswer? {
        let transfer = try prepared()
        try transfer.connect()
        try transfer.exchange(bytes)
        guard !transfer.head.isEmpty else { return nil }
        guard let head = AnswerHead(transfer.head) else { throw .broken("the answer is no HTTP") }
        return ProbeAnswer(status: head.status, fields: head.fields)
    }

    private func prepared() throws(ProbeFailure) -> CurlTransfer {
        guard Self.isSendable(url), Self.isSendable(method), !method.isEmpty else {
            throw .malformed("the URL or the method has characters that cannot be sent")
        }
        let transfer = try CurlTransfer(longestHead: Self.longestHead, longestBody: Self.longestBody)
        try transfer.set(url: url, method: method)
        let wait = min(max(1, longestWaitMilliseconds), Self.totalMilliseconds)
        try transfer.setBounds(connectMilliseconds: min(Self.connectMilliseconds, wait), totalMilliseconds: wait)
        try transfer.set(versions: versions)
        try transfer.set(trust: trust)
        for override in resolve { try transfer.addResolve("\(override)") }
        for field in fields {
            guard Self.isSendable(field.value), !field.name.isEmpty, field.name.utf8.allSatisfy(Self.isToken) else {
                throw .malformed("the field \(field.name) cannot be sent")
            }
            // libcurl's own way to say an empty value: without the semicolon it would leave the field out.
            try transfer.addField(field.value.isEmpty ? "\(field.name);" : "\(field.name): \(field.value)")
        }
        return transfer
    }

    /// Whether there is nothing in the text that ends a line or a C string.
    private static func isSendable(_ text: String) -> Bool {
        text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == UInt8(ascii: "\t") }
    }

    /// RFC 9110 §5.6.2.
    private static func isToken(_ octet: UInt8) -> Bool {
        switch octet {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: "!#$%&'*+-.^_`|~".utf8.contains(octet)
        }
    }
}
