// Writes users, roles, sessions and factors until it is killed or can write no more: for the tests that kill it.
//
//   store-test-writer FOLDER KEYFILE TENANT [FILE-BYTES]
//
// Prints a line for each write that was acknowledged, after it was: `user UUID EMAIL`, `roles UUID`, `session UUID`,
// `factor UUID USER`, `code USER` for a recovery code that was used.
// With FILE-BYTES no file may grow beyond it; the first fault is printed as `fault …` and ends the process with 0.
//
//   store-test-writer FOLDER KEYFILE TENANT --sessions COUNT SHOWN NOW
//
// Fills the tenant with COUNT sessions that began at NOW (milliseconds since 1970) and ends; SHOWN of their tokens are
// printed.

import Core
import Glibc
import HostCrypto
import Store

func line(_ text: String) {
    let bytes = Array("\(text)\n".utf8)
    _ = bytes.withUnsafeBytes { write(1, $0.baseAddress, $0.count) }
}

/// The whole work.
func run() async throws {
    let arguments = CommandLine.arguments
    guard arguments.count >= 4, let id = TenantID(arguments[3]) else {
        line("fault usage")
        exit(64)
    }

    let key = try MasterKeyFile.read(arguments[2]).key
    var number: Int64 = 0
    func now() -> WallTime {
        number += 1
        return WallTime(milliseconds: 1_700_000_000_000 + number)
    }

    let store = try await DataStore.open(folder: arguments[1], masterKey: key, at: now())
    if try await store.tenants.find(id) == nil {
        _ = try await store.createTenant(
            Tenant(id: id, name: "Killed GmbH"), audit: AuditEntry(action: "tenant.created", actor: .operator),
            at: now())
    }
    let tenant = try await store.tenant(id)
    if arguments.count == 8, arguments[4] == "--sessions", let count = Int(arguments[5]), let shown = Int(arguments[6]),
        let begin = Int64(arguments[7])
    {
        try await fill(tenant, sessions: count, shown: shown, at: WallTime(milliseconds: begin))
        return
    }
    if arguments.count == 5, let bytes = UInt(arguments[4]) {
        signal(SIGXFSZ, SIG_IGN)
        var limit = rlimit(rlim_cur: bytes, rlim_max: bytes)
        setrlimit(__rlimit_resource_t(UInt32(RLIMIT_FSIZE.rawValue)), &limit)
    }
    line("ready")
    do {
        while true {
            let user = User(email: "\(SecureRandom.token(byteCount: 9))@acme.example", name: "Kim Killed")
            let created = try await tenant.users.create(
                user, audit: AuditEntry(action: "user.created", actor: .operator, subject: user.id), at: now())
            line("user \(created.id) \(created.email)")
            try await tenant.users.update(
                user.id, audit: AuditEntry(action: "user.roles", actor: .operator, subject: user.id), at: now()
            ) { $0.roles = ["admin", "user"].compactMap { RoleName($0) } }
            line("roles \(created.id)")
            guard let token = TokenDigest(SecureRandom.bytes(32)) else { exit(70) }
            let (session, _) = try await tenant.sessions.create(
                user: user.id, token: token, factors: [ProvedFactor(.password, at: now())],
                expiresAt: WallTime(milliseconds: 1_800_000_000_000),
                audit: AuditEntry(action: "session.began", actor: .user(user.id), subject: user.id), at: now())
            line("session \(session.id)")
            let app = NewAuthenticatorApp(
                name: "Killed", secret: FactorSecret(SecretBytes(copying: SecureRandom.bytes(20))), firstStep: 1)
            let factor = try await tenant.factors.add(
                app, to: created, recoveryCodes: (0..<10).map { "CODE\($0)" }, keeping: session.id,
                audit: AuditEntry(action: "factor.added", actor: .user(user.id), subject: user.id), at: now())
            line("factor \(factor) \(user.id)")
            _ = try await tenant.factors.useRecoveryCode(
                "CODE7", of: user.id,
                audit: AuditEntry(action: "recovery-code.used", actor: .user(user.id), subject: user.id), at: now())
            line("code \(user.id)")
        }
    } catch {
        line("fault \(error)")
    }
}

try await run()
