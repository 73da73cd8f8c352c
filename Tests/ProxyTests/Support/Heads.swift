import Access
import Core
import EventLoop
import HTTPWire
import HostCrypto
import TestSupport

@testable import Proxy

/// A request's head from its lines; the first is the request line.
struct ReadRequest {
    let head: RequestHead
    let bytes: [UInt8]
    let outcome: RequestHeadParser.Outcome

    init(_ lines: [String], line: String = "GET /a HTTP/1.1", host: String = "app.example.org") {
        let bytes = Array(([line, "Host: \(host)"] + lines).map { $0 + "\r\n" }.joined().utf8) + [0x0D, 0x0A]
        var head = RequestHead()
        outcome = RequestHeadParser(limits: HeadLimits(bytes: 32_768, fields: 100)).parse(bytes.span.bytes, into: &head)
        self.head = head
        self.bytes = bytes
    }
}

/// A client's connection that is never used for bytes: it has an address, and TLS or not.
enum SampleConnection {
    static func make(from peer: ClientAddress = ClientAddress(ipv4: 0xC000_0201), isSecure: Bool = true) throws
        -> ClientConnection
    {
        let listener = try Socket.listening(
            on: SocketAddress(high: 0, low: 0xFFFF_7F00_0001, port: 0), isDualStack: false)
        let socket = try Socket.connecting(
            to: SocketAddress(high: 0, low: 0xFFFF_7F00_0001, port: listener.localPort))
        var tls: TLSSession?
        if isSecure {
            let pair = try CertificatePair(
                chain: try TestFile.bytes("Vectors/tls/first.crt.txt"),
                key: try TestFile.bytes("Vectors/tls/first.key.txt"))
            let context = try TLSServerContext(
                certificates: [pair], isTLS13Only: false, tickets: TicketKeys(now: 0))
            tls = TLSSession(context, scratch: TLSScratch())
        }
        let settings = ListenerSettings(address: ListenAddress(address: ClientAddress(ipv4: 0), port: 0), tls: nil)
        return ClientConnection(
            handle: Handle(index: 0, generation: 1), socket: socket, tls: tls,
            role: ListenerRole(.gateway(settings, nil)), peer: peer)
    }
}

extension WireBuffer {
    var text: String { String(decoding: copied(), as: UTF8.self) }
}

/// The lines of a head without the empty one; nil unless it ends properly and has no stray line end.
func headLines(of text: String) -> [String]? {
    let parts = text.components("\r\n")
    guard parts.count >= 3, parts.suffix(2) == ["", ""], !parts.dropLast(2).contains("") else { return nil }
    guard !parts.contains(where: { $0.utf8.contains(0x0D) || $0.utf8.contains(0x0A) }) else { return nil }
    return Array(parts.dropLast(2))
}

extension String {
    /// The pieces between `separator`s, empty ones too.
    func components(_ separator: String) -> [String] {
        var (found, piece, rest) = ([String](), [UInt8](), Array(utf8)[...])
        let mark = Array(separator.utf8)
        while let first = rest.first {
            if rest.starts(with: mark) {
                found.append(String(decoding: piece, as: UTF8.self))
                piece = []
                rest = rest.dropFirst(mark.count)
            } else {
                piece.append(first)
                rest = rest.dropFirst()
            }
        }
        return found + [String(decoding: piece, as: UTF8.self)]
    }
}
