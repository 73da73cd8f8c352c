import Testing

@testable import Gateway

/// One bad configuration and the exact text of what is said about it.
struct FaultRow: Sendable, CustomTestStringConvertible {
    let law: String
    let publicURL: String?
    let listeners: String?
    let upstreams: String?
    let extra: String?
    let faults: [String]

    init(
        _ law: String, publicURL: String? = nil, listeners: String? = nil, upstreams: String? = nil,
        adding extra: String? = nil, faults: [String]
    ) {
        self.law = law
        self.publicURL = publicURL
        self.listeners = listeners
        self.upstreams = upstreams
        self.extra = extra
        self.faults = faults
    }

    var testDescription: String { law }

    /// The good configuration with this row's lines in place of its own.
    var folder: ConfigurationFolder {
        var folder = ConfigurationFolder()
        var lines = (folder.files["/srv/g.yaml"].map { String(decoding: $0.bytes, as: UTF8.self) } ?? "")
            .split(separator: "\n").map(String.init)
        for (index, line) in [publicURL, listeners, upstreams].enumerated() {
            if let line { lines[index] = line }
        }
        if let extra { lines.append(extra) }
        folder.write("g.yaml", lines.joined(separator: "\n") + "\n")
        return folder
    }
}

@Suite("Every fault says where, what was found, what is allowed and how to mend it")
struct FaultTests {
    @Test("the configuration that every bad one differs from is good")
    func goodTwin() {
        #expect(ConfigurationFolder().faults() == [])
    }

    @Test("a bad key is refused in exact words", arguments: FaultRow.keyFaults)
    func key(_ row: FaultRow) { #expect(row.folder.faults() == row.faults) }

    @Test("a bad address is refused in exact words", arguments: FaultRow.addressFaults)
    func address(_ row: FaultRow) { #expect(row.folder.faults() == row.faults) }

    @Test("a bad URL is refused in exact words", arguments: FaultRow.urlFaults)
    func url(_ row: FaultRow) { #expect(row.folder.faults() == row.faults) }

    @Test("a bad quantity is refused in exact words", arguments: FaultRow.quantityFaults)
    func quantity(_ row: FaultRow) { #expect(row.folder.faults() == row.faults) }

    @Test("a bad route is refused in exact words", arguments: FaultRow.routeFaults)
    func route(_ row: FaultRow) { #expect(row.folder.faults() == row.faults) }

    @Test("a bad rule of what is changed on the way is refused in exact words", arguments: FaultRow.frontFaults)
    func front(_ row: FaultRow) { #expect(row.folder.faults() == row.faults) }

    @Test("a bad plan or application session is refused in exact words", arguments: FaultRow.movingFaults)
    func moving(_ row: FaultRow) { #expect(row.folder.faults() == row.faults) }

    @Test("a bad login setting is refused in exact words", arguments: FaultRow.loginFaults)
    func login(_ row: FaultRow) { #expect(row.folder.faults() == row.faults) }

    @Test("a bad mail server is refused in exact words", arguments: FaultRow.mailFaults)
    func mail(_ row: FaultRow) { #expect(row.folder.faults() == row.faults) }

    @Test("a bad variable is refused in exact words", arguments: FaultRow.variableFaults)
    func variable(_ row: FaultRow) { #expect(row.folder.faults() == row.faults) }

    @Test("a fault is one line, whatever the file holds")
    func oneLine() {
        let faults = ConfigurationFolder(adding: #""a\nb\u2028c\u202ed": 1"#).faults()
        #expect(faults.count == 1)
        #expect(faults.first?.hasPrefix(#"g.yaml:4:1 a\nb\u{2028}c\u{202E}d: unknown key"#) == true)
        #expect(faults.first?.contains { $0.isNewline } == false)
    }

    @Test("a long text is shown shortened")
    func shortened() {
        let faults = ConfigurationFolder(publicURL: "public_url: http://" + String(repeating: "a", count: 5000))
            .faults()
        #expect((faults.first?.count ?? .max) < 300)
    }

    @Test("what follows from a refused value is not reported as well")
    func noConsequences() {
        let path = ConfigurationFolder(
            adding: """
                routes:
                  - { name: a, match: { host: "*", path: bad }, upstream: app }
                  - { name: b, match: { host: "*", path: /b }, upstream: app }
                """
        ).faults()
        #expect(path.count == 1)
        let roles = ConfigurationFolder(
            adding: """
                roles: none
                routes: [{ name: a, match: { host: "*" }, access: { roles: [editor] }, upstream: app }]
                """
        ).faults()
        #expect(roles.count == 1)
        let upstream = ConfigurationFolder(
            upstreams: "upstreams: { app: http://127.0.0.1:3000 }",
            adding: #"routes: [{ name: a, match: { host: "*" }, upstream: app }]"#
        ).faults()
        #expect(upstream.count == 1)
    }
}
