import Core
import Testing

@testable import Outbound

@Suite("A probe sends only what it was told, and names why nothing came back")
struct HTTPSProbeTests {
    private func failure(_ probe: HTTPSProbe) -> ProbeFailure? {
        do throws(ProbeFailure) {
            _ = try probe.ask()
            return nil
        } catch {
            return error
        }
    }

    private func isMalformed(_ probe: HTTPSProbe) -> Bool {
        if case .malformed = failure(probe) { true } else { false }
    }

    @Test(
        "other schemes than https and http are not asked",
        arguments: ["file:///etc/hostname", "ftp://a/", "gopher://a/"])
    func schemes(url: String) {
        #expect(isMalformed(HTTPSProbe(url: url)))
    }

    @Test("a field, a method or a URL that would end its line is not sent")
    func injection() {
        #expect(isMalformed(HTTPSProbe(url: "https://a/\r\nX: y")))
        #expect(isMalformed(HTTPSProbe(url: "https://a/", method: "GET / HTTP/1.1\r\nX:")))
        #expect(isMalformed(HTTPSProbe(url: "https://a/", method: "")))
        #expect(isMalformed(HTTPSProbe(url: "https://a/", fields: [ProbeField("A", "b\r\nX: y")])))
        #expect(isMalformed(HTTPSProbe(url: "https://a/", fields: [ProbeField("A: b\r\nX", "y")])))
        #expect(isMalformed(HTTPSProbe(url: "https://a/", fields: [ProbeField("", "y")])))
    }

    @Test("a port where nobody listens is unreachable")
    func nobody() throws {
        // Port 1 of this machine, by an override: the name leads nowhere by itself.
        let override = try #require(ResolveOverride("nowhere.invalid:1:127.0.0.1"))
        guard case .unreachable = failure(HTTPSProbe(url: "https://nowhere.invalid:1/", resolve: [override])) else {
            Issue.record("nobody listens there")
            return
        }
    }

    @Test("authorities that cannot be read are the caller's fault")
    func trust() {
        let probe = HTTPSProbe(url: "https://127.0.0.1:1/", trust: .file("/absent.pem"))
        // libcurl reads the file when it shakes hands; a port without a listener never gets that far.
        switch failure(probe) {
        case .unreachable, .trustUnreadable: break
        default: Issue.record("there was no one to ask")
        }
    }

    @Test(
        "an override names a host, a port and one address",
        arguments: [
            ("App.example.org:8443:127.0.0.1", "app.example.org:8443:127.0.0.1"),
            ("app.example.org:443:2001:db8::1", "app.example.org:443:[2001:db8::1]"),
            ("app.example.org:443:[::1]", "app.example.org:443:[::1]"),
        ])
    func overrides(text: String, shown: String) throws {
        #expect("\(try #require(ResolveOverride(text)))" == shown)
    }

    @Test(
        "anything else is no override",
        arguments: [
            "", "a", "a:443", "a:443:", "a:0:127.0.0.1", "a:65536:127.0.0.1", "*:443:127.0.0.1", "-a b:443:127.0.0.1",
            "+a:443:127.0.0.1", "a:443:127.0.0.1,127.0.0.2", "a:443:b", ":443:127.0.0.1",
        ])
    func noOverrides(text: String) {
        #expect(ResolveOverride(text) == nil)
    }

    @Test("old versions are older than new ones, by the names of the library")
    func versions() {
        #expect(TLSVersion.allCases == TLSVersion.allCases.sorted())
        #expect(["TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"].map { TLSVersion(openSSLName: $0) } == TLSVersion.allCases)
        #expect(TLSVersion(openSSLName: "SSLv3") == nil)
        #expect("\(TLSVersion.tls13)" == "TLS 1.3")
    }
}
