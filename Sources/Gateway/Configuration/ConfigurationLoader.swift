import Access
import Core
import Login
import Proxy

/// Reads gatehouse.yaml and everything that it names, and finds all that is wrong with it in one run.
///
/// Environment, file system and the look at certificates are arguments: a run depends on nothing else, and
/// changes nothing.
public struct ConfigurationLoader: Sendable {
    private let environment: [String: String]
    private let files: FileInspector
    private let certificateCheck: CertificateCheck?
    private let masterKeyCheck: MasterKeyCheck?
    private let breachFileCheck: BreachFileCheck?
    private let metadataCheck: MetadataCheck?

    /// - Parameters:
    ///   - environment: what `${NAME}` stands for.
    ///   - files: the file system.
    ///   - certificateCheck: compares each chain with its key; nil where the caller does that itself: files are
    ///     then judged by existence, permissions and PEM alone.
    ///   - masterKeyCheck: looks at the file of the master key; nil where the caller does that itself, or where there
    ///     need not be one yet.
    ///   - breachFileCheck: looks at the file of stolen passwords' hashes; nil where nobody will set a password.
    ///   - metadataCheck: looks at the files of providers' metadata; nil where nobody signs in by them.
    public init(
        environment: [String: String], files: FileInspector = .ofThisMachine, certificateCheck: CertificateCheck?,
        masterKeyCheck: MasterKeyCheck? = nil, breachFileCheck: BreachFileCheck? = nil,
        metadataCheck: MetadataCheck? = nil
    ) {
        self.environment = environment
        self.files = files
        self.certificateCheck = certificateCheck
        self.masterKeyCheck = masterKeyCheck
        self.breachFileCheck = breachFileCheck
        self.metadataCheck = metadataCheck
    }

    /// What a run found.
    public struct Outcome: Sendable {
        /// The settings, or every fault in the order of the files.
        public var settings: Result<GatewaySettings, ConfigurationFaults>
        /// What works all the same.
        public var warnings: [ConfigurationWarning]
        /// Where state lies, as the file says it, though other keys be at fault; nil where nothing of this is known for
        /// sure.  Whether the places are there is not judged.
        public var store: StoreSettings?
    }

    /// Reads `file`; a relative path starts at the current folder and is shown as it was given.
    public func load(_ file: String) -> Outcome {
        let reader = ConfigurationReader()
        var store: StoreSettings?
        let settings = settings(of: file, reader: reader, store: &store)
        let faults = Self.ordered(reader.faults, first: file)
        let warnings = reader.warnings
        guard faults.isEmpty, let settings else {
            return Outcome(
                settings: .failure(ConfigurationFaults(faults: faults)), warnings: warnings, store: store)
        }
        return Outcome(settings: .success(settings), warnings: warnings, store: store)
    }

    private func settings(
        of file: String, reader: ConfigurationReader, store: inout StoreSettings?
    ) -> GatewaySettings? {
        let named = ConfigurationFiles(file: file, inspector: files, reader: reader)
        let path = PathText.joined(files.currentFolder, file)
        named.note(.gatehouse, path)
        var variables = VariableReplacement(environment: environment)
        guard let content = content(of: path, file: file, reader: reader) else { return nil }
        let (node, faults) = YAMLSource.read(content.bytes, file: file, variables: &variables)
        reader.report(faults)
        guard let written = node.flatMap({ GatehouseFile.type.read($0, .top, reader) }) else { return nil }
        // A fault without a key, such as an alias, may stand anywhere.
        if !reader.hasFault(at: ""), !StoreEntry.names.contains(where: reader.hasFault(below:)) {
            store = StoreChecks.places(written.store, files: named)
        }
        let isCatalogueKnown = !reader.hasFault(below: "roles")
        let tenants = TenantDirectory(reader: reader, files: named, inspector: files).read(
            written.tenantsDirectory, mustExist: written.namesTenantsDirectory, variables: &variables)
        let proxy = proxySettings(written, reader: reader, files: named)
        let plans = PlanChecks(reader: reader).book(of: written.plans)
        let access = accessSettings(
            written, tenants: tenants, plans: plans, upstreams: proxy.upstreams, isCatalogueKnown: isCatalogueKnown,
            reader: reader,
            files: named)
        let connections = ConnectionChecks(
            reader: reader, metadata: MetadataChecks(reader: reader, files: named, check: metadataCheck),
            portalHost: written.portalHost, catalogue: isCatalogueKnown ? access.roles.map(\.name) : nil, plans: plans)
        let branding = BrandingChecks(reader: reader, files: named)
        TenantSessionChecks(reader: reader).judge(tenants, against: written.login.session)
        let logFile = written.log.file.value
        let log = LogSettings(
            level: written.log.level, format: written.log.format,
            file: logFile.isEmpty ? nil : named.absolute(logFile))
        let mail = MailChecks(reader: reader, files: named).settings(
            for: written.mail, greetingName: written.publicURL?.value.host)
        var login = LoginChecks(
            reader: reader, passwords: PasswordChecks(reader: reader, files: named, check: breachFileCheck)
        ).settings(for: written.login, plans: plans)
        login.mail = written.mail.map { entry in
            MailSettings(
                language: entry.language.rawValue, publicHost: access.publicHost, port: Int(access.publicPort))
        }
        return GatewaySettings(
            access: access, proxy: proxy, operations: OperationsSettings(address: written.operations.value),
            drain: written.drain, telemetry: TelemetrySettings(log: log),
            store: StoreChecks(reader: reader, files: named, check: masterKeyCheck).settings(for: written.store),
            login: login, mail: mail, outbound: written.outbound,
            tenantFiles: tenants.map {
                $0.claims(brand: branding.settings(for: $0.branding), connections: connections.settings(for: $0))
            },
            sources: named.sources)
    }

    private func content(of path: String, file: String, reader: ConfigurationReader) -> FileInspector.Content? {
        switch files.read(path, YAMLScan.longestFile) {
        case .success(let content): return content
        case .failure(let failure):
            reader.report(Self.fault(failure, file: file))
            return nil
        }
    }

    private func proxySettings(
        _ written: GatehouseFile, reader: ConfigurationReader, files: ConfigurationFiles
    ) -> ProxySettings {
        let certificates = CertificateChecks(reader: reader, files: files, check: certificateCheck)
        let secrets = SharedSecretChecks(reader: reader, files: files)
        let upstreams = UpstreamChecks(reader: reader, files: files, certificates: certificates)
        let listeners = ListenerChecks(reader: reader)
        listeners.judge(written.listeners.map(\.address) + [written.operations])
        listeners.judgeOperations(written.operations)
        listeners.judgePurposes(written.listeners, hasTrustedProxies: !written.trustedProxies.isEmpty)
        for network in written.trustedProxies where network.value.prefix == 0 {
            reader.warn(network, "every address is trusted to say who its client is; name the load balancers alone")
        }
        return ProxySettings(
            listeners: written.listeners.map { listener in
                ListenerSettings(
                    address: listener.address.value,
                    tls: listener.tls.map { tls in
                        TLSListenerSettings(
                            minimumVersion: tls.minimumVersion,
                            certificates: tls.certificates.map(certificates.settings))
                    }, takesProxyHeader: listener.takesProxyHeader, servesInClear: listener.servesInClear,
                    offersHTTP2: listener.offersHTTP2)
            },
            upstreams: written.upstreams.map { upstream in
                UpstreamSettings(
                    name: upstream.name.value, servers: upstream.settings.servers,
                    tls: upstreams.tls(upstream.settings), balance: upstream.settings.balance,
                    healthCheck: upstream.settings.healthCheck, limits: upstream.settings.limits,
                    speaksHTTP2: upstreams.speaksHTTP2(upstream.settings),
                    sharedSecret: secrets.secret(upstream.settings.sharedSecretFile),
                    connectTimeout: upstream.settings.timeouts.connect,
                    firstByteTimeout: upstream.settings.timeouts.firstByte,
                    idleTimeout: upstream.settings.timeouts.idle, retries: upstream.settings.retries,
                    audience: upstream.settings.audience)
            },
            limits: written.limits, trustedProxies: written.trustedProxies.map(\.value),
            signsAssertions: written.identityHeaders.signsAssertions, strictTransport: written.strictTransport)
    }

    private func accessSettings(
        _ written: GatehouseFile, tenants: [TenantFile], plans: PlanBook?, upstreams: [UpstreamSettings],
        isCatalogueKnown: Bool,
        reader: ConfigurationReader, files: ConfigurationFiles
    ) -> AccessSettings {
        let roles = RoleChecks(reader: reader).settings(for: written.roles)
        let catalogue = isCatalogueKnown ? roles.map(\.name) : nil
        let routes = RouteChecks(reader: reader, files: files).settings(
            for: written.routes, upstreams: upstreams.map(\.name),
            multiplexed: Set(upstreams.filter(\.speaksHTTP2).map(\.name)), catalogue: catalogue)
        var hosts = HostOwnership(reader: reader)
        if let url = written.publicURL {
            let place = Located(value: url.value.host, position: url.position, path: url.path)
            hosts.claim(url.value.host, for: "public_url's host", at: place)
        }
        for host in written.sharedHosts { hosts.claim(host.value, for: "a shared host", at: host) }
        let portal = written.portalHost
        if !portal.value.isEmpty {
            hosts.claim(portal.value, for: "portal_host", at: portal)
            RouteChecks(reader: reader, files: files).judgePortal(portal, written.routes)
        }
        var settings = AccessSettings(
            publicHost: written.publicURL?.value.host ?? "localhost", publicPort: written.publicURL?.value.port ?? 443,
            sharedHosts: written.sharedHosts.map(\.value), routes: routes, roles: roles,
            tenants: TenantChecks(reader: reader).settings(
                for: tenants, catalogue: catalogue, plans: plans, hosts: &hosts),
            identityEncoding: written.identityHeaders.encoding)
        PasskeyChecks(reader: reader, publicHost: written.publicURL?.value.host, portalHost: portal).judge(tenants)
        settings.portalHost = portal.value.isEmpty ? nil : portal.value
        return settings
    }

    /// The fault of a configuration file that cannot be read.
    static func fault(_ failure: FileInspector.Failure, file: String) -> ConfigurationFault {
        let position = SourcePosition(file: file)
        if failure == .tooLarge { return YAMLScan.sizeFault(at: position) }
        let (problem, remedy) = failure.words(for: "file")
        return ConfigurationFault(at: position, problem: problem, remedy: remedy)
    }

    /// gatehouse.yaml's faults first, then those of other files by name; each file's in its own order.
    private static func ordered(_ faults: [ConfigurationFault], first: String) -> [ConfigurationFault] {
        faults.enumerated().sorted { one, other in
            let (left, right) = (one.element.position, other.element.position)
            if left.file != right.file { return left.file == first || (right.file != first && left.file < right.file) }
            return (left.line, left.column, one.offset) < (right.line, right.column, other.offset)
        }.map(\.element)
    }
}

/// Every fault of one run; at least one.
public struct ConfigurationFaults: Error, Sendable, CustomStringConvertible {
    /// In the order of the files.
    public var faults: [ConfigurationFault]

    /// One line a fault, then how many there are.
    public var description: String {
        (faults.map(\.description) + [ShownText.count(faults.count, "fault")]).joined(separator: "\n")
    }
}

extension GatewaySettings {
    /// `1 listener, 3 routes, 2 upstreams, 4 tenants`.
    public var summary: String {
        [
            ShownText.count(proxy.listeners.count, "listener"), ShownText.count(access.routes.count, "route"),
            ShownText.count(proxy.upstreams.count, "upstream"), ShownText.count(access.tenants.count, "tenant"),
        ].joined(separator: ", ")
    }
}
