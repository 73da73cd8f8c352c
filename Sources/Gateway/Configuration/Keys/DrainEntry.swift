import Core

/// `drain` as written.
enum DrainEntry {
    static let delayKey = DefaultedKey(
        "delay", ValueType<Milliseconds>.duration(Milliseconds(0)...(.minutes(5))), default: "0s",
        "After SIGTERM, how long readiness is red before new connections are refused.")
    static let timeoutKey = DefaultedKey(
        "timeout", ValueType<Milliseconds>.duration(Milliseconds(0)...(.hours(1))), default: "25s",
        "How long requests under way may take from then on, before they are cut.")

    static let type = ValueType<DrainSettings>.mapping([delayKey, timeoutKey]) { section, _ in
        DrainSettings(delay: section[delayKey], timeout: section[timeoutKey])
    }
}
