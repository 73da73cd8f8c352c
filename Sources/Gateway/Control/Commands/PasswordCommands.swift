public import Core
import Login
import Portal
import Synchronization

/// `gatehouse password check`.
extension OperatorClient {
    /// What is known of whose password it is to be.
    public struct CheckedOwner: Sendable {
        let tenant: String
        let email: String?
        let name: String?

        public init(tenant: String, email: String?, name: String?) {
            self.tenant = tenant
            self.email = email
            self.name = name
        }
    }

    /// Former passwords may be compared, of which each costs a hash.
    static let longestCheck: Int64 = 60_000

    /// Holds a password against the policy as a tenant's member would meet it.
    public func checkPassword(
        _ password: borrowing SecretBytes, of owner: CheckedOwner, asJSON: Bool
    ) throws(OperatorFault) -> CommandOutput {
        let path = try Self.path(ofTenant: owner.tenant) + "/password-check"
        var body = RequestBody()
        if let email = owner.email { body.add("email", email) }
        if let name = owner.name { body.add("name", name) }
        body.add("password", password)
        var bytes = body.end()
        defer { Wiping.wipe(&bytes) }
        let request = OperatorRequest(method: .post, path: path, body: bytes, timeoutMilliseconds: Self.longestCheck)
        return CommandOutput.verdict(try ask(request, for: PasswordVerdictResource.self), asJSON: asJSON)
    }
}

/// The same without a tenant, from the configuration alone: it needs neither a server nor a data folder.
public enum PasswordChecking {
    /// Holds a password against the policy of a configuration file.
    public static func check(
        _ password: consuming SecretBytes, email: String?, name: String?, file: String,
        environment: [String: String], asJSON: Bool
    ) throws(OperatorFault) -> CommandOutput {
        let settings = try OperatorConfiguration.read(file: file, environment: environment).whole.get()
        let reports = ReportedFaults()
        let passwords = PasswordSetting(judgingBy: settings.login.password, report: { reports.note($0) })
        // The command ends with its answer, and its memory with it.
        var typed: [UInt8] = []
        password.withBytes { raw in
            let span = Span<UInt8>(_bytes: raw)
            for index in span.indices { typed.append(span[index]) }
        }
        let octets = typed
        let verdict: PasswordVerdictResource
        do {
            verdict = try Awaiting.result {
                try await passwords.check(SecretBytes(copying: octets), email: email ?? "", name: name ?? "")
            }
        } catch {
            throw OperatorFault(.internalFault, "\(error)")
        }
        var output = CommandOutput.verdict(verdict, asJSON: asJSON)
        output.note = reports.lines
        return output
    }
}

/// What could not be asked, for standard error.
private final class ReportedFaults: Sendable {
    private let words = Mutex<[String]>([])

    func note(_ fault: String) { words.withLock { $0.append(fault) } }

    var lines: String { words.withLock { $0 }.map { "warning: \($0)\n" }.joined() }
}

extension CommandOutput {
    /// Each rule, kept or broken; a password that is refused is bad data.
    static func verdict(_ verdict: PasswordVerdictResource, asJSON: Bool) -> CommandOutput {
        let kind = verdict.accepted ? nil : OperatorFault.Kind.badData
        if asJSON { return CommandOutput(json(verdict), verdict: kind) }
        let lines = verdict.rules.map { "\($0.outcome.padded(to: 9)) \($0.rule.padded(to: 14)) \($0.text)\n" }
        let end = verdict.accepted ? "accepted" : "refused"
        return CommandOutput(lines.joined() + "\(end); strength \(verdict.strength) of 4\n", verdict: kind)
    }
}

extension String {
    fileprivate func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
