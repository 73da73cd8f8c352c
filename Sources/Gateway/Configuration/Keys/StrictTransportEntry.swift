import Core
import Proxy

/// `hsts` as written.
enum StrictTransportEntry {
    /// What the makers of browsers ask of hosts for their lists (hstspreload.org): a year.
    static let preloadAge = Milliseconds.hours(365 * 24)

    static let maximumAgeKey = DefaultedKey(
        "max_age", ValueType<Milliseconds>.duration(Milliseconds(0)...(.hours(3650 * 24))).located, default: "365d",
        "How long browsers remember to come by https alone; 0s takes it back.")
    static let subdomainsKey = DefaultedKey(
        "include_subdomains", ValueType<Bool>.boolean, default: "false",
        "Whether every host below this one is meant, too, Gatehouse's or not.")
    static let preloadKey = DefaultedKey(
        "preload", ValueType<Bool>.boolean.located, default: "false",
        "Asks the makers of browsers for a place in their lists; hard to take back.")

    static let type = ValueType<StrictTransportSettings>.mapping([
        maximumAgeKey, subdomainsKey, preloadKey,
    ]) { section, reader in
        let (age, includesSubdomains, preload) = (section[maximumAgeKey], section[subdomainsKey], section[preloadKey])
        if age.value.count % 1000 != 0 {
            reader.report(
                age, "\(ShownText.quoted(QuantityText.duration(age.value))) is no whole number of seconds",
                allowed: "allowed: whole seconds (RFC 6797 §6.1.1)", remedy: "write 365d")
        }
        if preload.value, !includesSubdomains || age.value < preloadAge {
            reader.report(
                preload, "the lists take no host without include_subdomains, or with a max_age of less than 365d",
                allowed: "allowed: preload with include_subdomains: true and max_age: 365d or more",
                remedy: "write both, or preload: false")
        }
        return StrictTransportSettings(
            maximumAge: age.value, includesSubdomains: includesSubdomains, isPreloadable: preload.value)
    }
}
