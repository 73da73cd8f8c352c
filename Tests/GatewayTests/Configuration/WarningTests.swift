import Testing

@testable import Gateway

@Suite("What works but should be known is a warning")
struct WarningTests {
    private func warnings(_ extra: String) -> [String] {
        let folder = ConfigurationFolder(adding: extra)
        #expect(folder.faults() == [])
        return folder.load().warnings.map(\.description)
    }

    @Test("an operations listener that others reach is warned about, one on this machine is not")
    func operations() {
        #expect(
            warnings("operations: { address: \"0.0.0.0:9902\" }") == [
                "g.yaml:4:24 operations.address: warning: \"0.0.0.0:9902\" is not this machine alone: probes and metrics are answered in clear to whoever reaches it"
            ])
        #expect(warnings("operations: { address: \"[::1]:9902\" }") == [])
    }

    @Test("trust in every address is warned about, trust in a network is not")
    func trust() {
        for network in ["0.0.0.0/0", "::/0"] {
            #expect(
                warnings("trusted_proxies: [\"\(network)\"]") == [
                    "g.yaml:4:19 trusted_proxies[0]: warning: every address is trusted to say who its client is; name the load balancers alone"
                ])
        }
        #expect(warnings("trusted_proxies: [10.0.0.0/8]") == [])
    }

    @Test("a throttle that counts no address is warned about")
    func throttle() {
        #expect(
            warnings("login: { throttle: { per_address: { allow: [\"::/0\"] } } }") == [
                "g.yaml:4:45 login.throttle.per_address.allow[0]: warning: no address is throttled for its failures; name single networks alone"
            ])
        #expect(warnings("login: { throttle: { per_address: { allow: [192.0.2.0/24] } } }") == [])
        #expect(
            warnings("login: { throttle: { mode: monitor } }") == [
                "g.yaml:4:28 login.throttle.mode: warning: no login is refused for its failures; write enforce when you have seen enough"
            ])
    }

    @Test("a secret that everybody can read is warned about")
    func secret() {
        var folder = ConfigurationFolder(
            upstreams: "upstreams: { app: { servers: [\"http://a\"], shared_secret_file: secret } }")
        folder.write("secret", "0123456789abcdef0123456789abcdef", permissions: 0o644)
        #expect(
            folder.load().warnings.map(\.description) == [
                "g.yaml:3:64 upstreams.app.shared_secret_file: warning: secret can be read or written by everybody; chmod 600 secret"
            ])
    }

    @Test("the summary counts what there is")
    func summary() throws {
        #expect(try ConfigurationFolder().settings().summary == "1 listener, 0 routes, 1 upstream, 0 tenants")
    }
}
