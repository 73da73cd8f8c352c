import Access
import Core
import EventLoop
import HTTPWire

/// Stop 9: every request leaves one line in the log and its marks in the counters.
extension Worker {
    /// The part of the line that only the head can tell: client, method, host and path without its query.
    func writeLogPart(_ client: ClientConnection, _ bytes: RawSpan, into line: inout WireBuffer) {
        line.removeAll()
        line.append(",\"client\":\"")
        if facts.client == client.peer {
            line.append(client.peerText)
        } else {
            line.append(Array(facts.client.description.utf8))
        }
        line.append("\",\"method\":\"")
        line.append(Array(requestHead.method.token.utf8))
        line.append("\",\"host\":")
        JSONText.append(bytes.extracting((requestHead.host ?? ByteRange(start: 0, count: 0)).range), to: &line)
        line.append(",\"path\":")
        JSONText.append(bytes.extracting(requestHead.path.range), to: &line)
    }

    /// Ends an exchange's record.
    func recordExchange(_ upstream: UpstreamConnection, _ client: ClientConnection?, reason: ReasonCode?) {
        let exchange = upstream.exchange.summary
        guard let configuration = upstream.exchange.configuration else { return }
        let milliseconds = now &- exchange.startedAt
        count(status: exchange.status == 0 ? reason?.status ?? 0 : exchange.status)
        counters.add(duration: milliseconds)
        if let reason { counters.add(refusal: reason) }
        beginLine(exchange.requestID)
        upstream.exchange.logPart.withBytes { logLine.append($0) }
        if configuration.routeLogParts.indices.contains(exchange.route) {
            logLine.append(configuration.routeLogParts[exchange.route])
        }
        logLine.append(",\"status\":")
        logLine.append(decimal: UInt64(exchange.status == 0 ? reason?.status ?? 0 : exchange.status))
        logLine.append(",\"bytes_in\":")
        logLine.append(decimal: exchange.requestBytes)
        logLine.append(",\"bytes_out\":")
        logLine.append(decimal: exchange.answerBytes)
        logLine.append(",\"ms\":")
        logLine.append(decimal: milliseconds)
        if let reason {
            logLine.append(",\"reason\":\"")
            logLine.append(Array(reason.code.utf8))
            logLine.append("\"")
        }
        endLine()
    }

    /// The record of a request that was answered without an exchange.
    func record(
        _ requestID: RequestID, logPart: borrowing WireBuffer, route: Int?, status: UInt16, reason: ReasonCode?,
        noted: ReasonCode? = nil, bytesOut: Int, milliseconds: UInt64
    ) {
        count(status: status)
        if let reason { counters.add(refusal: reason) }
        if let noted { counters.add(refusal: noted) }
        beginLine(requestID)
        logPart.withBytes { logLine.append($0) }
        if let route, configuration.routeLogParts.indices.contains(route) {
            logLine.append(configuration.routeLogParts[route])
        }
        logLine.append(",\"status\":")
        logLine.append(decimal: UInt64(status))
        logLine.append(",\"bytes_out\":")
        logLine.append(decimal: UInt64(max(0, bytesOut)))
        logLine.append(",\"ms\":")
        logLine.append(decimal: milliseconds)
        if let reason {
            logLine.append(",\"reason\":\"")
            logLine.append(Array(reason.code.utf8))
            logLine.append("\"")
        }
        if let noted {
            logLine.append(",\"session\":\"")
            logLine.append(Array(noted.code.utf8))
            logLine.append("\"")
        }
        endLine()
    }

    private func beginLine(_ requestID: RequestID) {
        logLine.removeAll()
        logLine.append("{\"time\":\"")
        logTime.append(wall, to: &logLine)
        logLine.append("\",\"kind\":\"access\",\"request\":\"")
        requestID.append(to: &logLine)
        logLine.append("\"")
    }

    private func endLine() {
        logLine.append("}\n")
        let (isKept, wakes) = logLine.withBytes { ring.append($0) }
        counters.add(isKept ? .logLines : .logLinesDropped)
        if wakes { log.wake() }
    }

    private func count(status: UInt16) {
        switch status {
        case 100..<200: counters.add(.status1xx)
        case 200..<300: counters.add(.status2xx)
        case 300..<400: counters.add(.status3xx)
        case 400..<500: counters.add(.status4xx)
        case 500..<600: counters.add(.status5xx)
        default: break
        }
    }
}

/// Writes UTC times as RFC 3339 §5.6 has them, with milliseconds; the calendar is worked out once a second.
struct LogTime {
    private var second: Int64 = .min
    private var text: [UInt8] = []
    private var httpText: [UInt8] = []

    mutating func append(_ wall: Int64, to buffer: inout WireBuffer) {
        refresh(wall)
        buffer.append(text)
        let fraction = UInt64(wall - second * 1000)
        buffer.append(UInt8(truncatingIfNeeded: 0x30 + fraction / 100))
        buffer.append(UInt8(truncatingIfNeeded: 0x30 + fraction / 10 % 10))
        buffer.append(UInt8(truncatingIfNeeded: 0x30 + fraction % 10))
        buffer.append("Z")
    }

    /// IMF-fixdate (RFC 9110 §5.6.7), for `Date`.
    mutating func appendHTTPDate(_ wall: Int64, to buffer: inout WireBuffer) {
        refresh(wall)
        buffer.append(httpText)
    }

    private mutating func refresh(_ wall: Int64) {
        let current = wall >= 0 ? wall / 1000 : (wall - 999) / 1000
        guard current != second else { return }
        second = current
        let days = current >= 0 ? current / 86_400 : (current - 86_399) / 86_400
        let rest = current - days * 86_400
        // Days to a civil date, in the proleptic Gregorian calendar counted from 0000-03-01.
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthIndex = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * monthIndex + 2) / 5 + 1
        let month = monthIndex < 10 ? monthIndex + 3 : monthIndex - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let clock = "\(two(rest / 3600)):\(two(rest / 60 % 60)):\(two(rest % 60))"
        text = Array("\(year)-\(two(month))-\(two(day))T\(clock).".utf8)
        let weekdays = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let weekday = weekdays[Int(((days % 7) + 7) % 7)]
        httpText = Array("\(weekday), \(two(day)) \(months[Int(month) - 1]) \(year) \(clock) GMT".utf8)
    }
}
