import Core

@testable import Store

/// Factors with harmless contents.
enum FactorSample {
    static let seed: [UInt8] = Array("seed of twenty bytes".utf8)
    static let codes = (0..<10).map { "CODE\($0)56789ABCDEF" }

    static func app(_ name: String = "Handy Geheimname", step: Int64 = 100) -> NewAuthenticatorApp {
        NewAuthenticatorApp(name: name, secret: FactorSecret(SecretBytes(copying: seed)), firstStep: step)
    }

    static func passkey(_ number: UInt8 = 1, signCount: UInt32 = 5, name: String = "Schlüsselbund") -> NewPasskey {
        NewPasskey(
            name: name, credentialID: credential(number), publicKey: Array("public key \(number)".utf8),
            rpID: "passkeys.acme.example", signCount: signCount, aaguid: [UInt8](repeating: 0xAA, count: 16),
            transports: ["internal", "hybrid"], isBackupEligible: true, isBackedUp: false)
    }

    static func credential(_ number: UInt8) -> [UInt8] { Array("credential".utf8) + [number] }
}

extension FactorSecret {
    var octets: [UInt8] {
        withSecret { secret in
            secret.withBytes { bytes in bytes.withUnsafeBytes { Array($0) } }
        }
    }
}

extension TenantStore {
    @discardableResult
    func addApp(
        _ user: User, _ app: NewAuthenticatorApp = FactorSample.app(), codes: [String]? = nil, keeping: RowID? = nil,
        letters: [Letter] = [], at now: WallTime = time(10)
    ) async throws -> RowID {
        try await factors.add(
            app, to: user, recoveryCodes: codes, keeping: keeping, audit: entry("factor.added", subject: user.id),
            letters: letters, at: now)
    }

    @discardableResult
    func addPasskey(
        _ user: User, _ passkey: NewPasskey = FactorSample.passkey(), codes: [String]? = nil, keeping: RowID? = nil,
        at now: WallTime = time(11)
    ) async throws -> RowID {
        try await factors.add(
            passkey, to: user, recoveryCodes: codes, keeping: keeping, audit: entry("factor.added", subject: user.id),
            at: now)
    }

    func removeFactor(
        _ id: RowID, of user: User, keepingLast: Bool = false, keeping: RowID? = nil, at now: WallTime = time(20)
    ) async throws {
        try await factors.remove(
            id, of: user.id, keepingLast: keepingLast, keeping: keeping,
            audit: entry("factor.removed", subject: user.id), at: now)
    }

    func useCode(_ code: String, of user: User, at now: WallTime = time(30)) async throws -> Int? {
        try await factors.useRecoveryCode(
            code, of: user.id, audit: entry("recovery-code.used", subject: user.id), at: now)
    }
}
