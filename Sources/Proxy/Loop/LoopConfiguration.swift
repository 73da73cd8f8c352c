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
    /// `"route":"…"` for each route.
    let routeLogParts: [[UInt8]]
    /// `X-Gatehouse-Secret: …` with its line end, or nothing, for each upstream.
    let secretLines: [[UInt8]]
    /// Positions in the loop's pools, for each server of each upstream.
    var pools: [[Int]] = []
    /// Which server of each upstream is asked next.
    var nextServer: [Int]
    /// `443`, as `X-Forwarded-Port` says it where a Host names no port.
    let trustedProxies: [AddressRange]

    /// Bounds of an upstream's answer head.
    static let responseLimits = HeadLimits(bytes: 64 * 1024, fields: 200)

    init(_ source: DataPlaneConfiguration) {
        self.source = source
        limits = source.settings.limits
        requestParser = RequestHeadParser(
            limits: HeadLimits(bytes: limits.headerBytes, fields: limits.headers))
        responseParser = ResponseHeadParser(limits: Self.responseLimits)
        routeLogParts = source.routeNames.map { name in
            Array(",\"route\":".utf8) + JSONText.quoted(name)
        }
        secretLines = source.settings.upstreams.map { upstream in
            upstream.sharedSecret.map { Array("X-Gatehouse-Secret: \($0)\r\n".utf8) } ?? []
        }
        nextServer = [Int](repeating: 0, count: source.settings.upstreams.count)
        trustedProxies = source.settings.trustedProxies
    }

    func isTrusted(_ address: ClientAddress) -> Bool {
        for range in trustedProxies where range.contains(address) { return true }
        return false
    }
}
