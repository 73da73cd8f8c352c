public import Core
import Login
import SAML

/// What a look at a provider's metadata finds.
public enum MetadataFinding: Hashable, Sendable {
    /// Nobody could sign in with it; in words.
    case unusable(String)
    /// It can be used.
    /// - Parameters:
    ///   - warnings: what was left out, in sentences without their full stop.
    ///   - expired: since when it may not be used any more; nil where it still may.
    case usable(warnings: [String], expired: WallTime?)
}

/// Looks at a document that should be an identity provider's metadata.  The look needs an XML library and a clock, and is
/// handed in.
public typealias MetadataCheck = @Sendable (_ document: [UInt8]) -> MetadataFinding

/// The look at metadata, by the code that will use it and the machine's clock.
public enum MetadataInspection {
    /// Reads it, and throws it away.
    public static let check: MetadataCheck = { document in
        find(document, at: WallTime(milliseconds: WallClock.milliseconds))
    }

    static func find(_ document: [UInt8], at now: WallTime) -> MetadataFinding {
        do throws(MetadataFault) {
            let provider = try MetadataReader.read(document)
            guard !provider.singleSignOn.isEmpty else {
                return .unusable("there is no address to sign in at over Redirect or POST")
            }
            return .usable(
                warnings: provider.warnings, expired: provider.validUntil.flatMap { $0 <= now ? $0 : nil })
        } catch {
            return .unusable("\(error)")
        }
    }
}

/// Where a connection's metadata comes from: a file that is metadata, or an https address.
struct MetadataChecks {
    let reader: ConfigurationReader
    let files: ConfigurationFiles
    /// Nil where the caller does not look at certificates and keys either.
    let check: MetadataCheck?

    /// The source; nil where it was refused.
    func source(of connection: ConnectionEntry) -> MetadataSource? {
        let (file, url, authorities) = (connection.metadataFile, connection.metadataURL, connection.authorityFile)
        if !authorities.value.isEmpty {
            if url == nil {
                reader.report(
                    authorities, "nothing is fetched that it would be for", allowed: "allowed: beside metadata_url",
                    remedy: "take the key out")
            } else {
                AuthorityChecks(reader: reader, files: files).judge(
                    authorities, keyRemedy: "it holds a key, which is nobody's authority")
            }
        }
        if let url {
            guard file.value.isEmpty else {
                reader.report(
                    url, "metadata_file is given too", allowed: "allowed: metadata_file or metadata_url",
                    remedy: "take one out")
                return nil
            }
            return .url(url.value, caFile: authorities.value.isEmpty ? nil : files.absolute(authorities.value))
        }
        guard !file.value.isEmpty else {
            // What was refused itself was meant to be there.
            let places = ["metadata_file", "metadata_url"].map { connection.place.path.key($0).description }
            guard !places.contains(where: reader.hasFault(at:)) else { return nil }
            reader.report(
                connection.place, "neither metadata_file nor metadata_url stands here",
                allowed: "allowed: one of them", remedy: "save the provider's metadata beside this file, and name it")
            return nil
        }
        return document(file).map { .file(document: $0, path: files.absolute(file.value)) }
    }

    private func document(_ place: Located<String>) -> [UInt8]? {
        guard
            let content = files.read(
                place, kind: .connectionMetadata, mostBytes: MetadataReader.longestDocument)
        else { return nil }
        let shown = files.shown(place.value)
        if content.permissions & 0o002 != 0 {
            reader.report(
                place, "\(shown) can be written by everybody, who could so choose whom to trust",
                allowed: "allowed: mode 0644, or less", remedy: "chmod 644 \(shown)")
        }
        switch check?(content.bytes) {
        case nil: break
        case .unusable(let words):
            reader.report(
                place, "\(shown) is not metadata of an identity provider: \(ShownText.escaped(words))",
                allowed: "allowed: SAML 2.0 metadata with one IDPSSODescriptor",
                remedy: "save it again from the provider")
            return nil
        case .usable(let warnings, let expired):
            for warning in warnings { reader.warn(place, "\(shown): \(ShownText.escaped(warning))") }
            if let expired {
                reader.warn(
                    place,
                    "\(shown) may not be used since \(DateText.text(of: expired)), and nobody signs in by it; save it again "
                        + "from the provider")
            }
        }
        return content.bytes
    }
}
