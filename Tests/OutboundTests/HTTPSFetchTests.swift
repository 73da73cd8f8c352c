import Core
import Testing

@testable import Outbound

@Suite("A tenant's address is fetched from the public Internet alone, verified and within bounds")
struct HTTPSFetchTests {
    private static let machine = ["127.0.0.0/8"]

    /// A fetch of `app.example.org` at a port of this machine.
    private func fetch(
        port: UInt16, path: String = "/metadata", address: String = "127.0.0.1", allowed: [String] = machine,
        caFile: String? = TestServer.authority, etag: String? = nil
    ) throws -> HTTPSFetch {
        var fetch = HTTPSFetch(
            url: "https://app.example.org:\(port)\(path)", caFile: caFile,
            allowed: allowed.compactMap { AddressRange($0) }, etag: etag)
        fetch.resolve = [try #require(ResolveOverride("app.example.org:\(port):\(address)"))]
        return fetch
    }

    private func failure(_ fetch: HTTPSFetch) -> FetchFailure? {
        do throws(FetchFailure) {
            _ = try fetch.fetch()
            return nil
        } catch {
            return error
        }
    }

    private func words(_ fetch: HTTPSFetch) -> String { failure(fetch).map { "\($0)" } ?? "fetched" }

    @Test("a document comes with its tag, and the question says nothing that it need not")
    func document() throws {
        let server = try TestServer { _ in
            TestServer.answer("200 OK", ["ETag: \"one\""], body: Array("<md/>".utf8))
        }
        let found = try fetch(port: server.port).fetch()
        #expect(found == .document(Array("<md/>".utf8), etag: "\"one\""))
        let head = try #require(server.requests.first)
        #expect(head.hasPrefix("GET /metadata HTTP/1.1\r\n"))
        #expect(head.contains("\r\nUser-Agent: gatehouse\r\n"))
        #expect(!head.contains("If-None-Match") && !head.contains("Cookie") && !head.contains("Accept-Encoding"))
    }

    @Test("a copy that is still right is not sent again")
    func notModified() throws {
        let server = try TestServer { head in
            TestServer.answer(head.contains("\r\nIf-None-Match: \"one\"\r\n") ? "304 Not Modified" : "200 OK")
        }
        #expect(try fetch(port: server.port, etag: "\"one\"").fetch() == .notModified)
        #expect(try fetch(port: server.port, etag: "\"two\"").fetch() == .document([], etag: nil))
    }

    @Test("a tag that would end its line is not sent, and nobody's tag is taken that is none")
    func tags() throws {
        let server = try TestServer { _ in TestServer.answer("200 OK", ["ETag: none"]) }
        #expect(try fetch(port: server.port, etag: "\"a\"\r\nX: \"y\"").fetch() == .document([], etag: nil))
        #expect(server.requests.first?.contains("X: ") == false)
        let always = try TestServer { _ in TestServer.answer("304 Not Modified") }
        #expect(failure(try fetch(port: always.port)) == .status(304))
    }

    @Test("a server whose certificate nobody vouches for is not believed")
    func trust() throws {
        let server = try TestServer { _ in TestServer.answer("200 OK") }
        guard case .transfer(.certificateRefused) = failure(try fetch(port: server.port, caFile: nil)) else {
            Issue.record("the certificate was taken")
            return
        }
        #expect(server.requests.isEmpty)
    }

    @Test("a certificate for another name is not believed")
    func name() throws {
        let server = try TestServer { _ in TestServer.answer("200 OK") }
        var other = HTTPSFetch(
            url: "https://other.example:\(server.port)/", caFile: TestServer.authority,
            allowed: Self.machine.compactMap { AddressRange($0) }, etag: nil)
        other.resolve = [try #require(ResolveOverride("other.example:\(server.port):127.0.0.1"))]
        guard case .transfer(.certificateRefused) = failure(other) else {
            Issue.record("the certificate was taken")
            return
        }
    }

    @Test("cleartext and other schemes are not asked", arguments: ["http", "ftp", "file"])
    func schemes(_ scheme: String) {
        let fetch = HTTPSFetch(url: "\(scheme)://127.0.0.1:1/", caFile: nil, allowed: [], etag: nil)
        guard case .transfer(.malformed) = failure(fetch) else {
            Issue.record("it was asked")
            return
        }
    }

    @Test("a document beyond the bound is refused, one at the bound is not")
    func size() throws {
        let longest = HTTPSFetch.longestBody
        let server = try TestServer { head in
            let isLong = head.hasPrefix("GET /long")
            return TestServer.answer("200 OK", body: [UInt8](repeating: 0x20, count: isLong ? longest + 1 : longest))
        }
        guard case .document(let body, _) = try fetch(port: server.port, path: "/fits").fetch() else {
            Issue.record("no document")
            return
        }
        #expect(body.count == longest)
        #expect(failure(try fetch(port: server.port, path: "/long")) == .tooLong)
    }

    @Test("any other answer is no document", arguments: [204, 404, 500])
    func status(_ code: Int) throws {
        let server = try TestServer { _ in TestServer.answer("\(code) Words") }
        #expect(failure(try fetch(port: server.port)) == .status(code))
        #expect(words(try fetch(port: server.port)) == "it answered \(code)")
    }

    // MARK: Redirects

    @Test("three redirects are followed, and a fourth is not")
    func redirects() throws {
        let server = try TestServer { head in
            let path = head.split(separator: " ")[1]
            guard let left = Int(path.dropFirst()), left > 0 else {
                return TestServer.answer("200 OK", body: Array("here".utf8))
            }
            return TestServer.answer("302 Found", ["Location: /\(left - 1)"])
        }
        #expect(try fetch(port: server.port, path: "/3").fetch() == .document(Array("here".utf8), etag: nil))
        guard case .transfer(.broken) = failure(try fetch(port: server.port, path: "/4")) else {
            Issue.record("the fourth was followed")
            return
        }
    }

    @Test("a redirect to cleartext is not followed")
    func downgrade() throws {
        let server = try TestServer { _ in
            TestServer.answer("302 Found", ["Location: http://app.example.org/"], body: Array("no".utf8))
        }
        guard case .transfer(.malformed) = failure(try fetch(port: server.port)) else {
            Issue.record("it was followed")
            return
        }
    }

    @Test("a redirect into our own networks is refused, although its beginning was allowed")
    func redirectInside() throws {
        let inner = try TestServer(at: "127.0.0.2") { _ in TestServer.answer("200 OK", body: Array("secret".utf8)) }
        let port = inner.port
        let outer = try TestServer { _ in
            TestServer.answer("302 Found", ["Location: https://127.0.0.2:\(port)/"])
        }
        let found = failure(try fetch(port: outer.port, allowed: ["127.0.0.1/32"]))
        #expect(found == .addressRefused("127.0.0.2"))
        let mapped = try TestServer { _ in
            TestServer.answer("302 Found", ["Location: https://[::ffff:127.0.0.2]:\(port)/"])
        }
        #expect(failure(try fetch(port: mapped.port, allowed: ["127.0.0.1/32"])) == .addressRefused("127.0.0.2"))
        #expect(inner.requests.isEmpty)
    }

    // MARK: Addresses

    @Test("a name that leads to this machine is refused before anything is sent")
    func loopback() throws {
        let server = try TestServer { _ in TestServer.answer("200 OK") }
        let refused = try fetch(port: server.port, allowed: [])
        #expect(failure(refused) == .addressRefused("127.0.0.1"))
        #expect(words(refused).contains("127.0.0.1"))
        #expect(failure(try fetch(port: server.port, allowed: ["10.0.0.0/8"])) == .addressRefused("127.0.0.1"))
        #expect(server.requests.isEmpty)
        #expect(try fetch(port: server.port).fetch() == .document([], etag: nil))
    }

    @Test(
        "local, private and special addresses are refused in every spelling",
        arguments: [
            "0.0.0.0", "10.1.2.3", "100.64.0.1", "127.8.9.1", "169.254.169.254", "172.16.0.1", "172.31.255.255",
            "192.168.1.1", "198.18.0.1", "224.0.0.1", "255.255.255.255", "::", "::1", "::ffff:10.0.0.1",
            "::ffff:169.254.169.254", "::7f00:1", "64:ff9b::7f00:1", "64:ff9b::a00:1", "64:ff9b:1::1",
            "2002:7f00:1::1", "2002:a00:1::", "2001::1", "2001:db8::1", "fc00::1", "fd12:3456::1", "fe80::1", "fec0::1",
            "ff02::1",
        ])
    func reserved(_ text: String) throws {
        let address = try #require(ClientAddress(text))
        #expect(ReservedAddresses.contains(address))
        #expect(!AddressGuard(allowed: []).admits(address))
        #expect(AddressGuard(allowed: [try #require(AddressRange(text))]).admits(address))
    }

    @Test(
        "public addresses are not",
        arguments: [
            "1.1.1.1", "9.9.9.9", "100.63.255.255", "100.128.0.1", "172.15.0.1", "172.32.0.1", "192.167.1.1",
            "198.20.0.1", "223.255.255.255", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1", "2606:4700::1111",
            "2a00:1450::1",
        ])
    func open(_ text: String) throws {
        #expect(!ReservedAddresses.contains(try #require(ClientAddress(text))))
    }
}
