import Core
import Foundation
import Login
import Proxy

/// The metrics in Prometheus' text format 0.0.4: counters of all loops summed, gauges, and the process.
struct MetricsPage {
    var lines: [String] = []

    /// What the page is made of besides the loops.
    struct Facts {
        var generation: UInt64
        var reloadsRefused: UInt64
        var upgradesFailed: UInt64 = 0
        var isDraining: Bool
        var logFailures: UInt64
        var certificates: [DataPlaneAssembly.LoadedCertificate]
        var servers: [ServerName: ServerBoard.Sighting]
        var startedAt: Int64
        var limits: LimitSettings
        var rateBucketsEvicted: UInt64 = 0
        var login = LoginFigures()
        /// Address and purpose of each public listener.
        var listeners: [(address: String, purpose: String)] = []
    }

    /// What the page tells of logins and of the store.
    struct LoginFigures {
        var tenants = 0
        var isStoreFailing = false
        var storeFailures: UInt64 = 0
        var hashes: PasswordHashQueue.Metrics?
        var throttle: LoginThrottle.Metrics?
        var logins: PasswordLogin.Metrics?
        var breaches: BreachCheck.Metrics?
        var mails: PostmanMetrics?
        var factors: SecondFactors.Metrics?
        var sso: SSOFigures?
    }

    static func text(_ measurements: [(counters: LoopCounters, gauges: LoopGauges)], _ facts: Facts) -> String {
        var page = MetricsPage()
        page.counters(measurements.map(\.counters))
        page.gauges(measurements.map(\.gauges), facts)
        page.facts(facts)
        page.login(facts.login)
        if let mails = facts.login.mails { page.mails(mails) }
        if let factors = facts.login.factors { page.factors(factors) }
        if let sso = facts.login.sso { page.singleSignOn(sso) }
        page.process(facts)
        return page.lines.joined(separator: "\n") + "\n"
    }

    mutating func family(_ name: String, _ kind: String, _ help: String) {
        lines.append("# HELP \(name) \(help)")
        lines.append("# TYPE \(name) \(kind)")
    }

    mutating func single(_ name: String, _ kind: String, _ help: String, _ value: some BinaryInteger) {
        family(name, kind, help)
        lines.append("\(name) \(value)")
    }

    private mutating func counters(_ loops: [LoopCounters]) {
        func sum(_ counter: LoopCounters.Counter) -> UInt64 { loops.reduce(0) { $0 + $1.value(counter) } }
        for (counter, name, help) in Self.plainCounters { single(name, "counter", help, sum(counter)) }
        family("gatehouse_responses_total", "counter", "Answers by class of their status code.")
        for (counter, label) in Self.statusClasses {
            lines.append("gatehouse_responses_total{class=\"\(label)\"} \(sum(counter))")
        }
        family("gatehouse_refusals_total", "counter", "Refusals and failures by reason code.")
        for reason in ReasonCode.allCases {
            let count = loops.reduce(0) { $0 + $1.refusals(reason) }
            if count > 0 { lines.append("gatehouse_refusals_total{reason=\"\(reason.code)\"} \(count)") }
        }
        family("gatehouse_request_duration_seconds", "histogram", "From a request's head to its answer's last byte.")
        var total: UInt64 = 0
        let durations = loops.map(\.durations)
        for (index, bound) in LoopCounters.durationBounds.enumerated() {
            total += durations.reduce(0) { $0 + $1.buckets[index] }
            lines.append("gatehouse_request_duration_seconds_bucket{le=\"\(Double(bound) / 1000)\"} \(total)")
        }
        total += durations.reduce(0) { $0 + ($1.buckets.last ?? 0) }
        lines.append("gatehouse_request_duration_seconds_bucket{le=\"+Inf\"} \(total)")
        let seconds = Double(durations.reduce(0) { $0 + $1.sum }) / 1000
        lines.append("gatehouse_request_duration_seconds_sum \(seconds)")
        lines.append("gatehouse_request_duration_seconds_count \(total)")
    }

    private mutating func gauges(_ loops: [LoopGauges], _ facts: Facts) {
        func sum(_ gauge: LoopGauges.Gauge) -> UInt64 { loops.reduce(0) { $0 + $1.value(gauge) } }
        single(
            "gatehouse_client_connections", "gauge", "Open client connections, those of this page included.",
            sum(.clientConnections))
        single(
            "gatehouse_client_connections_limit", "gauge", "limits.connections.", facts.limits.connections)
        single(
            "gatehouse_upstream_connections", "gauge", "Open connections to applications.",
            sum(.upstreamConnections))
        single(
            "gatehouse_upstream_connections_idle", "gauge", "Of these, waiting to be lent.",
            sum(.upstreamConnectionsIdle))
        single(
            "gatehouse_upstream_requests_waiting", "gauge", "Requests that wait for a connection to an application.",
            sum(.upstreamRequestsWaiting))
        single("gatehouse_sessions_cached", "gauge", "Sessions in the loops' tables.", sum(.sessionsCached))
        single(
            "gatehouse_sessions_cached_limit", "gauge", "limits.cached_sessions.", facts.limits.cachedSessions)
        single(
            "gatehouse_session_evictions_total", "counter", "Sessions that gave way to others.",
            sum(.sessionEvictions))
        single(
            "gatehouse_http2_upstream_streams", "gauge", "Exchanges on HTTP/2 connections to applications.",
            sum(.upstreamStreams))
        single("gatehouse_websockets", "gauge", "WebSockets under way.", sum(.webSockets))
        single("gatehouse_http2_connections", "gauge", "Client connections that speak HTTP/2.", sum(.http2Connections))
        single("gatehouse_http2_streams", "gauge", "Streams of these.", sum(.http2Streams))
        single("gatehouse_timers", "gauge", "Deadlines that are waited for.", sum(.timers))
        single("gatehouse_loops", "gauge", "Event loops.", loops.count)
    }

    private mutating func facts(_ facts: Facts) {
        single("gatehouse_configuration_generation", "gauge", "Reloads since the start, and one.", facts.generation)
        single("gatehouse_reloads_refused_total", "counter", "Reloads that found a fault.", facts.reloadsRefused)
        single("gatehouse_upgrades_failed_total", "counter", "Upgrades that did not start.", facts.upgradesFailed)
        single(
            "gatehouse_draining", "gauge", "1 while the process finishes its last requests.", facts.isDraining ? 1 : 0)
        single(
            "gatehouse_rate_limit_evictions_total", "counter",
            "Buckets of rate_limit that gave way before they were full.",
            facts.rateBucketsEvicted)
        single("gatehouse_log_write_failures_total", "counter", "Batches that the log took not.", facts.logFailures)
        family("gatehouse_listener_info", "gauge", "1 for each public listener.")
        for (address, purpose) in facts.listeners {
            lines.append("gatehouse_listener_info{address=\"\(Self.label(address))\",purpose=\"\(purpose)\"} 1")
        }
        family("gatehouse_certificate_expiry_seconds", "gauge", "When each certificate ends, in seconds since 1970.")
        for certificate in facts.certificates {
            lines.append(
                "gatehouse_certificate_expiry_seconds{name=\"\(Self.label(certificate.names.first ?? ""))\",file=\"\(Self.label(certificate.file))\"} \(certificate.notAfter)"
            )
        }
        servers(facts.servers)
        family("gatehouse_build_info", "gauge", "1, with the version as label.")
        lines.append("gatehouse_build_info{version=\"\(GatehouseVersion.text)\"} 1")
    }

    private mutating func login(_ figures: LoginFigures) {
        single("gatehouse_tenants", "gauge", "Tenants in the store.", figures.tenants)
        single("gatehouse_store_failing", "gauge", "1 while the store cannot be used.", figures.isStoreFailing ? 1 : 0)
        single(
            "gatehouse_store_failures_total", "counter", "Operations of the store that failed.", figures.storeFailures)
        if let logins = figures.logins {
            family("gatehouse_logins_total", "counter", "Logins by password, by how they ended.")
            for (outcome, count) in [
                ("signed-in", logins.signedIn), ("choice", logins.choices),
                ("must-change", logins.mustChange), ("second-factor", logins.secondFactor), ("enrol", logins.enrol),
                ("refused", logins.refused),
                ("throttled", logins.throttled), ("busy", logins.busy), ("unavailable", logins.unavailable),
            ] { lines.append("gatehouse_logins_total{outcome=\"\(outcome)\"} \(count)") }
        }
        if let hashes = figures.hashes {
            single("gatehouse_password_hashes_total", "counter", "Password hashes computed.", hashes.done)
            single(
                "gatehouse_password_hashes_refused_total", "counter", "Logins that were too many for the hash threads.",
                hashes.refused)
            single("gatehouse_password_hashes_waiting", "gauge", "Logins that wait for a hash.", hashes.waiting)
            single("gatehouse_password_hashes_waiting_limit", "gauge", "Logins that may wait.", hashes.bound)
            single("gatehouse_password_hashes_running", "gauge", "Hashes being computed.", hashes.running)
        }
        if let breaches = figures.breaches {
            family(
                "gatehouse_password_breach_checks_total", "counter",
                "New passwords held against stolen ones, by what came of it.")
            for (outcome, count) in [
                ("found", breaches.found), ("not-found", breaches.notFound), ("file-failed", breaches.fileFailures),
                ("service-failed", breaches.serviceFailures),
            ] { lines.append("gatehouse_password_breach_checks_total{outcome=\"\(outcome)\"} \(count)") }
        }
        if let throttle = figures.throttle {
            single("gatehouse_login_throttle_counters", "gauge", "Counters of failed logins.", throttle.counters)
            single("gatehouse_login_throttle_counters_limit", "gauge", "Counters that fit.", throttle.bound)
            single(
                "gatehouse_login_throttle_evictions_total", "counter", "Counters that gave way before they were full.",
                throttle.evictions)
            single(
                "gatehouse_login_throttle_refusals_total", "counter", "Logins refused by a counter.", throttle.refusals)
            single(
                "gatehouse_login_throttle_monitored_total", "counter",
                "Logins that a counter would have refused but for mode: monitor.", throttle.monitored)
            single(
                "gatehouse_login_throttle_slowed_total", "counter",
                "Logins held back because their account is guessed from many addresses.", throttle.slowed)
        }
    }

    private mutating func process(_ facts: Facts) {
        let process = ProcessFigures.read()
        single("process_start_time_seconds", "gauge", "When the process began, in seconds since 1970.", facts.startedAt)
        family("process_cpu_seconds_total", "counter", "CPU time of all threads.")
        lines.append("process_cpu_seconds_total \(process.cpuSeconds)")
        single("process_resident_memory_bytes", "gauge", "Resident memory.", process.residentBytes)
        single("process_open_fds", "gauge", "Open descriptors.", process.openDescriptors)
    }

    /// A label's value, escaped.
    static func label(_ text: String) -> String {
        text.replacingOccurrences(of: "\\", with: "\\\\").replacingOccurrences(of: "\"", with: "\\\"")
            .replacingOccurrences(of: "\n", with: "\\n")
    }

    private static let statusClasses: [(LoopCounters.Counter, String)] = [
        (.status1xx, "1xx"), (.status2xx, "2xx"), (.status3xx, "3xx"), (.status4xx, "4xx"), (.status5xx, "5xx"),
    ]

    private static let plainCounters: [(LoopCounters.Counter, String, String)] = [
        (.connectionsAccepted, "gatehouse_connections_accepted_total", "Client connections accepted."),
        (.connectionsClosed, "gatehouse_connections_closed_total", "Client connections closed."),
        (
            .connectionsRefused, "gatehouse_connections_refused_total",
            "Client connections beyond a limit, closed at once."
        ),
        (.acceptsExhausted, "gatehouse_accepts_exhausted_total", "Times that no descriptor was left to accept with."),
        (.handshakes, "gatehouse_tls_handshakes_total", "TLS handshakes completed."),
        (.handshakesResumed, "gatehouse_tls_handshakes_resumed_total", "Of these, resumed by ticket."),
        (.handshakesFailed, "gatehouse_tls_handshakes_failed_total", "TLS handshakes that failed or took too long."),
        (.requests, "gatehouse_requests_total", "Requests whose head was read."),
        (.requestsForwarded, "gatehouse_requests_forwarded_total", "Requests that went to an application."),
        (.bytesReceived, "gatehouse_received_bytes_total", "Bytes from clients, TLS included."),
        (.bytesSent, "gatehouse_sent_bytes_total", "Bytes to clients, TLS included."),
        (.upstreamBytesReceived, "gatehouse_upstream_received_bytes_total", "Bytes from applications."),
        (.upstreamBytesSent, "gatehouse_upstream_sent_bytes_total", "Bytes to applications."),
        (.upstreamConnects, "gatehouse_upstream_connects_total", "Connections begun to applications."),
        (.upstreamReuses, "gatehouse_upstream_reuses_total", "Requests on a connection that was kept."),
        (.upstreamConnectFailures, "gatehouse_upstream_connect_failures_total", "Connections that could not be made."),
        (.upstreamRetries, "gatehouse_upstream_retries_total", "Requests that were tried again."),
        (
            .http2Connections, "gatehouse_http2_connections_opened_total",
            "Client connections that began to speak HTTP/2."
        ),
        (.http2Streams, "gatehouse_http2_streams_opened_total", "Streams of HTTP/2 connections."),
        (.http2Resets, "gatehouse_http2_resets_total", "Of these, reset by either side."),
        (.http2Floods, "gatehouse_http2_floods_total", "HTTP/2 connections cut because a budget was used up."),
        (.upstreamWaits, "gatehouse_upstream_waits_total", "Requests that had to wait for a connection."),
        (.webSocketsOpened, "gatehouse_websockets_opened_total", "WebSockets that applications accepted."),
        (.sessionHits, "gatehouse_session_hits_total", "Requests forwarded with an identity."),
        (.sessionLoads, "gatehouse_session_loads_total", "Sessions asked of the store."),
        (.portalCalls, "gatehouse_portal_calls_total", "Requests that left the loop for the portal."),
        (.mailboxMessages, "gatehouse_mailbox_messages_total", "Messages from other threads to the loops."),
        (.logLines, "gatehouse_log_lines_total", "Access log lines."),
        (.logLinesDropped, "gatehouse_log_lines_dropped_total", "Access log lines for which there was no room."),
        (
            .forwardingHeadersFromUntrusted, "gatehouse_untrusted_forwarding_headers_total",
            "Requests with forwarding fields from a peer that is no trusted proxy."
        ),
        (.pollWaits, "gatehouse_poll_waits_total", "Turns of the event loops."),
        (.timersFired, "gatehouse_timers_fired_total", "Deadlines that came up."),
    ]
}

/// The process as the kernel sees it.
struct ProcessFigures {
    var cpuSeconds: Double
    var residentBytes: Int
    var openDescriptors: Int

    /// From /proc/self; zeros where it cannot be read.
    static func read() -> ProcessFigures {
        let stat = (try? String(contentsOfFile: "/proc/self/stat", encoding: .utf8)) ?? ""
        // Behind the last `)`: state is field 3, utime 14, stime 15, in clock ticks of 1/100 s.
        let fields = stat.split(separator: ")").last?.split(separator: " ") ?? []
        let ticks = fields.count > 12 ? (Double(fields[11]) ?? 0) + (Double(fields[12]) ?? 0) : 0
        let statm = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8))?.split(separator: " ") ?? []
        let pages = statm.count > 1 ? Int(statm[1]) ?? 0 : 0
        let descriptors = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count) ?? 0
        return ProcessFigures(cpuSeconds: ticks / 100, residentBytes: pages * 4096, openDescriptors: descriptors)
    }
}
