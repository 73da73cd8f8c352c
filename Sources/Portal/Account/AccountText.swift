import Access
import Login

/// What the pages of an account say, in one language.
struct AccountText: Sendable {
    // Around all of them.
    /// The name of the navigation, for those who do not see it.
    let navigation: String
    let signOut: String
    let backToApplication: String
    /// A page's heading.
    let page: @Sendable (AccountPage) -> String
    /// What the navigation calls a page.
    let shortName: @Sendable (AccountPage) -> String
    /// Before the title of a page whose form has a fault.
    let faultTitle: String
    /// Above the list of faults.
    let faultHeading: String
    let save: String
    let cancel: String
    /// What was just done.
    let done: @Sendable (AccountChange) -> String
    // Own data.
    let introduction: String
    let name: String
    let nameFault: String
    let email: String
    let changeEmail: String
    let organisation: String
    let roles: String
    let noRoles: String
    let memberSince: String
    let lastSignIn: String
    let language: String
    let thisLanguage: String
    // Another address.
    let newEmail: String
    let emailHint: String
    /// Where letters can be sent.
    let emailLetterHint: String
    let emailFault: String
    let emailUnavailable: String
    // The password again, or a passkey.
    let proofIntroduction: String
    let proofWithPasskey: String
    let passkey: String
    let passkeyWrong: String
    let password: String
    let confirm: String
    let passwordFault: String
    let passwordWrong: String
    // Sessions.
    let sessionsIntroduction: String
    let thisBrowser: String
    let signedInSince: String
    let lastUsed: String
    let from: String
    let remembered: String
    let end: String
    /// For those who do not see which row a button stands in.
    let endNamed: @Sendable (_ device: String) -> String
    let endOthers: String
    let endAll: String
    let endAllHint: String
    let onlyThis: String
    let moreSessions: @Sendable (_ count: Int) -> String
    let devices: String
    let devicesHint: @Sendable (_ count: Int) -> String
    let forgetDevices: String
    let unknownBrowser: String
    let browserOn: @Sendable (_ browser: String, _ system: String) -> String

    /// The texts of `language`.
    static func text(in language: PageLanguage) -> AccountText {
        switch language {
        case .english: english
        case .german: german
        }
    }

    /// What a browser is called: `Firefox on Windows`.
    func device(_ userAgent: String) -> String {
        let name = DeviceName(userAgent: userAgent)
        switch (name.browser, name.system) {
        case (nil, nil): return unknownBrowser
        case (let browser?, nil): return browser
        case (nil, let system?): return browserOn(unknownBrowser, system)
        case (let browser?, let system?): return browserOn(browser, system)
        }
    }
}
