import Core
import EventLoop
import Login
import Store

extension MetricsPage {
    /// What waits to be mailed, and what has become of what was.
    mutating func mails(_ figures: PostmanMetrics) {
        single("gatehouse_mail_waiting", "gauge", "Mails that wait to be sent.", figures.waiting)
        single("gatehouse_mail_waiting_limit", "gauge", "Mails that may wait in all.", OutboxIndex.mostInAll)
        let age = figures.oldest.map { max(0, (SystemClock.wallMilliseconds - $0.milliseconds) / 1000) } ?? 0
        single("gatehouse_mail_oldest_waiting_seconds", "gauge", "For how long the oldest of them has waited.", age)
        family("gatehouse_mails_total", "counter", "What has become of mails, and of tries to send them.")
        for (outcome, count) in [
            ("sent", figures.sent), ("deferred", figures.deferred), ("given-up", figures.givenUp),
            ("unavailable", figures.unavailable), ("dropped", figures.dropped),
        ] { lines.append("gatehouse_mails_total{outcome=\"\(outcome)\"} \(count)") }
    }
}
