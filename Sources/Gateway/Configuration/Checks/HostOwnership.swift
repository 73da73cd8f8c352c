/// Who owns which host: a host is one tenant's, or shared, and never both.
struct HostOwnership {
    private let reader: ConfigurationReader
    private var owners: [String: (words: String, position: SourcePosition)] = [:]

    init(reader: ConfigurationReader) { self.reader = reader }

    /// Takes `host` for an owner, who is named in words; reports where it is taken.
    mutating func claim(_ host: String, for words: String, at place: Located<String>) {
        if let owner = owners[host] {
            reader.report(
                place, "\(ShownText.quoted(host)) is \(owner.words) already (\(owner.position))",
                allowed: "a host belongs to one tenant, or is shared", remedy: "keep it in one place")
            return
        }
        owners[host] = (words, place.position)
    }
}
