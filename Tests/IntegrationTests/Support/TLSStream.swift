import COpenSSL
import Foundation

/// A TLS connection over TCP, as a client that checks no certificate: the tests look at it themselves.
final class TLSStream: ByteStream {
    let transport: TCPStream
    private let session: OpaquePointer

    // `nonisolated(unsafe)`: set up once, afterwards an SSL_CTX may be used by many threads.
    nonisolated(unsafe) private static let context: OpaquePointer = {
        guard let context = SSL_CTX_new(TLS_client_method()) else { fatalError("out of memory") }
        SSL_CTX_set_verify(context, SSL_VERIFY_NONE, nil)
        return context
    }()

    /// Shakes hands.
    /// - Parameters:
    ///   - name: what SNI says.
    ///   - protocols: what ALPN offers, in this order; nothing where there are none.
    init(_ transport: TCPStream, name: String = "acme.example.org", protocols: [String] = []) throws {
        self.transport = transport
        guard let session = SSL_new(Self.context) else { throw StreamFailure.tls("out of memory") }
        self.session = session
        var text = Array(name.utf8CString)
        _ = text.withUnsafeMutableBytes {
            SSL_ctrl(session, SSL_CTRL_SET_TLSEXT_HOSTNAME, Int(TLSEXT_NAMETYPE_host_name), $0.baseAddress)
        }
        let list = protocols.flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) }
        if !list.isEmpty { SSL_set_alpn_protos(session, list, UInt32(list.count)) }
        SSL_set_fd(session, transport.descriptor)
        let result = SSL_connect(session)
        guard result == 1 else { throw failure(result) }
    }

    convenience init(
        port: UInt16, name: String = "acme.example.org", source: UInt8? = nil, receiveBuffer: Int32? = nil
    ) throws {
        try self.init(TCPStream(port: port, source: source, receiveBuffer: receiveBuffer), name: name)
    }

    deinit { SSL_free(session) }

    private func failure(_ result: Int32) -> StreamFailure {
        let number = errno
        let code = SSL_get_error(session, result)
        defer { ERR_clear_error() }
        switch code {
        case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE: return .timedOut
        case SSL_ERROR_SYSCALL where number != 0: return .broken(number)
        default:
            var buffer = [CChar](repeating: 0, count: 200)
            guard let text = gh_last_error(&buffer, buffer.count) else { return .tls("unexpected end") }
            return .tls(String(cString: text))
        }
    }

    func send(_ bytes: some Collection<UInt8>) throws {
        let bytes = [UInt8](bytes)
        var offset = 0
        while offset < bytes.count {
            ERR_clear_error()
            let count = bytes.withUnsafeBytes {
                SSL_write(session, $0.baseAddress! + offset, Int32(min(bytes.count - offset, 1 << 20)))
            }
            guard count > 0 else { throw failure(count) }
            offset += Int(count)
        }
    }

    func receive(_ most: Int) throws -> [UInt8] {
        var failure: StreamFailure?
        let bytes = [UInt8](unsafeUninitializedCapacity: most) { buffer, count in
            ERR_clear_error()
            let received = SSL_read(session, buffer.baseAddress, Int32(most))
            if received <= 0, SSL_get_error(session, received) != SSL_ERROR_ZERO_RETURN {
                failure = self.failure(received)
            }
            count = Int(max(0, received))
        }
        if let failure { throw failure }
        return bytes
    }

    func close() { transport.close() }

    /// What ALPN has agreed on; empty for nothing.
    var agreedProtocol: String {
        var name: UnsafePointer<UInt8>?
        var count: UInt32 = 0
        SSL_get0_alpn_selected(session, &name, &count)
        return String(decoding: UnsafeBufferPointer(start: name, count: Int(count)), as: UTF8.self)
    }

    func limitWaits(milliseconds: Int) { transport.limitWaits(milliseconds: milliseconds) }

    /// The serial number of the certificate that the server showed.
    var serial: Int {
        guard let certificate = SSL_get1_peer_certificate(session) else { return 0 }
        defer { X509_free(certificate) }
        return ASN1_INTEGER_get(X509_get0_serialNumber(certificate))
    }
}
