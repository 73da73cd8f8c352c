import Core

/// Writes a header section that was read as HTTP/1.1 writes it, so that requests of both protocols pass the same parser
/// and the same gate, and answers the same rewriter.
extension HTTP2HeadReader {
    /// Writes the request's head behind `out`.
    /// - Parameters:
    ///   - isWhole: no body follows.
    ///   - isSecure: the scheme must be https, else http.
    ///   - key: of a WebSocket handshake: 24 characters, which HTTP/2 has no need of (RFC 8441 §5) and an application does.
    /// - Returns: why it is refused.
    func writeRequest(isWhole: Bool, isSecure: Bool, key: () -> [UInt8], into out: inout WireBuffer) -> ReasonCode? {
        if let fault { return fault }
        guard let stream, let method else { return .requestLineMalformed }
        let isConnect = pseudo.withBytes { $0.extracting(method.range).equals("CONNECT") }
        if isConnect, `protocol` == nil { return .methodRefused }
        guard let scheme, let path, isConnect == (`protocol` != nil) else { return .requestLineMalformed }
        if let reason = pseudo.withBytes({ lineFault($0, isSecure, method: method, scheme: scheme, path: path) }) {
            return reason
        }
        guard let authority = authority ?? host else { return .hostMissing }
        if let host {
            let isSame = pseudo.withBytes {
                $0.extracting(host.range).equalsIgnoringCase($0.extracting(authority.range))
            }
            guard isSame else { return .hostMismatch }
        }
        if let `protocol` {
            // Others are not known here (RFC 9220 §3), and a tunnel has no end that its head could tell.
            guard pseudo.withBytes({ $0.extracting(`protocol`.range).equalsIgnoringCase("websocket") }) else {
                return .methodUnsupported
            }
            guard !isWhole, contentLength == nil else { return .upgradeMalformed }
            stream.isWebSocket = true
        }
        if isWhole, let contentLength, contentLength > 0 { return .lengthMalformed }
        pseudo.withBytes { pseudo in
            if stream.isWebSocket { out.append("GET") } else { out.append(pseudo.extracting(method.range)) }
            out.append(" ")
            out.append(pseudo.extracting(path.range))
            out.append(" HTTP/1.1\r\nhost: ")
            out.append(pseudo.extracting(authority.range))
            out.append("\r\n")
        }
        fields.withBytes { out.append($0) }
        if !cookies.isEmpty {
            out.append("cookie: ")
            cookies.withBytes { out.append($0) }
            out.append("\r\n")
        }
        if stream.isWebSocket {
            out.append("connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-key: ")
            out.append(key())
            out.append("\r\n")
        } else if !isWhole, contentLength == nil {
            // The frames say where the body ends, and so do chunks to the application.
            out.append("transfer-encoding: chunked\r\n")
        }
        out.append("\r\n")
        stream.announced = stream.isWebSocket ? nil : contentLength
        return nil
    }

    /// What could be read as another request line.
    private func lineFault(_ pseudo: RawSpan, _ isSecure: Bool, method: ByteRange, scheme: ByteRange, path: ByteRange)
        -> ReasonCode?
    {
        guard pseudo.extracting(scheme.range).equalsIgnoringCase(isSecure ? "https" : "http") else {
            return .targetScheme
        }
        guard !method.isEmpty else { return .requestLineMalformed }
        for index in method.range where FieldScanner.fold(pseudo.octet(index)) == 0 { return .requestLineMalformed }
        guard !path.isEmpty, pseudo.octet(Int(path.start)) == 0x2F else { return .targetMalformed }
        for index in path.range where !(0x21...0x7E).contains(pseudo.octet(index)) { return .targetMalformed }
        if let authority {
            for index in authority.range where !(0x21...0x7E).contains(pseudo.octet(index)) { return .hostMalformed }
        }
        return nil
    }

    /// Writes an answer's head behind `out`; nil where it breaks the rules (RFC 9113 §8.3.2).
    func writeAnswer(into out: inout WireBuffer) -> UInt16? {
        guard fault == nil, let stream, let status else { return nil }
        let code: UInt64? = pseudo.withBytes { pseudo in
            status.count == 3 ? RequestHead.decimal(pseudo.extracting(status.range)) : nil
        }
        // There is no 101 here (§8.6).
        guard let code, (100...599).contains(code), code != 101 else { return nil }
        out.append("HTTP/1.1 ")
        pseudo.withBytes { out.append($0) }
        out.append(" \r\n")
        fields.withBytes { out.append($0) }
        out.append("\r\n")
        if code >= 200 { stream.announced = contentLength }
        return UInt16(code)
    }

    /// Writes a trailer section behind `out`, its empty line included.
    func writeTrailers(into out: inout WireBuffer) -> ReasonCode? {
        if let fault { return fault }
        fields.withBytes { out.append($0) }
        out.append("\r\n")
        return nil
    }
}

extension RawSpan {
    /// True where the bytes are exactly this text.
    func equals(_ word: StaticString) -> Bool { byteCount == word.utf8CodeUnitCount && hasPrefix(word) }
}
