import Core
import EventLoop
import HTTPWire
import HostCrypto

/// The thread of health checks: when each is due, and those under way.
// `@unchecked`: made on one thread, handed to its own once, and touched by no other afterwards but for the mailbox.
final class HealthWorker: @unchecked Sendable {
    let mailbox: Mailbox<HealthChecker.Message>
    private let poller: Poller
    private let board: ServerBoard
    private let scratch = UpstreamTransport.Scratch()
    private let http2Scratch = HTTP2Scratch { 0 }
    private var probes = Slab<HealthProbe>()
    private var targets: [ServerName: State] = [:]
    private var now: UInt64 = 0
    private var isStopping = false

    private struct State {
        var target: HealthChecker.Target
        var due: UInt64
        var nextAddress = 0
        /// The check under way.
        var probe: Handle?
    }

    private static let probeKind: UInt8 = 1
    /// While nothing is due.
    private static let longestWait: UInt64 = 60_000

    init(_ board: ServerBoard) throws(SystemError) {
        poller = try Poller()
        mailbox = Mailbox(waker: poller.waker)
        self.board = board
    }

    /// Runs until stopped.
    func run() {
        now = SystemClock.monotonicMilliseconds
        while !isStopping {
            let count = poller.wait(milliseconds: waitTime)
            now = SystemClock.monotonicMilliseconds
            for index in 0..<count { handle(poller.event(at: index)) }
            endOverdue()
            beginDue()
        }
    }

    private var waitTime: Int32 {
        var due = now + Self.longestWait
        for state in targets.values {
            if let handle = state.probe, let probe = probes[handle] {
                due = min(due, probe.deadline)
            } else {
                due = min(due, state.due)
            }
        }
        return due <= now ? 0 : Int32(clamping: due - now)
    }

    private func handle(_ event: PollEvent) {
        guard event.token.kind == Self.probeKind else {
            poller.acknowledgeWakeup()
            for message in mailbox.takeAll() { handle(message) }
            return
        }
        guard let probe = probes[event.token.handle] else { return }
        if let verdict = probe.step(event, scratch, http2Scratch) { end(probe, fault: verdict.fault) }
    }

    private func handle(_ message: HealthChecker.Message) {
        switch message {
        case .targets(let fresh): take(fresh)
        case .addresses(let found):
            for (name, addresses) in found where !addresses.isEmpty { targets[name]?.target.addresses = addresses }
        case .stop: isStopping = true
        }
    }

    private func take(_ fresh: [HealthChecker.Target]) {
        let before = targets
        targets.removeAll()
        for target in fresh {
            var state = before[target.name] ?? State(target: target, due: now)
            if state.target.addresses.isEmpty == false, target.addresses.isEmpty {
                // A name that does not resolve now keeps what it had.
                let known = state.target.addresses
                state.target = target
                state.target.addresses = known
            } else {
                state.target = target
            }
            targets[target.name] = state
        }
        for (name, state) in before where targets[name] == nil {
            if let handle = state.probe { probes.remove(handle) }
        }
    }

    private func beginDue() {
        for (name, state) in targets where state.probe == nil && state.due <= now {
            targets[name]?.due = now + state.target.settings.interval.count
            begin(name, state)
        }
    }

    private func begin(_ name: ServerName, _ state: State) {
        let target = state.target
        guard !target.addresses.isEmpty else {
            return board.noteCheck(name, fault: "its name has no address", target.settings, at: now)
        }
        targets[name]?.nextAddress = (state.nextAddress + 1) % target.addresses.count
        do {
            let socket = try target.addresses[state.nextAddress % target.addresses.count].connect()
            var session: TLSSession?
            if let tls = target.tls {
                session = TLSSession(tls.context, serverName: tls.serverName, server: tls.server, scratch: scratch.tls)
                guard session != nil else { return }
            }
            let handle = probes.reserve()
            let probe = HealthProbe(
                handle: handle, target: target, transport: UpstreamTransport(socket, tls: session),
                deadline: now + target.settings.timeout.count)
            probes.fill(handle, with: probe)
            targets[name]?.probe = handle
            try poller.add(
                stream: probe.transport.socket, token: PollToken(kind: Self.probeKind, handle: handle))
        } catch {
            if let handle = targets[name]?.probe { probes.remove(handle) }
            targets[name]?.probe = nil
            // Our own want of descriptors is no fault of the server's.
            guard !error.isOutOfDescriptors else { return }
            board.noteCheck(name, fault: error.words, target.settings, at: now)
        }
    }

    private func endOverdue() {
        for state in targets.values {
            guard let handle = state.probe, let probe = probes[handle], probe.deadline <= now else { continue }
            end(probe, fault: "no answer within \(probe.target.settings.timeout.count) ms")
        }
    }

    private func end(_ probe: HealthProbe, fault: String?) {
        let name = probe.target.name
        probe.transport.close(scratch)
        probes.remove(probe.handle)
        targets[name]?.probe = nil
        board.noteCheck(name, fault: fault, probe.target.settings, at: now)
    }
}
