import Access
import Core
import HTTPTypes
import Login
import Store
import Testing

@testable import Portal

@Suite("Recovery codes, in the account")
struct RecoveryCodePageTests {
    private let page = SignedInMember.factors + "/recovery-codes"

    private func codes(_ page: PortalBrowser.Page) -> [String] {
        page.html.split(separator: "<li><code>").dropFirst().map { String($0.prefix { $0 != "<" }) }
    }

    @Test("a new set is made once however often the form is sent, and the old one is worth nothing")
    func renewed() async throws {
        var member = try await SignedInMember()
        let old = codes(try await member.addFirstApp())
        let question = await member.browser.get(page)
        #expect(question.html.contains("You have 10 left."))
        let fresh = await member.browser.submit(question)
        #expect(fresh.heading == "Your recovery codes")
        let new = codes(fresh)
        #expect(new.count == 10 && Set(new).isDisjoint(with: old))
        #expect(new.allSatisfy { $0.count == 19 && $0.split(separator: "-").count == 4 })
        #expect(try await member.letters().map(\.kind) == ["recovery-codes-renewed"])
        #expect(await member.browser.submit(question).location == SignedInMember.factors + "?done=repeated")
        #expect(try await member.letters().isEmpty)
        let store = try await member.world.store.tenant(try #require(LoginWorld.acme)).factors
        let (user, now) = (try await member.user().id, member.world.services.now())
        let entry = AuditEntry(action: "test.prepared", actor: .system)
        let dead = try #require(RecoveryCode.normalised(old[0]))
        let live = try #require(RecoveryCode.normalised(new[0]))
        #expect(try await store.useRecoveryCode(dead, of: user, audit: entry, at: now) == nil)
        #expect(try await store.useRecoveryCode(live, of: user, audit: entry, at: now) == 9)
    }

    @Test("three and fewer that are left are a warning")
    func few() async throws {
        var member = try await SignedInMember()
        let codes = codes(try await member.addFirstApp())
        let store = try await member.world.store.tenant(try #require(LoginWorld.acme)).factors
        let entry = AuditEntry(action: "test.prepared", actor: .system)
        for (index, code) in codes.enumerated() {
            let list = await member.browser.get(SignedInMember.factors)
            #expect(list.html.contains("Few recovery codes are left.") == (index >= 7))
            _ = try await store.useRecoveryCode(
                try #require(RecoveryCode.normalised(code)), of: try await member.user().id, audit: entry,
                at: member.world.services.now())
        }
        #expect(await member.browser.get(SignedInMember.factors).html.contains("You have none left."))
    }

    @Test("they need a second factor and a recent proof")
    func demanded() async throws {
        var member = try await SignedInMember()
        #expect(await member.browser.get(page).location == SignedInMember.factors)
        try await member.addFirstApp()
        let question = await member.browser.get(page)
        member.wait(.minutes(6))
        let proof = "/.gatehouse/account/proof?return_to=\(page)"
        #expect(await member.browser.get(page).location == proof)
        #expect(await member.browser.submit(question).location == proof)
        #expect(try await member.letters().isEmpty)
    }

    @Test("the file has the codes of the page, is sent as one, and is kept nowhere")
    func file() async throws {
        var member = try await SignedInMember()
        let shown = try await member.addFirstApp()
        #expect(shown.action == page + ".txt")
        let file = await member.browser.submit(shown)
        #expect(file.status == 200)
        let fields = file.response.head.headerFields
        #expect(fields[.contentType] == "text/plain; charset=utf-8")
        #expect(fields[.contentDisposition] == "attachment; filename=\"recovery-codes-acme.txt\"")
        #expect(fields[.cacheControl] == "no-store")
        let lines = file.html.split(separator: "\r\n", omittingEmptySubsequences: false).map(String.init)
        #expect(lines.prefix(2) == ["Recovery codes for Acme GmbH", "Account: erika@acme.example"])
        #expect(Array(lines.suffix(11)) == codes(shown) + [""])
        member.browser.cookies["__Host-gatehouse-lang"] = "de"
        let german = await member.browser.submit(shown)
        #expect(german.html.hasPrefix("Wiederherstellungscodes für Acme GmbH"))
    }

    @Test("a sheet of somebody else, of nobody or of a quarter of an hour ago is no file")
    func noFile() async throws {
        var member = try await SignedInMember()
        let shown = try await member.addFirstApp()
        let list = SignedInMember.factors + "?done=expired"
        for sheet in [nil, "", "AAAA", shown.fields["csrf"]] {
            #expect(await member.browser.submit(shown, ["sheet": sheet]).location == list)
        }
        #expect(await member.browser.submit(shown, ["csrf": ""]).status == 403)
        member.wait(.minutes(15))
        #expect(await member.browser.submit(shown).status == 200)
        member.wait(Milliseconds(1))
        #expect(await member.browser.submit(shown).location == list)
        let handle = try #require(SessionHandle("other-session"))
        let seal = RecoveryCodeSheet(forms: member.world.store.forms)
        let now = member.world.services.now()
        let values = seal.values(
            codes: ["abcdefghjkmnpqrs"], site: "S", email: "e", session: handle, host: "app.example.org", csrf: "c",
            language: .english, continueTo: "/", now: now)
        let sheet = try #require((values["download"] as? [String: String])?["sheet"])
        #expect(seal.open(sheet, session: handle, host: "app.example.org", now: now)?.codes == ["ABCD-EFGH-JKMN-PQRS"])
        #expect(seal.open(sheet, session: handle, host: "other.example.org", now: now) == nil)
        #expect(await member.browser.submit(shown, ["sheet": sheet]).location == list)
    }
}
