import Access
import Core
import EventLoop
import HTTPWire
import HostCrypto

/// A loop's own copy of a `DataPlaneConfiguration`, with bytes prepared that every request would otherwise
/// make anew.  Exchanges hold the one they began with.
final class LoopConfiguration {
    let source: DataPlaneConfiguration
    let limits: LimitSettings
    let requestParser: RequestHeadParser
    let responseParser: ResponseHeadParser
    /// For the log: each route's name and each tenant's id, quoted.
    let routeNames: [[UInt8]]
    let tenantNames: [[UInt8]]
    /// `X-Gatehouse-Secret: …` with its line end, or nothing, for each upstream.
    let secretLines: [[UInt8]]
    /// What each route asks for besides its access rule; nil for most.
    let routeRules: [RouteRules?]
    /// `Strict-Transport-Security: …` with its line end, or nothing.
    let strictTransport: [UInt8]
    /// Positions in the loop's pools, for each server of each upstream.
    var pools: [[Int]] = []
    /// Position of each upstream in the loop's groups.
    var groups: [Int] = []
    let trustedProxies: [AddressRange]
    /// Members' requests carry an assertion.
    let signsAssertions: Bool

    /// Bounds of an upstream's answer head.
    static let responseLimits = HeadLimits(bytes: 64 * 1024, fields: 200)

    init(_ source: DataPlaneConfiguration, routes board: RouteBoard) {
        self.source = source
        limits = source.settings.limits
        requestParser = RequestHeadParser(
            limits: HeadLimits(bytes: limits.headerBytes, fields: limits.headers))
        responseParser = ResponseHeadParser(limits: Self.responseLimits)
        routeNames = source.routeNames.map(JSONText.quoted)
        tenantNames = source.access.settings.tenants.map { JSONText.quoted($0.id.text) }
        secretLines = source.settings.upstreams.map { upstream in
            upstream.sharedSecret.map { Array("X-Gatehouse-Secret: \($0)\r\n".utf8) } ?? []
        }
        routeRules = source.access.settings.routes.map { RouteRules($0, board: board) }
        strictTransport = source.settings.strictTransport?.line ?? []
        trustedProxies = source.settings.trustedProxies
        signsAssertions = source.assertions != nil
    }

    func isTrusted(_ address: ClientAddress) -> Bool {
        for range in trustedProxies where range.contains(address) { return true }
        return false
    }
}
