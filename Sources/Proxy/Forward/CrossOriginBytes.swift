import Access
import Core
import HTTPWire

/// The header lines of a route's `cross_origin`, made once for each of its origins.
///
/// An origin is answered with its own name, never with what the client sent, and never with a wildcard: who is not listed
/// gets no line but `Vary`, which keeps caches from giving one origin's answer to another.
struct CrossOriginBytes {
    /// Added to every answer to a request of this origin; each line ended by CRLF.
    let answers: [[UInt8]]
    /// Added to the answer to a preflight of this origin.
    let preflights: [[UInt8]]
    /// `Vary: Origin`, added to every answer of the route.
    static let vary: StaticString = "Vary: Origin\r\n"
    /// What begins the name of each field of the protocol, folded.
    private static let family = Array("access-control-".utf8)

    init(_ settings: CrossOriginSettings) {
        let credentials = settings.allowsCredentials ? "Access-Control-Allow-Credentials: true\r\n" : ""
        let exposed =
            settings.exposedHeaders.isEmpty
            ? "" : "Access-Control-Expose-Headers: \(settings.exposedHeaders.joined(separator: ", "))\r\n"
        let methods = settings.methods.methods.map(\.token).joined(separator: ", ")
        var asked = "Access-Control-Allow-Methods: \(methods)\r\n"
        if !settings.headers.isEmpty {
            asked += "Access-Control-Allow-Headers: \(settings.headers.joined(separator: ", "))\r\n"
        }
        asked += "Access-Control-Max-Age: \(settings.maximumAge.count / 1000)\r\n"
        answers = settings.origins.map {
            Array("Access-Control-Allow-Origin: \($0)\r\n\(credentials)\(exposed)".utf8)
        }
        preflights = settings.origins.map {
            Array("Access-Control-Allow-Origin: \($0)\r\n\(credentials)\(asked)".utf8)
        }
    }

    /// True for a field of the application's that the gateway says in its place.
    static func replaces(_ name: RawSpan) -> Bool { FieldSpelling.begins(name, family) }

    /// Writes what an answer of the route says.
    /// - Parameter origin: the position of the request's origin; nil where it is none of the listed.
    func write(origin: Int?, into out: inout WireBuffer) {
        if let origin, answers.indices.contains(origin) { out.append(answers[origin]) }
        out.append(Self.vary)
    }
}
