import Core
import Login

/// `login.password` as written.
struct PasswordEntry: Sendable {
    /// All but what stands in files.
    let settings: PasswordSettings
    let blocklistFile: Located<String>
    let breachCheck: BreachCheckEntry

    typealias CharacterClass = PasswordSettings.CharacterClass

    static let minimumLengthKey = DefaultedKey(
        "minimum_length", ValueType<Int>.integer(8...128), default: "12",
        "Characters (Unicode code points) that a password has at least.")
    static let requireKey = DefaultedKey(
        "require", ValueType<[CharacterClass]>.set(of: .choice("a kind of character"), count: 0...4),
        default: "[lower, upper, digit, special]", "Kinds of characters, of each of which one must be there.")
    static let forbidCommonKey = DefaultedKey(
        "forbid_common", ValueType<Bool>.boolean, default: "true",
        "Whether the 10,000 most common passwords are refused, also with other capitals, look-alike characters, and "
            + "digits or symbols around them.")
    static let forbidPersonalDataKey = DefaultedKey(
        "forbid_personal_data", ValueType<Bool>.boolean, default: "true",
        "Whether parts of the name, the e-mail address, the tenant's name and its hosts are refused.")
    static let forbidRepeatsKey = DefaultedKey(
        "forbid_repeats", ValueType<Bool>.boolean, default: "true",
        "Whether a character three times in a row is refused.")
    static let historyKey = DefaultedKey(
        "history", ValueType<Int>.integer(0...24), default: "5",
        "How many passwords before the current one may not come back; 0 lets the current one come back too.")
    static let blocklistFileKey = DefaultedKey(
        "blocklist_file", ValueType<String>.filePath("a file", isOptional: true).located, default: "\"\"",
        "Further passwords that are refused, one a line, UTF-8, found as the common ones are; \"\" for none.")
    static let breachCheckKey = DefaultedKey(
        "breach_check", BreachCheckEntry.type, default: "{}",
        "Whether passwords are refused that were stolen elsewhere.")

    static let type = ValueType<PasswordEntry>.mapping([
        minimumLengthKey, requireKey, forbidCommonKey, forbidPersonalDataKey, forbidRepeatsKey, historyKey,
        blocklistFileKey, breachCheckKey,
    ]) { section, _ in
        PasswordEntry(
            settings: PasswordSettings(
                minimumLength: section[minimumLengthKey], required: section[requireKey],
                forbidsCommon: section[forbidCommonKey], forbidsPersonalData: section[forbidPersonalDataKey],
                forbidsRepeats: section[forbidRepeatsKey], history: section[historyKey]),
            blocklistFile: section[blocklistFileKey], breachCheck: section[breachCheckKey])
    }
}

/// `login.password.breach_check` as written.
struct BreachCheckEntry: Sendable {
    let file: Located<String>
    let isOnline: Bool
    let url: String
    let authorityFile: Located<String>
    let timeout: Milliseconds

    static let fileKey = DefaultedKey(
        "file", ValueType<String>.filePath("a file", isOptional: true).located, default: "\"\"",
        "SHA-1 hashes of stolen passwords in ascending order, as Have I Been Pwned's downloader writes them, or the "
            + "compact form of them; \"\" for none.")
    static let onlineKey = DefaultedKey(
        "online", ValueType<Bool>.boolean, default: "false",
        "Whether the service at url is asked, which learns five of forty digits of the password's hash; a service that "
            + "is down refuses nothing.")
    static let urlKey = DefaultedKey(
        "url", ValueType<String>.httpsPrefix, default: "\"\(BreachCheckSettings.publicService)\"",
        "What stands before the five digits; a service that speaks as Have I Been Pwned's range search does.")
    static let authorityFileKey = DefaultedKey(
        "ca_file", ValueType<String>.filePath("a file", isOptional: true).located, default: "\"\"",
        "Authorities (PEM) whose word the service's certificate is taken on; \"\" for this machine's.")
    static let timeoutKey = DefaultedKey(
        "timeout", ValueType<Milliseconds>.duration(Milliseconds(100)...(.seconds(10))), default: "2s",
        "How long the service is waited for.")

    static let type = ValueType<BreachCheckEntry>.mapping([
        fileKey, onlineKey, urlKey, authorityFileKey, timeoutKey,
    ]) { section, _ in
        BreachCheckEntry(
            file: section[fileKey], isOnline: section[onlineKey], url: section[urlKey],
            authorityFile: section[authorityFileKey], timeout: section[timeoutKey])
    }
}
