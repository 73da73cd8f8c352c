import Core
import Store
import Testing

@testable import Login

@Suite("Form tokens")
struct FormTokenTests {
    @Test("a form's token is its own browser's or session's, and no other's")
    func binding() async throws {
        let world = try await LoginWorld()
        let tokens = FormToken(forms: world.store.forms)
        let handle = try #require(SessionHandle("b1"))
        let (browser, session) = (FormToken.Binding.browser("b1"), FormToken.Binding.session(handle))
        for binding in [browser, session] { #expect(tokens.isToken(tokens.token(for: binding), for: binding)) }
        #expect(!tokens.isToken(tokens.token(for: browser), for: session))
        #expect(!tokens.isToken(tokens.token(for: .browser("b2")), for: browser))
    }

    @Test("a forged token is refused, and so is one of another installation or of no browser")
    func forged() async throws {
        let world = try await LoginWorld()
        let tokens = FormToken(forms: world.store.forms)
        let token = tokens.token(for: .browser("b1"))
        let other = FormToken(forms: try await LoginWorld().store.forms)
        for forged in [
            "", "x", token + "A", String(token.dropLast()), (token.hasPrefix("A") ? "B" : "A") + token.dropFirst(),
            other.token(for: .browser("b1")), token.uppercased(),
        ] { #expect(!tokens.isToken(forged, for: .browser("b1"))) }
        #expect(!tokens.isToken(tokens.token(for: .browser("")), for: .browser("")))
    }
}
