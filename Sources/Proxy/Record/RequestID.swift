import HTTPWire

/// The id that joins a request's answer, its log line and the header that the application sees: 32
/// hexadecimal digits, ordered by time.  It is no secret.
struct RequestID: Equatable {
    /// 48 bits of milliseconds, 16 of the loop's salt.
    var high: UInt64
    /// 32 bits of salt, 32 of a counter.
    var low: UInt64

    func append(to buffer: inout WireBuffer) {
        buffer.append(hexadecimal16: high)
        buffer.append(hexadecimal16: low)
    }

    var text: String {
        func digits(_ number: UInt64) -> String {
            let text = String(number, radix: 16)
            return String(repeating: "0", count: 16 - text.utf8.count) + text
        }
        return digits(high) + digits(low)
    }
}

/// Makes a loop's request ids.
struct RequestIDSource {
    private let salt: UInt64
    private var counter: UInt32 = 0

    /// - Parameter salt: 48 random bits, so that two processes never agree.
    init(salt: UInt64) { self.salt = salt }

    mutating func next(wall: Int64) -> RequestID {
        counter &+= 1
        return RequestID(
            high: UInt64(truncatingIfNeeded: wall) << 16 | (salt >> 32) & 0xFFFF,
            low: (salt & 0xFFFF_FFFF) << 32 | UInt64(counter))
    }
}
