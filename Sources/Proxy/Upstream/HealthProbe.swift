import Core
import EventLoop
import HTTPWire

/// One health check under way: connect, ask, read the head of the answer.
final class HealthProbe {
    let handle: Handle
    let target: HealthChecker.Target
    var transport: UpstreamTransport
    let deadline: UInt64
    private var isConnected = false
    private var isAsked = false
    private var input = WireBuffer()
    /// Where the server speaks HTTP/2.
    private var session: HTTP2Session?
    private var interimAnswers = 0

    /// Most bytes of an answer's head.
    static let longestHead = 16 * 1024
    private static let receiveSize = 16 * 1024
    private static let limits = HeadLimits(bytes: longestHead, fields: 200)
    private static let parser = ResponseHeadParser(limits: limits)

    init(
        handle: Handle, target: HealthChecker.Target, transport: consuming UpstreamTransport, deadline: UInt64
    ) {
        self.handle = handle
        self.target = target
        self.transport = transport
        self.deadline = deadline
    }

    /// How a check has ended: passed where there is no fault.
    struct Verdict {
        var fault: String?
    }

    /// Goes on after an event; nil where there is more to come.
    func step(_ event: PollEvent, _ scratch: UpstreamTransport.Scratch, _ frames: HTTP2Scratch) -> Verdict? {
        if !isConnected {
            guard event.isWritable || event.isBroken else { return nil }
            let number = transport.socket.connectionError
            guard !event.isBroken, number == 0 else {
                return Verdict(fault: SystemError.words(ofConnecting: number))
            }
            isConnected = true
            if case .failed(let words) = transport.begin(into: &input, scratch) {
                return Verdict(fault: words ?? "TLS failed")
            }
        }
        if event.isWritable { _ = transport.flush() }
        ask(scratch, frames)
        return read(scratch, frames)
    }

    private func ask(_ scratch: UpstreamTransport.Scratch, _ frames: HTTP2Scratch) {
        guard transport.isReady, !isAsked else { return }
        isAsked = true
        if target.speaksHTTP2 {
            let settings = HTTP2Settings(head: Self.limits)
            session = HTTP2Session(.client, settings, scratch: frames, now: 0)
            var request = WireBuffer()
            request.append(target.request)
            let scheme: StaticString = transport.isTLS ? "https" : "http"
            _ = request.withBytes { session?.open($0, scheme: scheme, isWhole: true) }
            return writeFrames(scratch, frames)
        }
        var request = WireBuffer()
        request.append(target.request)
        _ = transport.send(&request, scratch)
    }

    private func writeFrames(_ scratch: UpstreamTransport.Scratch, _ frames: HTTP2Scratch) {
        frames.out.removeAll()
        _ = session?.write(atMost: Self.receiveSize)
        frames.keep(frames.takeEvents())
        _ = transport.send(&frames.out, scratch)
    }

    /// Takes the frames in `input` apart, and leaves the text of the heads there instead.
    private func takeFrames(_ scratch: UpstreamTransport.Scratch, _ frames: HTTP2Scratch) -> Verdict? {
        guard let session, !input.isEmpty else { return nil }
        let fault = input.withBytes { session.receive($0, now: 0) }
        let events = frames.takeEvents()
        input.removeAll()
        var isClosed = false
        for event in events {
            switch event {
            case .head(_, let text): frames.heads.withBytes { input.append($0.extracting(text)) }
            case .refused, .closed: isClosed = true
            default: break
            }
        }
        frames.keep(events)
        writeFrames(scratch, frames)
        if let verdict = judge() { return verdict }
        if fault != nil || session.fault != nil { return Verdict(fault: "the server does not speak HTTP/2") }
        return isClosed ? Verdict(fault: "the request was reset before an answer") : nil
    }

    private func read(_ scratch: UpstreamTransport.Scratch, _ frames: HTTP2Scratch) -> Verdict? {
        while true {
            let receipt = transport.receive(into: &input, size: Self.receiveSize, scratch)
            ask(scratch, frames)
            if let verdict = session == nil ? judge() : takeFrames(scratch, frames) { return verdict }
            switch receipt {
            case .bytes: continue
            case .wouldBlock: return nil
            case .ended: return Verdict(fault: "the connection closed before an answer")
            case .failed(let words): return Verdict(fault: words ?? "the connection broke before an answer")
            }
        }
    }

    /// Looks for a final answer's head in what has come.
    private func judge() -> Verdict? {
        var head = ResponseHead()
        while !input.isEmpty {
            switch input.withBytes({ Self.parser.parse($0, answering: .get, into: &head) }) {
            case .incomplete:
                return input.count >= Self.longestHead ? Verdict(fault: "the answer's head is too large") : nil
            case .invalid: return Verdict(fault: "the answer is no HTTP")
            case .complete:
                guard head.status >= 200 else {
                    input.consume(head.length)
                    interimAnswers += 1
                    guard interimAnswers <= Exchange.mostInterimAnswers else {
                        return Verdict(fault: "the answer is no HTTP")
                    }
                    continue
                }
                let isExpected = target.settings.expects(head.status)
                return Verdict(fault: isExpected ? nil : "answered \(head.status)")
            }
        }
        return nil
    }
}
