import Login

/// Looks at a file of stolen passwords' hashes, by its absolute path; nil where it is one, else what is wrong with it.
///
/// The look reads a few hundred places of a file that may have 40 GB; it is handed in, as the look at keys is.
public typealias BreachFileCheck = @Sendable (_ path: String) -> String?

/// What the files of `login.password` must be.
struct PasswordChecks {
    /// Bytes of the operator's own list: about a million passwords.
    static let longestBlocklist = 16 * 1024 * 1024

    /// Bytes of a file of authorities.
    static let longestAuthorities = 4 * 1024 * 1024

    let reader: ConfigurationReader
    let files: ConfigurationFiles
    let check: BreachFileCheck?

    /// The settings; reports what does not fit.
    func settings(for entry: PasswordEntry) -> PasswordSettings {
        var settings = entry.settings
        settings.blocklist = blocklist(entry.blocklistFile)
        let breach = entry.breachCheck
        settings.breachCheck = BreachCheckSettings(
            file: breachFile(breach.file), isOnline: breach.isOnline, url: breach.url,
            authorityFile: authorities(breach.authorityFile), timeout: breach.timeout)
        return settings
    }

    private func blocklist(_ place: Located<String>) -> PasswordList {
        guard !place.value.isEmpty,
            let content = files.read(place, kind: .passwordBlocklist, mostBytes: Self.longestBlocklist)
        else { return PasswordList() }
        let shown = files.shown(place.value)
        guard let text = String(validating: content.bytes, as: UTF8.self) else {
            let lines = content.bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
            let line = lines.firstIndex { String(validating: $0, as: UTF8.self) == nil } ?? 0
            reader.report(
                place, "\(shown): line \(line + 1) is not UTF-8", allowed: "allowed: one password a line, in UTF-8",
                remedy: "convert the file to UTF-8")
            return PasswordList()
        }
        let list = PasswordList(text.split(whereSeparator: \.isNewline))
        if list.isEmpty { reader.warn(place, "\(shown) holds no password; write one a line") }
        return list
    }

    private func breachFile(_ place: Located<String>) -> String? {
        guard !place.value.isEmpty else { return nil }
        let path = files.absolute(place.value)
        if let words = check?(path) {
            reader.report(
                place, "\(files.shown(place.value)): \(words)",
                allowed: "allowed: SHA-1 hashes in ascending order, HASH:COUNT a line",
                remedy: "have Have I Been Pwned's downloader write the file anew, or write \"\"")
        }
        return path
    }

    private func authorities(_ place: Located<String>) -> String? {
        guard !place.value.isEmpty,
            files.read(place, kind: .certificateAuthority, mostBytes: Self.longestAuthorities) != nil
        else { return nil }
        return files.absolute(place.value)
    }
}

/// The look at a file of hashes, by the code that will use it.
public enum BreachFileInspection {
    /// Looks at form and order.
    public static let check: BreachFileCheck = { path in
        do throws(BreachFile.Fault) {
            try BreachFile(path: path).check()
            return nil
        } catch {
            return "\(error)"
        }
    }
}
