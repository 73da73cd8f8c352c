import Core
import EventLoop
import HostCrypto
import Login
import Portal
import Proxy
import Store
import Synchronization

/// The old process's side of an upgrade: it starts the program anew, gives it everything, and finishes what it has.
///
/// Nobody is refused on the way: the listening sockets stay open throughout, and who connects between the moment that the
/// old process accepts no more and the one that the new process does waits in their queues.
extension GatewayServer {
    /// How long the new process may take to read its configuration.
    static let preparationLimit = Milliseconds.seconds(60)
    /// How long it may take from the store to serving.
    static let takeOverLimit = Milliseconds.seconds(30)
    /// How long requests of the portal that are under way may keep the new process, and with it every new connection,
    /// waiting.  What takes longer ends beside it: the databases bear two processes.
    static let settleLimit = Milliseconds(400)

    /// Why the old process goes on.
    private struct UpgradeFailure: Error, CustomStringConvertible {
        let description: String
    }

    /// Starts the program anew and hands over to it; returns at once.
    func beginUpgrade(to program: ProgramImage) {
        guard control.begin() else {
            return log.warning("upgrade-refused", "an upgrade is under way already")
        }
        LoopThread.start(name: "gatehouse-next") { self.upgrade(to: program) }
    }

    private func upgrade(to program: ProgramImage) {
        log.info("upgrading", "starting \(program.path)")
        let channel: UpgradeChannel
        do {
            channel = try changing.withLock { _ in try handOver(to: program) }
        } catch {
            log.error("upgrade-failed", "this process goes on: \(error)", ["program": program.path])
            state.withLock { $0.upgradesFailed += 1 }
            notifier.ready("Serving; an upgrade has failed")
            return control.move(to: .none)
        }
        control.move(to: .handedOver)
        SessionNoticeExchange.begin(channel, data.notices) { [weak self] in
            Task { await self?.takeTenants() }
        }
        retire()
        control.move(to: .retired)
        // Whoever waits for signals waits in vain from now on.
        SignalSource.askThisProcess(.stop)
    }

    private func handOver(to program: ProgramImage) throws -> UpgradeChannel {
        let (channel, child) = try start(program)
        let sockets = plane.openSockets
        let handover = UpgradeMessage.Handover(
            listeners: sockets.map { .init($0.place, isShared: $0.isShared) },
            dataFolder: state.withLock { $0.settings.store.directory }, ticketKeys: tickets.handedOver())
        try tell(
            .handover(handover), channel, child, descriptors: sockets.map(\.number) + [data.store.lockDescriptor])
        try expect(channel, from: child, within: Self.preparationLimit) {
            if case .prepared = $0 { true } else { false }
        }
        // From here on clients wait.
        let begun = SystemClock.monotonicMilliseconds
        plane.leaveListeners()
        awaitLoops(within: .seconds(1))
        while gate.underWay > 0, SystemClock.monotonicMilliseconds < begun &+ Self.settleLimit.count {
            watchPause.pause()
        }
        gate.close()
        do {
            try writeWhatIsInMemory()
            try tell(.take, channel, child)
            try expect(channel, from: child, within: Self.takeOverLimit) {
                if case .serving = $0 { true } else { false }
            }
        } catch {
            // Whatever it had of the store or of the sockets ends with it.
            child.send(ChildProcess.kill)
            _ = try? child.end()
            gate.open()
            plane.takeListenersBack(sockets)
            beginJobs()
            throw error
        }
        // Until here it could be undone.
        notifier.main(process: child.identifier)
        try? channel.send(.released)
        child.letGo()
        plane.closeListeners()
        log.info(
            "handed-over", "the new process serves; this one finishes its requests",
            [
                "process": "\(child.identifier)",
                "waited_ms": "\(SystemClock.monotonicMilliseconds - begun)",
            ])
        if control.isStopWanted { child.send(ChildProcess.terminate) }
        return channel
    }

    private func start(_ program: ProgramImage) throws -> (UpgradeChannel, ChildProcess) {
        // The end that is theirs is closed here on return: only so does its being closed there tell anything.
        let (ours, theirs) = try MessageChannel.pair()
        var environment = environment
        // What systemd said to this process alone.
        for name in ["LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES", "WATCHDOG_PID"] { environment[name] = nil }
        environment[UpgradeChannel.variable] = "\(UpgradeChannel.number)"
        let child = try ChildProcess(
            program: program.path, arguments: program.arguments, environment: environment, output: 1, error: 2,
            channel: theirs.number)
        return (UpgradeChannel(channel: ours), child)
    }

    /// Sends a message to the new process, which may have ended already.
    private func tell(
        _ message: UpgradeMessage, _ channel: UpgradeChannel, _ child: ChildProcess, descriptors: [Int32] = []
    ) throws {
        do {
            try channel.send(message, descriptors: descriptors)
        } catch let error as SystemError {
            throw error.isPeerGone ? Self.ended(child) : error
        }
    }

    private static func ended(_ child: ChildProcess) -> any Error {
        let code = (try? child.end(within: 5000)).flatMap { $0 }.map { "with exit code \($0)" } ?? "early"
        return UpgradeFailure(description: "the new process ended \(code); what it said stands on standard error")
    }

    /// Waits for the message that is due; SIGTERM to this process ends the wait.
    private func expect(
        _ channel: UpgradeChannel, from child: ChildProcess, within limit: Milliseconds,
        _ isDue: (UpgradeMessage) -> Bool
    ) throws {
        let end = SystemClock.monotonicMilliseconds &+ limit.count
        while true {
            do {
                let message = try channel.receive(within: Milliseconds(100)).0
                if isDue(message) { return }
                if case .refused(let words) = message {
                    throw UpgradeFailure(description: "the new process does not start: \(words)")
                }
            } catch UpgradeChannel.Fault.late {
                guard !control.isStopWanted else { throw UpgradeFailure(description: "this process is to stop") }
                guard SystemClock.monotonicMilliseconds < end else {
                    throw UpgradeFailure(
                        description: "the new process is not ready after \(limit.count / 1000) s; it was ended")
                }
            } catch UpgradeChannel.Fault.ended {
                throw Self.ended(child)
            }
        }
    }

    /// Ends what runs once a second, and makes durable what is only in memory.
    private func writeWhatIsInMemory() throws {
        let job = endJobs()
        let (data, errands) = (data, errands)
        try Awaiting.result {
            await job?.value
            await errands.settle()
            try await data.throttle.flush()
        }
    }

    private func awaitLoops(within limit: Milliseconds) {
        let left = Countdown(plane.loopCount)
        plane.onEachLoop { _ in left.countDown() }
        let end = SystemClock.monotonicMilliseconds &+ limit.count
        while left.value > 0, SystemClock.monotonicMilliseconds < end { watchPause.pause() }
    }

    private final class Countdown: Sendable {
        private let number: Mutex<Int>
        init(_ start: Int) { number = Mutex(start) }
        func countDown() { number.withLock { $0 -= 1 } }
        var value: Int { number.withLock { $0 } }
    }

    /// Finishes the requests under way.  Connections that are kept alive have their next request answered and close with
    /// it; the store, its lock and the control socket are the new process's.
    private func retire() {
        let timeout = state.withLock { state in
            state.isDraining = true
            return state.settings.drain.timeout
        }
        plane.drain(within: timeout, keepingIdle: true)
        plane.waitUntilStopped()
        let (data, errands) = (data, errands)
        try? Awaiting.result {
            await data.passwordFlows.settle()
            await errands.settle()
            await data.postman.settle(within: MailRoom.endAllowance)
            try await data.store.close()
        }
        end()
    }
}
