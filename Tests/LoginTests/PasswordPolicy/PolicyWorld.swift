import Core
import Foundation
import HostCrypto
import Testing

@testable import Login

/// A policy with nothing behind it but what a test gives, and a password that keeps every rule.
struct PolicyWorld {
    static let good = "Seven-Herons_4-Lunch"
    static let owner = PasswordOwner(
        name: "Erika Mustermann", email: "erika.muster@mail.acme.example", tenantName: "Acme Bottling GmbH",
        hosts: ["portal.bottler.example"])

    var settings = PasswordSettings()
    var words = ["password", "sunshine", "123456", "letmein", "trustno1"]
    /// What the service answers; nil where nobody asks it.
    var range: BreachCheck.Range = { _, _ in throw CancellationError() }
    var reports = Shared<[String]>([])

    var breaches: BreachCheck {
        BreachCheck(range: range, report: { [reports] words in reports.change { $0.append(words) } })
    }

    var policy: PasswordPolicy {
        let text = words.joined(separator: "\n") + "\n"
        return PasswordPolicy(settings: settings, common: CommonPasswords { text }, breaches: breaches)
    }

    func judge(
        _ bytes: [UInt8], owner: PasswordOwner = owner, former: [String] = [],
        clock: @escaping @Sendable () -> MonotonicInstant = { MonotonicInstant(milliseconds: 1) }
    ) async throws -> PasswordVerdict {
        let hashes = try former.map { text in
            PasswordHash.own(try normalized(text).withOctets { try Argon2id.hash($0, cost: LoginWorld.cheap) })
        }
        return try await policy.judge(SecretBytes(copying: bytes), of: owner, former: hashes, clock: clock) {
            password, hash in
            try password.withOctets { try hash.isHash(of: $0) }
        }
    }

    /// The codes of the broken rules.
    func broken(_ text: String, owner: PasswordOwner = owner, former: [String] = []) async throws -> [String] {
        try await judge(Array(text.utf8), owner: owner, former: former).broken.map(\.code)
    }
}

/// A file that is gone with its holder.
final class ScratchFile: Sendable {
    let path: String

    init(_ bytes: [UInt8]) throws {
        path = NSTemporaryDirectory() + "gatehouse-hashes-" + UUID().uuidString
        try Data(bytes).write(to: URL(fileURLWithPath: path))
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}
