import Access
import Core
import Login
import Store
import Testing

@testable import Portal

/// A member of acme who looks after their second factors through the forms.
extension SignedInMember {
    static let factors = "/.gatehouse/account/factors"

    /// The code that the app of a page would show now, or so many steps later.
    func code(of page: PortalBrowser.Page, steps: Int64 = 0) throws -> String {
        let key = try #require(page.html.between("<code>", "</code>")).filter { $0 != " " }
        let secret = SecretBytes(copying: try #require(Base32.decode(Array(key.utf8))))
        return TimeBasedCode.code(secret, step: TimeBasedCode.step(at: world.services.now()) + steps)
    }

    /// Every letter that waits.
    func letters() async throws -> [Letter] {
        let outbox = try await world.store.tenant(try #require(LoginWorld.acme)).outbox
        let now = world.services.now()
        var letters: [Letter] = []
        while let waiting = try await outbox.take(at: now, until: WallTime(milliseconds: .max)) {
            letters.append(waiting.letter)
        }
        return letters
    }

    /// What the store has of the member's factors.
    func stored() async throws -> MemberFactors {
        let tenant = try await world.store.tenant(try #require(LoginWorld.acme))
        return try await tenant.factors.all(of: try await user().id)
    }

    /// The page with the secret of a first app, behind the mailed code.
    mutating func firstAppPage(query: String = "") async throws -> PortalBrowser.Page {
        let asked = await browser.get(Self.factors + "/app" + query)
        let code = await browser.get(try #require(asked.location))
        _ = await browser.submit(code, ["send": "1"])
        let letter = try #require(try await letters().first { $0.kind == "enrolment-code" })
        return await browser.submit(code, ["code": letter.fields["code"]])
    }

    /// A first app.
    /// - Returns: the page of recovery codes.
    @discardableResult
    mutating func addFirstApp(query: String = "") async throws -> PortalBrowser.Page {
        let page = try await firstAppPage(query: query)
        let done = await browser.submit(page, ["code": try code(of: page), "name": "Telefon"])
        _ = try await letters()
        return done
    }

    /// So many links of a page, in order.
    static func links(_ page: PortalBrowser.Page, below path: String) -> [String] {
        page.html.split(separator: "href=\"").dropFirst()
            .map { String($0.prefix { $0 != "\"" }).replacing("&amp;", with: "&") }.filter { $0.hasPrefix(path) }
    }
}
