import Access
import Core
import Foundation
import HTTPTypes

@testable import Portal

/// A plain HTML client: keeps cookies, reads forms, sends what a person would.
struct PortalBrowser {
    /// One page as it came.
    struct Page {
        let response: PortalResponse

        var status: Int { response.head.status.code }
        var html: String { response.text }
        var location: String? { response.head.headerFields[.location] }
        var setCookies: [String] { response.head.headerFields[values: .setCookie] }

        /// The heading.
        var heading: String? { html.between("<h1>", "</h1>") }
        /// The text of the alert.
        var fault: String? { html.between("role=\"alert\" id=\"fault\">", "</p>") }

        /// The named fields of the form with their values, unescaped.
        var fields: [String: String] {
            var fields: [String: String] = [:]
            for tag in html.split(separator: "<input ").dropFirst() {
                let tag = String(tag.prefix { $0 != ">" })
                let isUnchecked = tag.contains("type=\"checkbox\"") && !tag.contains(" checked")
                guard !isUnchecked, let name = tag.between("name=\"", "\"") else { continue }
                fields[name] = PortalBrowser.unescape(tag.between("value=\"", "\"") ?? "")
            }
            return fields
        }

        /// Where the form goes.
        var action: String? { html.between("<form method=\"post\" action=\"", "\"").map(PortalBrowser.unescape) }
    }

    let world: LoginWorld
    let router: PortalRouter
    var host = "app.example.org"
    var hostTenant: TenantID?
    var isTenantSuspended = false
    var cookies: [String: String] = [:]
    /// Sent with every request.
    var fields: HTTPFields = [.accept: browserAccept, .secFetchDest: "document"]

    init(_ world: LoginWorld, hostTenant: TenantID? = nil) throws {
        self.world = world
        router = try world.router()
        self.hostTenant = hostTenant
    }

    /// With a router of the test's own.
    init(_ world: LoginWorld, router: PortalRouter) {
        self.world = world
        self.router = router
    }

    mutating func get(_ path: String) async -> Page { await send(.get, path, [:], body: []) }

    /// Sends a form as it would be filled in.
    /// - Parameter changes: fields that are filled in or forged; nil takes one away.
    mutating func submit(_ page: Page, _ changes: [String: String?] = [:], with more: HTTPFields = [:]) async -> Page {
        var form = page.fields
        for (name, value) in changes { form[name] = value }
        return await post(page.action ?? "", form, with: more)
    }

    mutating func post(_ path: String, _ form: [String: String], with more: HTTPFields = [:]) async -> Page {
        let body = form.sorted { $0.key < $1.key }.map { "\(Self.encode($0))=\(Self.encode($1))" }
        var fields: HTTPFields = [.contentType: "application/x-www-form-urlencoded", .secFetchSite: "same-origin"]
        for field in more { fields[field.name] = field.value }
        return await send(.post, path, fields, body: Array(body.joined(separator: "&").utf8))
    }

    mutating func send(
        _ method: HTTPRequest.Method, _ path: String, _ more: HTTPFields, body: [UInt8]
    ) async -> Page {
        var fields = fields
        for field in more where !field.value.isEmpty { fields[field.name] = field.value }
        if !cookies.isEmpty {
            fields[.cookie] = cookies.sorted { $0.key < $1.key }.map { "\($0)=\($1)" }.joined(separator: "; ")
        }
        var request = request(method, path, fields: fields, host: host, body: body)
        request.hostTenant = hostTenant
        request.isTenantSuspended = isTenantSuspended
        if let token = cookies["__Host-gatehouse"], let entry = try? await world.session(token) {
            request.caller = .member(entry)
        }
        let page = Page(response: await router.response(to: request))
        for cookie in page.setCookies {
            let parts = cookie.prefix { $0 != ";" }.split(
                separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            cookies[String(parts[0])] = cookie.contains("Max-Age=0") ? nil : String(parts[1])
        }
        return page
    }

    private static func encode(_ text: String) -> String {
        var bytes: [UInt8] = []
        for octet in text.utf8 {
            switch octet {
            case 0x61...0x7A, 0x41...0x5A, 0x30...0x39: bytes.append(octet)
            case 0x20: bytes.append(UInt8(ascii: "+"))
            default: ASCII.appendPercentEncoded(octet, to: &bytes)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func unescape(_ text: String) -> String {
        [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")]
            .reduce(text) { $0.replacingOccurrences(of: $1.0, with: $1.1, options: .literal) }
    }
}
