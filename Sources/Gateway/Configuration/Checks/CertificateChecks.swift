import Core
import Proxy

/// Certificate and key files: there, readable, PEM, a pair, and the key not everybody's (security.md 25).
struct CertificateChecks {
    /// Bytes of one file; a chain of ten certificates has about 20 KiB.
    static let longestFile = 1_048_576

    let reader: ConfigurationReader
    let files: ConfigurationFiles
    let check: CertificateCheck?

    /// The settings of one pair; reports what is wrong with it.
    func settings(for entry: CertificateEntry) -> CertificateSettings {
        let chain = files.read(entry.chainFile, kind: .certificateChain, mostBytes: Self.longestFile)
        let key = files.read(entry.keyFile, kind: .certificateKey, mostBytes: Self.longestFile)
        let isChain = chain.map { judgeChain($0.bytes, at: entry.chainFile) } ?? false
        let isKey = key.map { judgeKey($0, at: entry.keyFile) } ?? false
        if let chain, let key, isChain, isKey, let fault = check?(chain.bytes, key.bytes) { report(fault, for: entry) }
        return CertificateSettings(
            chainFile: files.absolute(entry.chainFile.value), keyFile: files.absolute(entry.keyFile.value))
    }

    private func judgeChain(_ bytes: [UInt8], at place: Located<String>) -> Bool {
        let pem = PEMText(bytes)
        guard !pem.hasDamagedBlock else {
            reader.report(
                place, "\(files.shown(place.value)) has a damaged PEM block",
                allowed: "allowed: certificates in PEM (RFC 7468)")
            return false
        }
        guard pem.hasCertificate else {
            reader.report(
                place, "\(files.shown(place.value)) holds no certificate",
                allowed: "allowed: certificates in PEM (RFC 7468)",
                remedy: pem.hasKey ? "it holds a key: are chain_file and key_file swapped?" : nil)
            return false
        }
        return true
    }

    private func judgeKey(_ content: FileInspector.Content, at place: Located<String>) -> Bool {
        let shown = files.shown(place.value)
        if content.permissions & 0o006 != 0 {
            reader.report(
                place, "\(shown) can be read or written by everybody", allowed: "allowed: mode 0600, or 0640",
                remedy: "chmod 600 \(shown), and make a new key if others had the chance")
        } else if content.permissions & 0o060 != 0 {
            reader.warn(place, "\(shown) can be read or written by its group; chmod 600 \(shown) unless that is meant")
        }
        let pem = PEMText(content.bytes)
        guard !pem.hasEncryptedKey else {
            reader.report(
                place, "\(shown) is encrypted", allowed: "allowed: a key without passphrase",
                remedy: "openssl pkey -in \(shown) -out NEW")
            return false
        }
        guard pem.hasKey, !pem.hasDamagedBlock else {
            reader.report(
                place, pem.hasDamagedBlock ? "\(shown) has a damaged PEM block" : "\(shown) holds no private key",
                allowed: "allowed: one private key in PEM (RFC 7468)",
                remedy: pem.hasCertificate ? "it holds a certificate: are chain_file and key_file swapped?" : nil)
            return false
        }
        return true
    }

    private func report(_ fault: CertificateFault, for entry: CertificateEntry) {
        let chain = files.shown(entry.chainFile.value)
        let key = files.shown(entry.keyFile.value)
        switch fault {
        case .chainMalformed(let words):
            reader.report(entry.chainFile, "\(chain) is not a readable chain: \(ShownText.escaped(words))")
        case .keyMalformed(let words):
            reader.report(entry.keyFile, "\(key) is not a readable key: \(ShownText.escaped(words))")
        case .mismatch:
            reader.report(
                entry.keyFile, "\(key) is not the key of the first certificate in \(chain)",
                remedy: "name the pair that was made together, the server's own certificate first")
        case .expired(let moment):
            reader.warn(entry.chainFile, "\(chain) expired at \(DateText.text(of: moment)); renew it")
        case .notYetValid(let moment):
            reader.warn(
                entry.chainFile, "\(chain) is not valid before \(DateText.text(of: moment)); is the clock right?")
        }
    }
}

/// Moments as RFC 3339 writes them in UTC.
enum DateText {
    /// `2026-11-21T22:03:45Z`.
    static func text(of moment: WallTime) -> String {
        let seconds = moment.milliseconds.floorDivided(by: 1000)
        let days = seconds.floorDivided(by: 86_400)
        let second = seconds - days * 86_400
        // Days to a civil date, counted from 0000-03-01 in eras of 400 years (proleptic Gregorian calendar).
        let shifted = days + 719_468
        let era = shifted.floorDivided(by: 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let march = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * march + 2) / 5 + 1
        let month = march < 10 ? march + 3 : march - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        let clock = [second / 3600, second / 60 % 60, second % 60].map { padded($0, 2) }.joined(separator: ":")
        return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))T\(clock)Z"
    }

    private static func padded(_ number: Int64, _ width: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, width - text.count)) + text
    }
}

extension Int64 {
    /// Division that rounds towards the past.
    fileprivate func floorDivided(by divisor: Int64) -> Int64 {
        self >= 0 ? self / divisor : -((-self + divisor - 1) / divisor)
    }
}
