import CXMLSec

/// Raw DEFLATE (RFC 1951), as the Redirect binding has it.
enum Deflate {
    /// Inflates up to the bound of a message, and never further.
    static func inflate(_ octets: [UInt8]) throws(SAMLRefusal) -> [UInt8] {
        let bound = XMLBounds.message.bytes
        var output = [UInt8](repeating: 0, count: bound)
        var count = 0
        // `output` has as many bytes as are told.
        let result = unsafe gh_inflate(octets, octets.count, &output, output.count, &count)
        switch Int(result) {
        case Int(GH_INFLATED): return Array(output[..<count])
        case Int(GH_DEFLATE_TOO_LONG):
            throw SAMLRefusal(.messageTooLarge, "the message inflates to more than \(bound) bytes")
        default: throw SAMLRefusal(.deflateMalformed, "the message cannot be inflated")
        }
    }

    static func deflate(_ octets: [UInt8]) -> [UInt8] {
        // What does not compress grows by five bytes for each 16 KiB, and a few.
        var output = [UInt8](repeating: 0, count: octets.count + octets.count / 1024 + 64)
        var count = 0
        let result = unsafe gh_deflate(octets, octets.count, &output, output.count, &count)
        precondition(result == 1, "the host's zlib failed")
        return Array(output[..<count])
    }
}
