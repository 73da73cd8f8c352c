import Access
import Core
import HTTPTypes
import Login
import Store
import Testing

@testable import Portal

@Suite("A company account in the account pages")
struct CompanyAccountTests {
    private static let account = "/.gatehouse/account"

    private func member() async throws -> (member: SignedInMember, script: ConnectionScript) {
        var member = try await SignedInMember()
        let stage = try ConnectionStage(member.world)
        let cookies = member.browser.cookies
        member.browser = stage.browser
        member.browser.cookies = cookies
        return (member, stage.script)
    }

    @Test("the connections of the account are shown by their names, in both languages, and no others")
    func shown() async throws {
        var (member, script) = try await member()
        #expect(!(await member.browser.get(Self.account)).html.contains("Company account"))
        let other = try ConnectionScript.offer("entra", called: "Entra")
        script.with {
            $0.offers["acme"]?.append(other)
            $0.links = [ConnectionName("okta"), ConnectionName("gone")].compactMap(\.self)
        }
        let english = await member.browser.get(Self.account)
        #expect(english.html.contains("<dt>Company account</dt><dd>Acme &lt;Okta&gt;</dd>"))
        #expect((await member.browser.get(Self.account + "?lang=de")).html.contains("<dt>Firmenkonto</dt>"))
    }

    @Test("the list of sessions says by which connection one came")
    func sessions() async throws {
        var (member, script) = try await member()
        #expect(!(await member.browser.get(Self.account + "/sessions")).html.contains("Signed in with"))
        script.with { $0.origin = ConnectionName("okta") }
        let page = await member.browser.get(Self.account + "/sessions")
        #expect(page.html.contains("<dt>Signed in with</dt><dd>Acme &lt;Okta&gt;</dd>"))
    }

    @Test("where no password counts there is no page for one, and nothing changes it")
    func password() async throws {
        var (member, script) = try await member()
        let page = Self.account + "/password"
        let form = await member.browser.get(page)
        #expect(form.status == 200 && form.html.contains("href=\"\(page)\""))
        script.with { $0.withoutPassword = [SignedInMember.email] }
        #expect(!(await member.browser.get(Self.account)).html.contains("href=\"\(page)\""))
        let before = try await member.user().passwordHash
        for refused in [
            await member.browser.get(page),
            await member.browser.submit(
                form, ["current_password": SignedInMember.password, "password": "Ganz-Anders-2026"]),
        ] {
            #expect(refused.status == 403 && refused.heading == "There is no password here")
        }
        #expect(try await member.user().passwordHash == before)
        script.with { $0.withoutPassword = [] }
        #expect(await member.browser.get(page).status == 200)
    }

    @Test("an address that the provider decides is not changed here, an excepted one is")
    func email() async throws {
        var (member, script) = try await member()
        let page = Self.account + "/email"
        let form = await member.browser.get(page)
        #expect(form.fields["email"] == "")
        let okta = try ConnectionScript.offer()
        script.with { $0.routes["acme.example"] = .enforced(okta) }
        // Its password counts: the rule excepts it.
        #expect((await member.browser.get(Self.account)).html.contains("Change address"))
        #expect(await member.browser.get(page).status == 200)
        script.with { $0.withoutPassword = [SignedInMember.email] }
        #expect(!(await member.browser.get(Self.account)).html.contains("Change address"))
        for refused in [
            await member.browser.get(page), await member.browser.submit(form, ["email": "erika@private.example"]),
        ] {
            #expect(refused.status == 303 && refused.location == Self.account)
        }
        #expect(try await member.user().email == SignedInMember.email)
    }
}
