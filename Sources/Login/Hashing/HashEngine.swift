import Core
import HostCrypto
import Synchronization

/// The queue, its counts and the threads' work; the threads hold it until it is closed.
final class HashEngine: Sendable {
    /// What is to be computed.
    enum Work: Sendable {
        /// Whose hash of these the password's is; nil stands for one that fits nobody.
        case verify([PasswordHash?])
        case hash
    }

    /// What came of it.
    enum Result: Sendable {
        case verified([Bool])
        case hash(Argon2id.EncodedHash)
        case busy(retryAfter: Milliseconds)
    }

    /// One request.  Whoever takes it out of the queue answers it, once.
    final class Job: Sendable {
        let password: NormalizedPassword
        let work: Work
        let answer: CheckedContinuation<Result, Never>

        init(_ password: NormalizedPassword, _ work: Work, _ answer: CheckedContinuation<Result, Never>) {
            (self.password, self.work, self.answer) = (password, work, answer)
        }
    }

    private struct State {
        var queue: FairQueue<Job>
        var isClosed = false
        var running = 0
        var refused: UInt64 = 0
        var done: UInt64 = 0
        var failed: UInt64 = 0
        /// What a hash took lately, in milliseconds.
        var pace: UInt64 = 100
    }

    let cost: Argon2id.Cost
    let threads: Int
    private let clock: @Sendable () -> MonotonicInstant
    private let state: Mutex<State>
    private let signal = HashSignal()
    private let dummy = Mutex<Argon2id.EncodedHash?>(nil)

    init(cost: Argon2id.Cost, threads: Int, bound: Int, clock: @escaping @Sendable () -> MonotonicInstant) {
        self.cost = cost
        self.threads = threads
        self.clock = clock
        state = Mutex(State(queue: FairQueue(bound: bound)))
    }

    var metrics: PasswordHashQueue.Metrics {
        state.withLock { state in
            PasswordHashQueue.Metrics(
                waiting: state.queue.count, bound: state.queue.bound, running: state.running, threads: threads,
                refused: state.refused, done: state.done, failed: state.failed)
        }
    }

    // MARK: From outside

    /// When a stranger should come again, where there would be no place now.
    func refusal(ofStrangerFrom address: ClientAddress) -> Milliseconds? {
        state.withLock { state in
            let wait = estimate(state, ahead: state.queue.count)
            let hasRoom = state.queue.hasRoom(forStrangerFrom: address) && wait <= PasswordHashQueue.longestWait
            guard !hasRoom else { return nil }
            state.refused += 1
            return wait
        }
    }

    func submit(_ job: Job, ticket: UInt64, from address: ClientAddress, isKnownDevice: Bool) {
        let now = clock()
        let told = state.withLock { state -> [(Job, Milliseconds)] in
            var told = overdue(&state, at: now)
            let retryAfter = estimate(state, ahead: state.queue.count)
            let ahead = isKnownDevice ? state.queue.knownCount : state.queue.count
            guard !state.isClosed, estimate(state, ahead: ahead) <= PasswordHashQueue.longestWait else {
                state.refused += 1
                return told + [(job, retryAfter)]
            }
            switch state.queue.push(job, ticket: ticket, from: address, isKnownDevice: isKnownDevice, at: now) {
            case .waiting: signal.post()
            case .displacing(let other):
                signal.post()
                state.refused += 1
                told.append((other, retryAfter))
            case .refused:
                state.refused += 1
                told.append((job, retryAfter))
            }
            return told
        }
        tell(told)
    }

    /// Takes a request that still waits out of the queue.
    func cancel(_ ticket: UInt64) {
        let job = state.withLock { $0.queue.remove(ticket) }
        job?.answer.resume(returning: .busy(retryAfter: PasswordHashQueue.shortestRetry))
    }

    /// Ends the threads; those that wait are told to come again.
    func close() {
        let jobs = state.withLock { state in
            state.isClosed = true
            return state.queue.removeAll()
        }
        tell(jobs.map { ($0, PasswordHashQueue.shortestRetry) })
        for _ in 0..<threads { signal.post() }
    }

    // MARK: On the threads

    /// One thread's work, until the engine is closed.
    func run() {
        // The hash that fits nobody is there before the first visitor needs it.
        _ = try? fittingNobody()
        while let job = next() {
            let begin = clock()
            var (done, failed) = (UInt64(0), UInt64(0))
            let result: Result
            do throws(Argon2id.Fault) {
                result = try compute(job, done: &done)
            } catch {
                failed = 1
                result = .busy(retryAfter: PasswordHashQueue.shortestRetry)
            }
            let took = clock().since(begin).count
            state.withLock { state in
                state.running -= 1
                state.done += done
                state.failed += failed
                if done > 0 { state.pace = max(1, (state.pace * 7 + took / done) / 8) }
            }
            job.answer.resume(returning: result)
        }
    }

    /// The next request; nil once the engine is closed.
    private func next() -> Job? {
        while true {
            signal.wait()
            let now = clock()
            let (isClosed, job, late) = state.withLock { state -> (Bool, Job?, [(Job, Milliseconds)]) in
                let late = overdue(&state, at: now)
                let job = state.isClosed ? nil : state.queue.pop()
                if job != nil { state.running += 1 }
                return (state.isClosed, job, late)
            }
            tell(late)
            if isClosed { return nil }
            // Nil where the request was taken back.
            if let job { return job }
        }
    }

    private func compute(_ job: Job, done: inout UInt64) throws(Argon2id.Fault) -> Result {
        switch job.work {
        case .hash:
            let hash = try job.password.withOctets { octets throws(Argon2id.Fault) in
                try Argon2id.hash(octets, cost: cost)
            }
            done += 1
            return .hash(hash)
        case .verify(let hashes):
            var answers: [Bool] = []
            for hash in hashes.isEmpty ? [nil] : hashes {
                let wanted = if let hash { hash } else { PasswordHash.own(try fittingNobody()) }
                var isPassword = try fits(job.password, wanted)
                done += 1
                if !isPassword, wanted.work < cost.work {
                    // A hash that costs less than ours, from another system, must not show by a faster answer.
                    _ = try fits(job.password, .own(try fittingNobody()))
                    done += 1
                }
                if hash == nil { isPassword = false }
                answers.append(isPassword)
            }
            return .verified(answers)
        }
    }

    private func fits(_ password: NormalizedPassword, _ hash: PasswordHash) throws(Argon2id.Fault) -> Bool {
        try password.withOctets { octets throws(Argon2id.Fault) in try hash.isHash(of: octets) }
    }

    /// A hash of the same cost as all others, made once, of a password that nobody knows.
    private func fittingNobody() throws(Argon2id.Fault) -> Argon2id.EncodedHash {
        try dummy.withLock { dummy throws(Argon2id.Fault) in
            if let dummy { return dummy }
            let made = try Argon2id.hash(SecureRandom.secret(32), cost: cost)
            dummy = made
            return made
        }
    }

    // MARK: Waits

    /// Those that have waited too long, with what they are told.
    private func overdue(_ state: inout State, at now: MonotonicInstant) -> [(Job, Milliseconds)] {
        let longest = PasswordHashQueue.longestWait.count
        guard state.queue.count > 0, now.milliseconds > longest else { return [] }
        let late = state.queue.removeAll(
            waitingSinceBefore: MonotonicInstant(milliseconds: now.milliseconds - longest))
        state.refused += UInt64(late.count)
        let retryAfter = estimate(state, ahead: state.queue.count)
        return late.map { ($0, retryAfter) }
    }

    /// How long until `ahead` others are done.
    private func estimate(_ state: State, ahead: Int) -> Milliseconds {
        let wait = UInt64(ahead + state.running) * state.pace / UInt64(max(1, threads))
        return Milliseconds(max(PasswordHashQueue.shortestRetry.count, wait))
    }

    private func tell(_ jobs: [(Job, Milliseconds)]) {
        for (job, retryAfter) in jobs { job.answer.resume(returning: .busy(retryAfter: retryAfter)) }
    }
}
