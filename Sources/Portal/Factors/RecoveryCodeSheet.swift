import Access
import Core
import Login
import Store

/// Fresh recovery codes on the page that shows them once, and the file that the page offers.
///
/// Nothing of them stays here: what the file is made of travels in the page's form, sealed for the session and the host,
/// for as long as the page may lie open.
struct RecoveryCodeSheet: Sendable {
    /// The form of the page is good for so long.
    static let lifetime = Milliseconds.minutes(15)
    /// The longest sealed text that is opened, in bytes.
    static let longestText = 4096
    /// How far ahead of the clock a sheet may have been made: the clock went back a little.
    private static let skew: Int64 = 60_000
    private static let purpose = "recovery-codes 1"

    private let forms: FormSeal

    init(forms: FormSeal) { self.forms = forms }

    /// What a sheet says.
    struct Content: Sendable, Hashable {
        /// As people read them.
        var codes: [String]
        /// The tenant's display name.
        var site: String
        var email: String
        var madeAt: WallTime
    }

    /// What the template `recovery-codes` asks for, besides the layout's.
    /// - Parameters:
    ///   - codes: with dashes or without; they are shown with them.
    ///   - site: the tenant's display name.
    ///   - session: the one that the browser has from now on.
    ///   - host: the request's authority in lower case.
    ///   - csrf: the session's.
    ///   - continueTo: where the page leads to.
    func values(
        codes: [String], site: String, email: String, session: SessionHandle, host: String, csrf: String,
        language: PageLanguage, continueTo: String, now: WallTime
    ) -> [String: Any] {
        let text = RecoveryCodeText.text(in: language)
        let codes = codes.map { RecoveryCode.normalised($0).map(RecoveryCode.grouped) ?? $0 }
        let content = Content(codes: codes, site: site, email: email, madeAt: now)
        return [
            "introduction": text.introduction, "warning": text.warning, "codes": codes,
            "codesLabel": text.codes, "hint": text.hint,
            "download": [
                "action": PortalAddress.recoveryCodeFile, "csrf": csrf,
                "sheet": seal(content, session: session, host: host), "label": text.download,
            ],
            "proceed": ["address": continueTo, "label": text.proceed],
        ]
    }

    /// What a page of before was sealed with; nil where it was another session's or host's, is forged, or too old.
    func open(_ text: String, session: SessionHandle, host: String, now: WallTime) -> Content? {
        guard text.utf8.count <= Self.longestText, let sealed = Base64.decode(text.utf8, alphabet: .url),
            let plain = forms.open(sealed, purpose: Self.purpose, context: Self.context(session, host))
        else { return nil }
        let parts = plain.split(separator: 0, omittingEmptySubsequences: false).map {
            String(decoding: $0, as: UTF8.self)
        }
        guard parts.count > 3, let time = Int64(parts[0]) else { return nil }
        let age = now.milliseconds - time
        guard (-Self.skew...Int64(clamping: Self.lifetime.count)).contains(age) else { return nil }
        return Content(
            codes: Array(parts[3...]), site: parts[1], email: parts[2], madeAt: WallTime(milliseconds: time))
    }

    /// The file: what the codes are for, and each on a line of its own.
    static func file(_ content: Content, in language: PageLanguage) -> String {
        let text = RecoveryCodeText.text(in: language)
        let head = [
            text.fileHeading(content.site), text.fileAccount(content.email),
            text.fileMade(PageTime(language: language).moment(content.madeAt)), text.introduction,
        ]
        // CRLF: programs of every system show it as lines.
        return (head + [""] + content.codes + [""]).joined(separator: "\r\n")
    }

    /// Four characters at a time, as people copy a key.
    static func groups(of key: String) -> [String] {
        let characters = Array(key)
        return stride(from: 0, to: characters.count, by: 4).map { start in
            String(characters[start..<min(start + 4, characters.count)])
        }
    }

    private func seal(_ content: Content, session: SessionHandle, host: String) -> String {
        let parts = [String(content.madeAt.milliseconds), content.site, content.email] + content.codes
        let plain = Array(parts.joined(separator: "\u{0}").utf8)
        return Base64.encode(
            forms.seal(plain, purpose: Self.purpose, context: Self.context(session, host)), alphabet: .url)
    }

    private static func context(_ session: SessionHandle, _ host: String) -> [UInt8] {
        Array("\(session.description)\n\(host)".utf8)
    }
}
