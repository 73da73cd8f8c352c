public import Core

/// `login.password`: what a password must be that is set from now on.  Passwords that were set before go on to work.
public struct PasswordSettings: Sendable, Hashable {
    /// `require`: kinds of characters, of each of which one must be there.
    public enum CharacterClass: String, Sendable, CaseIterable, Hashable {
        /// A letter that has a capital one, in any script.
        case lower
        /// A capital letter, in any script.
        case upper
        /// A decimal digit, in any script.
        case digit
        /// Anything else that can be seen, and the space: punctuation, symbols, letters without case.
        case special
    }

    /// `minimum_length` in characters (Unicode code points after NFC, as NIST SP 800-63B counts), 8…128.
    public var minimumLength: Int
    public var required: [CharacterClass]
    /// `forbid_common`: the 10,000 most common ones.
    public var forbidsCommon: Bool
    /// `forbid_personal_data`: parts of name, address, tenant and host.
    public var forbidsPersonalData: Bool
    /// `forbid_repeats`: three equal characters in a row.
    public var forbidsRepeats: Bool
    /// `history`: how many passwords before the current one may not come back, 0…24; 0 lets the current one come back
    /// too.
    public var history: Int
    /// `blocklist_file`, read.
    public var blocklist: PasswordList
    public var breachCheck: BreachCheckSettings

    public init(
        minimumLength: Int = 12, required: [CharacterClass] = CharacterClass.allCases, forbidsCommon: Bool = true,
        forbidsPersonalData: Bool = true, forbidsRepeats: Bool = true, history: Int = 5,
        blocklist: PasswordList = PasswordList(), breachCheck: BreachCheckSettings = BreachCheckSettings()
    ) {
        self.minimumLength = minimumLength
        self.required = required
        self.forbidsCommon = forbidsCommon
        self.forbidsPersonalData = forbidsPersonalData
        self.forbidsRepeats = forbidsRepeats
        self.history = history
        self.blocklist = blocklist
        self.breachCheck = breachCheck
    }
}

/// `login.password.breach_check`: whether a password stands in data that was stolen elsewhere.
public struct BreachCheckSettings: Sendable, Hashable {
    /// `file`, absolute: hashes to look in on this machine; nil for none.
    public var file: String?
    /// `online`: asks the service at `url` too.
    public var isOnline: Bool
    /// `url`: what stands before the first five digits of the hash.
    public var url: String
    /// `ca_file`, absolute: whose word the service's certificate is taken on; nil for this machine's authorities.
    public var authorityFile: String?
    /// `timeout`: how long the service is waited for.
    public var timeout: Milliseconds

    public init(
        file: String? = nil, isOnline: Bool = false, url: String = BreachCheckSettings.publicService,
        authorityFile: String? = nil, timeout: Milliseconds = .seconds(2)
    ) {
        self.file = file
        self.isOnline = isOnline
        self.url = url
        self.authorityFile = authorityFile
        self.timeout = timeout
    }

    /// Have I Been Pwned's range search.
    public static let publicService = "https://api.pwnedpasswords.com/range/"
}
