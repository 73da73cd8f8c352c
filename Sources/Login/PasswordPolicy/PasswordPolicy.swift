public import Core
public import HostCrypto

/// What a password must be that somebody sets, and whether one is (promise P5).
///
/// It judges where a password is set, and never where one is proved: a login is not refused because rules have become
/// stricter.  Rules that cost nothing are asked first; former hashes and breaches only where all of those are kept.
public struct PasswordPolicy: Sendable {
    /// Why a password could not be judged: no hash could be computed in time.
    public struct Busy: Error, Sendable, Hashable {
        public init() {}
    }

    /// Former hashes are compared for so long at most; what takes longer is tried again later.
    static let longestComparison = Milliseconds.seconds(15)
    /// Equal characters in a row that are one too many.
    static let tooManyEqual = 3

    public let settings: PasswordSettings
    let common: CommonPasswords
    let breaches: BreachCheck

    public init(settings: PasswordSettings, common: CommonPasswords, breaches: BreachCheck) {
        self.settings = settings
        self.common = common
        self.breaches = breaches
    }

    /// What stands beside the field before anything is typed, in the order in which it is judged.
    public var rules: [PasswordRule] {
        var rules: [PasswordRule] = [.minimumLength(settings.minimumLength)]
        rules += PasswordSettings.CharacterClass.allCases.filter(settings.required.contains).map { .character($0) }
        if settings.forbidsRepeats { rules.append(.repeats) }
        if settings.forbidsCommon { rules.append(.common) }
        if !settings.blocklist.isEmpty { rules.append(.blocklist) }
        if settings.forbidsPersonalData { rules.append(.personalData) }
        if settings.history > 0 { rules.append(.history(settings.history)) }
        if settings.breachCheck.file != nil || settings.breachCheck.isOnline { rules.append(.breach) }
        return rules
    }

    /// Compares a password with a hash of an earlier one; throws where no hash can be computed now.
    public typealias Comparison = @Sendable (NormalizedPassword, PasswordHash) async throws -> Bool

    /// Holds a password against every rule.
    /// - Parameters:
    ///   - typed: as it came; it is brought into NFC first.
    ///   - owner: whose it is to be.
    ///   - former: hashes of the current password and of those before it, the latest first.
    ///   - clock: never jumps.
    ///   - compare: computes one hash.
    /// - Throws: `Busy` where former passwords could not be compared in time, what `compare` throws.
    public func judge(
        _ typed: consuming SecretBytes, of owner: PasswordOwner, former: [PasswordHash],
        clock: @Sendable () -> MonotonicInstant, compare: Comparison
    ) async throws -> PasswordVerdict {
        let password: NormalizedPassword
        do throws(NormalizedPassword.Flaw) {
            password = try NormalizedPassword(judging: typed)
        } catch {
            return verdict(of: error)
        }
        let text = password.text
        guard text.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control }) else {
            return PasswordVerdict(findings: others(but: PasswordFinding(.text, .broken)))
        }
        var findings = rules.map { judge($0, text, owner) }
        let isGuessable = findings.contains { finding in
            switch finding.rule {
            case .common, .blocklist, .personalData: finding.outcome == .broken
            default: false
            }
        }
        let strength = PasswordStrength.of(text, isGuessable: isGuessable)
        // What is dear is asked where nothing else is amiss.
        for index in findings.indices where !findings.contains(where: { $0.outcome == .broken }) {
            switch findings[index].rule {
            case .history:
                guard settings.history > 0, !former.isEmpty else { continue }
                let isFormer = try await isAny(password, of: former.prefix(1 + settings.history), clock, compare)
                findings[index] = PasswordFinding(findings[index].rule, isFormer ? .broken : .kept)
            case .breach:
                findings[index] = PasswordFinding(.breach, await breaches.outcome(password, settings.breachCheck))
            default: continue
            }
        }
        return PasswordVerdict(findings: findings, strength: strength, password: password)
    }

    /// The rules that need nothing but the text.
    private func judge(_ rule: PasswordRule, _ text: String, _ owner: PasswordOwner) -> PasswordFinding {
        let isKept: Bool
        switch rule {
        case .minimumLength(let least): isKept = text.unicodeScalars.count >= least
        case .character(let kind): isKept = text.unicodeScalars.contains { CharacterKind.of($0) == kind }
        case .repeats: isKept = !Self.repeats(text)
        case .common: isKept = !common.list.lists(text)
        case .blocklist: isKept = !settings.blocklist.lists(text)
        case .personalData: isKept = !owner.appears(in: text)
        case .text, .maximumLength: isKept = true
        case .history, .breach: return PasswordFinding(rule, .unchecked)
        }
        return PasswordFinding(rule, isKept ? .kept : .broken)
    }

    private static func repeats(_ text: String) -> Bool {
        var (last, run): (Unicode.Scalar?, Int) = (nil, 0)
        for scalar in text.unicodeScalars {
            run = scalar == last ? run + 1 : 1
            last = scalar
            if run == tooManyEqual { return true }
        }
        return false
    }

    /// One hash after the other, so that logins come in between.
    private func isAny(
        _ password: NormalizedPassword, of former: ArraySlice<PasswordHash>,
        _ clock: @Sendable () -> MonotonicInstant, _ compare: Comparison
    ) async throws -> Bool {
        let begin = clock()
        for hash in former {
            guard clock().since(begin) < Self.longestComparison else { throw Busy() }
            if try await compare(password, hash) { return true }
        }
        return false
    }

    /// What is no password breaks one rule, and the others cannot be judged.
    private func verdict(of flaw: NormalizedPassword.Flaw) -> PasswordVerdict {
        switch flaw {
        case .empty:
            PasswordVerdict(
                findings: rules.map { rule in
                    if case .minimumLength = rule {
                        PasswordFinding(rule, .broken)
                    } else {
                        PasswordFinding(rule, .unchecked)
                    }
                })
        case .tooLong:
            PasswordVerdict(
                findings: others(but: PasswordFinding(.maximumLength(NormalizedPassword.bounds.upperBound), .broken)))
        case .malformed: PasswordVerdict(findings: others(but: PasswordFinding(.text, .broken)))
        }
    }

    private func others(but finding: PasswordFinding) -> [PasswordFinding] {
        [finding] + rules.map { PasswordFinding($0, .unchecked) }
    }
}

/// What became of a password that somebody wants to set.
public struct PasswordVerdict: Sendable {
    /// Every rule of the policy, in the order in which it is judged.
    public let findings: [PasswordFinding]
    public let strength: PasswordStrength
    /// Nil where it is no password at all.
    private let password: NormalizedPassword?

    init(
        findings: [PasswordFinding], strength: PasswordStrength = PasswordStrength(score: 0),
        password: NormalizedPassword? = nil
    ) {
        self.findings = findings
        self.strength = strength
        self.password = password
    }

    /// The rules that are broken.
    public var broken: [PasswordRule] { findings.filter { $0.outcome == .broken }.map(\.rule) }

    /// The password, ready to be hashed, where no rule is broken; the only way from a new password to a hash.
    public var accepted: NormalizedPassword? { broken.isEmpty ? password : nil }
}
