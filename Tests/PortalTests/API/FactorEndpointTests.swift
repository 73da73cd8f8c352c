import Access
import Core
import Foundation
import HTTPTypes
import HostCrypto
import Login
import Store
import Testing

@testable import Portal

@Suite("The operator's API: second factors of a user")
struct FactorEndpointTests {
    private let erika = #"{"email":"erika@acme.example","name":"Erika"}"#

    private func made(_ world: APIWorld) async throws -> (UserResource, TenantStore) {
        let tenant = try await world.makeTenant()
        let user = try await world.ask(.post, "/tenants/acme/users", erika).read(UserResource.self)
        return (user, tenant)
    }

    /// Gives the user an authenticator app and two recovery codes, straight in the store.
    private func enrol(_ user: UserResource, _ tenant: TenantStore) async throws {
        let id = try #require(UserID(user.id))
        let stored = try #require(try await tenant.users.find(id))
        let app = NewAuthenticatorApp(
            name: "Phone", secret: FactorSecret(SecretBytes(copying: Array(repeating: 7, count: 20))), firstStep: 1)
        _ = try await tenant.factors.add(
            app, to: stored, recoveryCodes: ["AAAABBBBCCCCDDDD", "EEEEFFFFGGGGHHHH"], keeping: nil,
            audit: AuditEntry(action: "test", actor: .system), letters: [], at: moment(11))
    }

    @Test("one user is shown with kinds and numbers, a list says only whether there is one")
    func shown() async throws {
        let world = try await APIWorld()
        let (user, tenant) = try await made(world)
        #expect(!user.hasSecondFactor)
        #expect(user.factors == nil)
        let before = try await world.ask(.get, "/tenants/acme/users/\(user.id)").read(UserResource.self)
        #expect(before.factors?.totp == 0 && before.factors?.passkey == 0 && before.factors?.recoveryCode == 0)
        try await enrol(user, tenant)
        for path in ["/\(user.id)", "?email=erika@acme.example"] {
            let answer = await world.ask(.get, "/tenants/acme/users\(path)")
            let text = String(decoding: answer.body, as: UTF8.self).filter { !$0.isWhitespace && $0 != "\\" }
            #expect(text.contains(#""has_second_factor":true"#), "\(text)")
            for count in [#""passkey":0"#, #""recovery-code":2"#, #""totp":1"#] {
                #expect(text.contains(count), "\(text)")
            }
            #expect(!text.contains("Phone"))
        }
        let list = try await world.ask(.get, "/tenants/acme/users").read(Page<UserResource>.self)
        #expect(list.items.map(\.hasSecondFactor) == [true])
        #expect(list.items.map(\.factors) == [nil])
    }

    @Test("a reset takes everything, ends the sessions, and says how many there were")
    func reset() async throws {
        let world = try await APIWorld(hasMail: true)
        let (user, tenant) = try await made(world)
        try await enrol(user, tenant)
        _ = world.told()
        let answer = await world.ask(.post, "/tenants/acme/users/\(user.id)/factor-reset", "{}")
        #expect(answer.statusCode == 200)
        let reset = try answer.read(FactorResetResource.self)
        #expect(reset.user == user.id && reset.removed == 1)
        #expect(reset.enrolmentCode == nil && reset.expiresAt == nil)
        #expect(reset.isMailed)
        let id = try #require(UserID(user.id))
        let factors = try await tenant.factors.all(of: id)
        #expect(!factors.hasSecondFactor && factors.recoveryCodesLeft == 0)
        #expect(world.told().notices == [.ended(.user(id, of: tenant.tenant))])
    }

    @Test("a printed code is eight digits, good for a day, and shown once")
    func code() async throws {
        let world = try await APIWorld()
        let (user, tenant) = try await made(world)
        let reset = try await world.ask(
            .post, "/tenants/acme/users/\(user.id)/factor-reset", #"{"print_code":true}"#
        ).read(FactorResetResource.self)
        #expect(reset.removed == 0)
        #expect(!reset.isMailed)
        let code = try #require(reset.enrolmentCode)
        #expect(code.wholeMatch(of: /[0-9]{4} [0-9]{4}/) != nil)
        let id = try #require(UserID(user.id))
        let typed = try #require(EnrolmentCode.normalised(code))
        #expect(try await tenant.factors.isEnrolmentCode(typed, of: id, at: moment(10)))
        let day: Int64 = 86_400
        #expect(try await !tenant.factors.isEnrolmentCode(typed, of: id, at: moment(10 + day + 1)))
    }

    @Test("it says where no password lets the user in")
    func withoutPassword() async throws {
        let world = try await APIWorld()
        let (user, _) = try await made(world)
        let reset = try await world.ask(.post, "/tenants/acme/users/\(user.id)/factor-reset", "{}")
            .read(FactorResetResource.self)
        #expect(!reset.signsInByPassword, "the user has none")
    }

    @Test("what is none is refused: an unknown user, another field, another caller")
    func refused() async throws {
        let world = try await APIWorld()
        let (user, _) = try await made(world)
        let nobody = "/tenants/acme/users/00000000-0000-4000-8000-000000000000/factor-reset"
        #expect(await world.ask(.post, nobody, "{}").statusCode == 404)
        let path = "/tenants/acme/users/\(user.id)/factor-reset"
        #expect(await world.ask(.post, path, #"{"code":"12345678"}"#).statusCode == 400)
        #expect(await world.ask(.post, path, #"{"print_code":"yes"}"#).statusCode == 422)
        #expect(await world.ask(.post, path, "{}", as: .visitor).statusCode == 404)
    }
}
