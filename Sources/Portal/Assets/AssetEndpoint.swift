public import Access
import HTTPTypes

/// Serves `/.gatehouse/assets/…`: files whose name carries their hash, and which therefore never change.
public struct AssetEndpoint: Sendable {
    /// The path below which assets live, with the slash at its end.
    public static let prefix = "/.gatehouse/assets/"

    private struct File: Sendable {
        var bytes: [UInt8]
        var contentType: String
        /// A strong validator (RFC 9110 §8.8.3): the file's name, which is as unique as its hash.
        var entityTag: String
    }

    private let files: [String: File]
    private let logo: @Sendable (String) -> PageBrand.Logo?

    /// Serves the stylesheet of `pages`, and tenants' logos.
    /// - Parameter logo: the one of this name, whosever it is.
    public init(pages: PortalPages, logo: @escaping @Sendable (String) -> PageBrand.Logo? = { _ in nil }) {
        self.logo = logo
        let name = pages.stylesheet.fileName
        files = [
            name: File(
                bytes: pages.stylesheet.bytes, contentType: "text/css; charset=utf-8", entityTag: "\"\(name)\"")
        ]
    }

    /// The answer for the asset of this name: 200, or 304 where `If-None-Match` names what the client
    /// already has (RFC 9110 §13.1.2).  Nil where there is no such asset.
    public func response(for request: PortalRequest, name: String) -> PortalResponse? {
        guard let file = files[name] ?? logo(name).map(Self.file) else { return nil }
        var fields: HTTPFields = [
            .cacheControl: "public, max-age=31536000, immutable",
            .eTag: file.entityTag,
            .xContentTypeOptions: "nosniff",
            .crossOriginResourcePolicy: "same-origin",
        ]
        if Self.matches(request.head.headerFields[values: .ifNoneMatch], tag: file.entityTag) {
            return PortalResponse(head: HTTPResponse(status: .notModified, headerFields: fields))
        }
        fields[.contentType] = file.contentType
        return PortalResponse(head: HTTPResponse(status: .ok, headerFields: fields), body: file.bytes)
    }

    private static func file(_ logo: PageBrand.Logo) -> File {
        File(bytes: logo.bytes, contentType: logo.format.contentType, entityTag: "\"\(logo.fileName)\"")
    }

    /// Weak comparison, as `If-None-Match` asks for (RFC 9110 §8.8.3.2).
    private static func matches(_ conditions: [String], tag: String) -> Bool {
        conditions.contains { condition in
            condition.split(separator: ",").contains { entry in
                let candidate = entry.trimming { $0 == " " || $0 == "\t" }
                return candidate == "*" || candidate == tag || candidate == "W/" + tag
            }
        }
    }
}
