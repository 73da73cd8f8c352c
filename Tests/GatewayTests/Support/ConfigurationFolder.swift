import Core

@testable import Gateway

/// A configuration folder in memory: a good, small configuration, of which a test changes what it is about.
struct ConfigurationFolder {
    /// PEM with the smallest DER sequence in it: enough for whoever looks at labels and base64 alone.
    static let chain = "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n"
    static let key = "-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n"

    struct File {
        var bytes: [UInt8]
        var permissions: UInt32 = 0o600
    }

    var environment: [String: String] = ["WRONG_URL": "http://wrong"]
    /// By absolute path; the current folder is /srv.
    var files: [String: File] = [:]
    /// What stands in the way of reading, by absolute path.
    var failures: [String: FileInspector.Failure] = [:]
    var certificateCheck: CertificateCheck?
    var masterKeyCheck: MasterKeyCheck?
    var metadataCheck: MetadataCheck?
    /// Folders that are there besides those of the files, by absolute path.
    var folders: Set<String> = []

    /// gatehouse.yaml line by line: each of the first three may be replaced, more may be added.
    init(
        publicURL: String = "public_url: https://app.example.org",
        listeners: String =
            #"listeners: [{ address: "127.0.0.1:8443", tls: { certificates: [{ chain_file: c.pem, key_file: k.key }] } }]"#,
        upstreams: String = #"upstreams: { app: { servers: ["http://127.0.0.1:3000"] } }"#,
        adding extra: String? = nil
    ) {
        write("g.yaml", [publicURL, listeners, upstreams, extra].compactMap { $0 }.joined(separator: "\n") + "\n")
        write("c.pem", Self.chain, permissions: 0o644)
        write("k.key", Self.key)
    }

    /// A folder whose gatehouse.yaml is exactly this text.
    init(text: String) { self.init(bytes: Array(text.utf8)) }

    /// A folder whose gatehouse.yaml has exactly these bytes.
    init(bytes: [UInt8]) {
        self.init()
        files["/srv/g.yaml"] = File(bytes: bytes)
    }

    mutating func write(_ path: String, _ text: String, permissions: UInt32 = 0o600) {
        files[path.hasPrefix("/") ? path : "/srv/\(path)"] = File(bytes: Array(text.utf8), permissions: permissions)
    }

    /// Reads `file` with everything that it names.
    func load(_ file: String = "g.yaml") -> ConfigurationLoader.Outcome {
        ConfigurationLoader(
            environment: environment, files: inspector, certificateCheck: certificateCheck,
            masterKeyCheck: masterKeyCheck, metadataCheck: metadataCheck
        ).load(file)
    }

    /// The faults, one line each; empty where the configuration is good.
    func faults(_ file: String = "g.yaml") -> [String] {
        if case .failure(let faults) = load(file).settings { faults.faults.map(\.description) } else { [] }
    }

    /// The settings; throws the faults.
    func settings(_ file: String = "g.yaml") throws -> GatewaySettings { try load(file).settings.get() }

    private var inspector: FileInspector {
        let (files, failures, folders) = (files, failures, folders)
        return FileInspector(
            currentFolder: "/srv",
            read: { path, mostBytes in
                if let failure = failures[path] { return .failure(failure) }
                guard let file = files[path] else { return .failure(.missing) }
                guard file.bytes.count <= mostBytes else { return .failure(.tooLarge) }
                return .success(.init(bytes: file.bytes, permissions: file.permissions))
            },
            list: { path in
                if let failure = failures[path] { return .failure(failure) }
                let names = files.keys.filter { $0.hasPrefix(path + "/") }.map { String($0.dropFirst(path.count + 1)) }
                return names.isEmpty ? .failure(.missing) : .success(names.filter { !$0.contains("/") })
            },
            folder: { path in
                if let failure = failures[path] { return failure }
                if files[path] != nil { return .isNoFolder }
                let isThere = folders.contains(path) || files.keys.contains { $0.hasPrefix(path + "/") }
                return isThere ? nil : .missing
            })
    }
}
