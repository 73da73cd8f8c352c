public import Core

/// The answer to a refused gRPC call: status and message as gRPC's own fields in a head without a body ("trailers
/// only"), so that the caller's library shows the reason instead of a failed transport.
public enum GRPCStatus {
    /// The media type of such an answer.
    public static let contentType = "application/grpc"

    /// gRPC's code for a status of HTTP, by gRPC's own table for proxies ("HTTP to gRPC Status Code Mapping").
    public static func code(of status: UInt16) -> Int {
        switch status {
        case 400, 431: 13  // INTERNAL
        case 401: 16  // UNAUTHENTICATED
        case 403: 7  // PERMISSION_DENIED
        case 404: 12  // UNIMPLEMENTED
        case 413: 8  // RESOURCE_EXHAUSTED
        case 429, 502, 503, 504: 14  // UNAVAILABLE
        default: 2  // UNKNOWN
        }
    }

    /// Appends `grpc-status` and `grpc-message`, lines with their ends; the message is the reason's code and its
    /// summary, percent-encoded as gRPC asks.
    public static func append(_ reason: ReasonCode, to bytes: inout [UInt8]) {
        bytes += Array("Grpc-Status: \(code(of: reason.status))\r\nGrpc-Message: ".utf8)
        for byte in "\(reason.code): \(reason.summary)".utf8 {
            if (0x20...0x7E).contains(byte), byte != 0x25 {
                bytes.append(byte)
            } else {
                bytes.append(0x25)
                bytes += [byte >> 4, byte & 15].map { $0 < 10 ? 0x30 + $0 : 0x37 + $0 }
            }
        }
        bytes += Array("\r\n".utf8)
    }
}
