import Synchronization

/// Messages from any thread to one loop.
///
/// The loop is woken once for any number of messages that wait; it takes them all in one turn.
public final class Mailbox<Message: Sendable>: Sendable {
    private let waiting = Mutex<[Message]>([])
    private let waker: Waker

    public init(waker: Waker) { self.waker = waker }

    /// Leaves a message and wakes the loop.
    public func post(_ message: Message) {
        let wasEmpty = waiting.withLock { messages in
            messages.append(message)
            return messages.count == 1
        }
        if wasEmpty { waker.wake() }
    }

    /// All messages, oldest first; none are left.
    public func takeAll() -> [Message] {
        waiting.withLock { messages in
            let taken = messages
            messages = []
            return taken
        }
    }
}
