public import Core

extension SecretInput {
    /// A password from standard input.
    /// - Throws: `OperatorFault` where there is none, one longer than any password, or one that nobody could type.
    public static func password() throws(OperatorFault) -> SecretBytes {
        guard var octets = octets() else {
            throw OperatorFault(
                .badData, "standard input has more bytes than a password may have, or cannot be read")
        }
        guard !octets.isEmpty else {
            throw OperatorFault(.badData, "standard input is empty; --password-stdin reads the password from it")
        }
        // A file of several lines, or one that an editor of another system wrote, is hardly what was meant, and nobody
        // could type it.
        guard octets.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
            Wiping.wipe(&octets)
            throw OperatorFault(
                .badData,
                "standard input has more than one line, or a control character; a password is one line, whose end does not count"
            )
        }
        return SecretBytes(wiping: &octets)
    }
}
