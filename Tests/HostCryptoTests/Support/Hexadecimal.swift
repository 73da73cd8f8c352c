import Core

/// The bytes of a hexadecimal text that the test itself wrote.
func bytes(_ hexadecimal: String) -> [UInt8] {
    let digits = hexadecimal.utf8.compactMap(ASCII.hexadecimalValue)
    return stride(from: 0, to: digits.count - 1, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
}

/// A secret with those bytes.
func secret(_ bytes: [UInt8]) -> SecretBytes { SecretBytes(copying: bytes) }
