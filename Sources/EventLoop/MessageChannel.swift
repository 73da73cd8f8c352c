import CLinux

/// One end of a pair of sockets between two processes: it keeps messages apart, and carries descriptors.
public final class MessageChannel: Sendable {
    /// Bytes of a message, at most.
    public static let longestMessage = 64 * 1024
    /// Descriptors of a message, at most.
    public static let mostDescriptors = Int(GH_MOST_PASSED)

    /// What came.
    public enum Received: Sendable {
        /// The descriptors are the receiver's to close.
        case message([UInt8], descriptors: [Int32])
        /// The time is over.
        case nothing
        /// The other end is closed.
        case ended
    }

    /// The descriptor, to be handed to a child.
    public let number: Int32

    /// Takes a descriptor over; it is closed with this object.
    public init(descriptor: Int32) { number = descriptor }

    deinit { _ = gh_close(number) }

    /// Both ends of a new pair.
    public static func pair() throws(SystemError) -> (MessageChannel, MessageChannel) {
        var ends: (Int32, Int32) = (-1, -1)
        let result = unsafe withUnsafeMutableBytes(of: &ends) { bytes in
            // Two numbers of 32 bits lie one after the other, as the call writes them.
            unsafe gh_message_pair(bytes.bindMemory(to: Int32.self).baseAddress)
        }
        _ = try SystemError.check(result, "make a pair of sockets")
        return (MessageChannel(descriptor: ends.0), MessageChannel(descriptor: ends.1))
    }

    /// Sends a message.
    /// - Parameter descriptors: open until the call returns, and after it.
    public func send(_ bytes: [UInt8], descriptors: [Int32] = []) throws(SystemError) {
        let result = unsafe bytes.withUnsafeBytes { buffer in
            unsafe descriptors.withUnsafeBufferPointer { numbers in
                // Both counts are the buffers' own.
                unsafe gh_send_message(number, buffer.baseAddress, buffer.count, numbers.baseAddress, numbers.count)
            }
        }
        _ = try SystemError.check(Int32(clamping: result), "send a message to another process")
    }

    /// Waits for the next message.
    /// - Parameter milliseconds: nil waits for as long as it takes.
    public func receive(within milliseconds: Int32?) throws(SystemError) -> Received {
        var bytes = [UInt8](repeating: 0, count: Self.longestMessage)
        var numbers = [Int32](repeating: -1, count: Self.mostDescriptors)
        var count = 0
        let result = unsafe bytes.withUnsafeMutableBytes { buffer in
            unsafe numbers.withUnsafeMutableBufferPointer { numbers in
                // The bytes are as many as is told, the numbers as many as the call may write.
                unsafe gh_receive_message(
                    number, buffer.baseAddress, buffer.count, numbers.baseAddress, &count, milliseconds ?? -1)
            }
        }
        if result == -Int(gh_again) { return .nothing }
        if result == 0 { return .ended }
        guard result > 0 else {
            for number in numbers.prefix(count) { _ = gh_close(number) }
            throw SystemError(number: Int32(clamping: -result), attempt: "receive a message of another process")
        }
        return .message(Array(bytes.prefix(result)), descriptors: Array(numbers.prefix(count)))
    }

    /// Ends both directions: whoever waits for a message, here or there, is told.
    public func end() { _ = gh_shutdown_both(number) }

    /// Closes descriptors that came with a message and are not wanted.
    public static func close(_ descriptors: some Sequence<Int32>) {
        for number in descriptors { _ = gh_close(number) }
    }
}
