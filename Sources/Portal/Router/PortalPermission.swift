public import Access

/// For whom a route exists.  Everybody else meets a missing page there, whatever the method, so that nobody learns
/// what the place would offer.
public enum PortalPermission: Sendable, Hashable {
    case everybody
    /// Whoever runs Gatehouse.
    case `operator`

    /// Whether the route exists for this caller.
    public func allows(_ caller: PortalCaller) -> Bool {
        switch (self, caller) {
        case (.everybody, _), (.operator, .operator): true
        case (.operator, .visitor), (.operator, .member): false
        }
    }
}
