import Access
import Core
import HTTPWire

/// What one route asks of the data plane: how much it lets through, and what the rewriters change, as bytes that are made once for each configuration.
///
/// A loop has one for each route that asks for anything, and nothing for the others: their requests pay one look at an
/// empty place.
final class RouteRules {
    let requestFields: FieldRuleBytes
    let responseFields: FieldRuleBytes
    let prefix: PrefixRewriting?
    let limits: RouteLimits
    /// Counts its requests under way; nil where they have no bound of their own.
    let gauge: InFlightGauge?
    let requestsInFlight: Int
    let rates: RateRules?
    let crossOrigin: CrossOriginBytes?
    let applicationSession: ApplicationSessionBytes?

    /// Nil where the route asks for nothing.
    init?(_ route: RouteSettings, board: RouteBoard) {
        let handling = route.handling
        guard handling != RouteHandling() || route.crossOrigin != nil else { return nil }
        requestFields = FieldRuleBytes(handling.requestFields) { RequestRewriter.mayRule($0) }
        responseFields = FieldRuleBytes(handling.responseFields) { ResponseRewriter.mayRule($0) }
        prefix = handling.prefixRewrite.map { PrefixRewriting(path: route.path, replacement: $0) }
        limits = handling.limits
        requestsInFlight = handling.requestsInFlight ?? .max
        gauge = handling.requestsInFlight.map { _ in board.gauge(of: route.name) }
        crossOrigin = route.crossOrigin.map(CrossOriginBytes.init)
        applicationSession = handling.applicationSession.map(ApplicationSessionBytes.init)
        rates = RateRules(handling.rateLimits, route: route.name)
    }
}

extension RouteRules {
    /// True for a field of the application's that the client does not see.
    func dropsFromAnswer(_ name: RawSpan) -> Bool {
        responseFields.drops(name) || (crossOrigin != nil && CrossOriginBytes.replaces(name))
    }
}

/// The header rules of one direction: names that do not pass, and lines that are added.
struct FieldRuleBytes {
    /// As `FieldSpelling` folds them: those that are removed, and those that are set anew.
    let dropped: [[UInt8]]
    /// Each ended by CRLF.
    let lines: [UInt8]
    let isEmpty: Bool

    /// - Parameter mayRule: whether the operator may rule about a field at all.  `Gateway` refuses the others with
    ///   their place in the file; here they are left out, so that no configuration reaches an identity or the framing.
    init(_ rules: FieldRules, mayRule: (FieldName) -> Bool) {
        func isAllowed(_ name: String) -> Bool { FieldSpelling.meaning(of: name).map(mayRule) ?? false }
        let set = rules.set.filter { isAllowed($0.name) && Self.isValue($0.value) }
        dropped = (set.map(\.name) + rules.remove.filter(isAllowed)).compactMap(FieldSpelling.folded)
        lines = set.flatMap { Array("\($0.name): \($0.value)\r\n".utf8) }
        isEmpty = dropped.isEmpty
    }

    /// True for a field that does not pass.
    func drops(_ name: RawSpan) -> Bool {
        for folded in dropped where FieldSpelling.isSame(name, folded) { return true }
        return false
    }

    /// Nothing that could end the line.
    private static func isValue(_ text: String) -> Bool { text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F } }
}
