import Foundation

/// An answer, as a client that trusts nothing reads it.
struct Answer {
    /// Status codes of the interim answers before it.
    var interim: [Int] = []
    var status = 0
    /// In the order in which they came; names in lower case.
    var fields: MessageReader.Fields = []
    var body: [UInt8] = []

    /// The values of a field, joined.
    subscript(name: String) -> String? {
        let values = fields.filter { $0.name == name }.map(\.value)
        return values.isEmpty ? nil : values.joined(separator: ", ")
    }

    var text: String { String(decoding: body, as: UTF8.self) }

    /// The reason code of a problem document.
    var reason: String? {
        guard self["content-type"] == "application/problem+json" else { return nil }
        return ((try? JSONSerialization.jsonObject(with: Data(body))) as? [String: Any])?["code"] as? String
    }

    /// `200`, `403 role-missing`.
    var outcome: String { reason.map { "\(status) \($0)" } ?? "\(status)" }
}

/// A client's connection that speaks HTTP/1.1, one answer at a time.
final class HTTPConnection: MessageReader {
    /// TLS to a gateway.
    convenience init(port: UInt16, name: String = "acme.example.org", source: UInt8? = nil) throws {
        try self.init(TLSStream(port: port, name: name, source: source))
    }

    /// Sends a request and reads its answer.
    func ask(
        _ target: String, method: String = "GET", host: String = "acme.example.org", token: String? = nil,
        fields: [String] = [], body: String? = nil
    ) throws -> Answer {
        try send(Self.request(target, method: method, host: host, token: token, fields: fields, body: body))
        return try readAnswer(to: method)
    }

    static func request(
        _ target: String, method: String = "GET", host: String = "acme.example.org", token: String? = nil,
        fields: [String] = [], body: String? = nil
    ) -> String {
        var lines = ["\(method) \(target) HTTP/1.1", "Host: \(host)"]
        if let token { lines.append("Cookie: __Host-gatehouse=\(token)") }
        if let body { lines.append("Content-Length: \(body.utf8.count)") }
        return (lines + fields).joined(separator: "\r\n") + "\r\n\r\n" + (body ?? "")
    }

    /// Reads one answer with its body; interim answers are noted.
    func readAnswer(to method: String = "GET") throws -> Answer {
        var answer = try readHead()
        switch answer["transfer-encoding"] {
        case "chunked": answer.body = try readChunks()
        case .some(let coding): throw StreamFailure.malformed("transfer-encoding: \(coding)")
        case nil:
            if method == "HEAD" || answer.status == 204 || answer.status == 304 { break }
            if let length = answer["content-length"] {
                guard let count = Int(length) else { throw StreamFailure.malformed("content-length: \(length)") }
                answer.body = try take(count)
            } else {
                answer.body = try readToEnd()
            }
        }
        return answer
    }

    /// Reads a head, and the interim answers before it.
    func readHead() throws -> Answer {
        var interim: [Int] = []
        while true {
            guard let (line, fields) = try readLines() else { throw StreamFailure.malformed("no answer") }
            let words = line.split(separator: " ", maxSplits: 2)
            guard words.count >= 2, words[0] == "HTTP/1.1", words[1].utf8.count == 3, let status = Int(words[1]) else {
                throw StreamFailure.malformed(line)
            }
            guard status < 200 else { return Answer(interim: interim, status: status, fields: fields) }
            interim.append(status)
        }
    }
}
