import Access
import HTTPWire
import Proxy

/// Header rules may touch nothing that the gateway decides by, that says who somebody is or that frames a message; each
/// fault says why.
struct FieldRuleChecks {
    /// Bytes of a file with a value.
    static let longestFile = 4096

    let reader: ConfigurationReader
    let files: ConfigurationFiles

    /// The rules, with the values of files.
    func rules(_ entry: FieldRuleEntry?, _ direction: FieldDirection) -> FieldRules {
        guard let entry else { return FieldRules() }
        var names: [[UInt8]: Located<String>] = [:]
        for name in entry.set.map(\.name) + entry.setFromFiles.map(\.name) + entry.remove {
            judge(name, direction, &names)
        }
        let fromFiles = entry.setFromFiles.compactMap { line in
            value(line.value).map { FieldRules.Line(name: line.name.value, value: $0) }
        }
        return FieldRules(
            set: entry.set.map { FieldRules.Line(name: $0.name.value, value: $0.value) } + fromFiles,
            remove: entry.remove.map { $0.value })
    }

    private func judge(
        _ name: Located<String>, _ direction: FieldDirection, _ names: inout [[UInt8]: Located<String>]
    ) {
        guard let folded = FieldSpelling.folded(name.value), let meaning = FieldSpelling.meaning(of: name.value) else {
            return
        }
        if let earlier = names[folded] {
            return reader.report(
                name, "\(ShownText.quoted(name.value)) is read like \(earlier.path) (\(earlier.position))",
                allowed: "each header once, under set, set_file or remove",
                remedy: "delete one; set removes what came already")
        }
        names[folded] = name
        guard !direction.mayRule(meaning) else { return }
        let (why, remedy) = reason(meaning, direction)
        reader.report(
            name, "\(ShownText.quoted(name.value)) \(why)", allowed: "allowed: headers of the application's own",
            remedy: remedy)
    }

    /// Why the operator may not rule about a field, and what to do instead.
    private func reason(_ meaning: FieldName, _ direction: FieldDirection) -> (why: String, remedy: String) {
        switch meaning {
        case .identity: ("says who somebody is, which Gatehouse alone does", "delete it")
        case .lookAlike: ("reads like a header that Gatehouse sets or removes itself", "take another name")
        case .forwarding, .xForwardedFor, .xForwardedProto:
            ("says where a request comes from or goes to, which Gatehouse alone does", "delete it")
        case .host: ("is what the request was judged by", "delete it")
        case .cookie, .setCookie:
            ("carries the gateway's own cookies, which are sorted out for each request", "delete it")
        case .cacheControl, .cdnCacheControl, .surrogateControl:
            ("follows from who may see the answer", "let the application say it, with shared_cache: true if need be")
        case .strictTransportSecurity: ("is sent on every answer or on none", "write hsts at the top of the file")
        case .altSvc, .gatehouseSession, .serviceWorkerAllowed: ("never passes", "delete it")
        default: ("frames the message or concerns one connection, which Gatehouse alone decides", "delete it")
        }
    }

    /// The value in a file, without white space at either end; nil where it was refused.
    private func value(_ place: Located<String>) -> String? {
        guard let content = files.read(place, kind: .headerValue, mostBytes: Self.longestFile) else { return nil }
        let shown = files.shown(place.value)
        if content.permissions & 0o006 != 0 {
            reader.warn(place, "\(shown) can be read or written by everybody; chmod 600 \(shown)")
        }
        let isSpace = { (octet: UInt8) in octet == 0x20 || (0x09...0x0D).contains(octet) }
        let octets = content.bytes.drop(while: isSpace).reversed().drop(while: isSpace).reversed()
        guard !octets.isEmpty, octets.allSatisfy({ (0x20...0x7E).contains($0) }) else {
            reader.report(
                place, "\(shown) holds \(octets.isEmpty ? "nothing" : "what is not printable ASCII")",
                allowed: "allowed: one line of printable ASCII characters", remedy: "write the value into it")
            return nil
        }
        return String(decoding: Array(octets), as: UTF8.self)
    }
}
