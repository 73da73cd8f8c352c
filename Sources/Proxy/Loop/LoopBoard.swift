import EventLoop
import Synchronization

/// Which loop serves a new connection: the one that has the fewest.
///
/// The kernel wakes the first loop of its list that waits, which is the same one again and again: left to that, one loop
/// carries a burst of keep-alive connections, and the others idle beside it for as long as those last.
final class LoopBoard: Sendable {
    private struct Seat {
        let mailbox: Mailbox<WorkerMessage>
        /// Connections of public listeners, those on their way to it included.
        var connections = 0
        /// False once it drains.
        var isOpen = true
    }

    private let seats = Mutex<[Seat]>([])

    /// Gives a loop its seat.
    func join(_ mailbox: Mailbox<WorkerMessage>) -> Int {
        seats.withLock { seats in
            seats.append(Seat(mailbox: mailbox))
            return seats.count - 1
        }
    }

    /// Finds the loop for one more connection, and counts it there.
    /// - Parameter own: the loop that has accepted it, which keeps it where no other has fewer.
    func place(from own: Int) -> Int {
        seats.withLock { seats in
            var best = own
            for seat in seats.indices where seats[seat].isOpen && seats[seat].connections < seats[best].connections {
                best = seat
            }
            seats[best].connections += 1
            return best
        }
    }

    /// Sends a connection to the loop that `place` has found.
    func hand(_ connection: ArrivedConnection, to seat: Int) {
        seats.withLock { $0[seat].mailbox }.post(.arrived(connection))
    }

    /// A connection has ended, or was not let in.
    func leave(_ seat: Int) { seats.withLock { $0[seat].connections -= 1 } }

    /// No other loop places a connection there any more.
    func close(_ seat: Int) { seats.withLock { $0[seat].isOpen = false } }

    /// Connections of a loop, those on their way to it included.
    func connections(of seat: Int) -> Int { seats.withLock { $0[seat].connections } }
}

/// A connection on its way from the loop that accepted it to the one that serves it; closed where nobody takes it.
final class ArrivedConnection: Sendable {
    let from: SocketAddress
    let role: ListenerRole
    private let socket: Mutex<Socket?>

    init(_ socket: consuming Socket, from: SocketAddress, role: ListenerRole) {
        self.socket = Mutex(socket)
        self.from = from
        self.role = role
    }

    /// The socket, once.
    func take() -> Socket? { socket.withLock { $0.take() } }
}
